import pandas as pd
import pytest

from crm.charts import concentration

CURVE = pd.DataFrame({"share_customers": [0, 0.25, 0.5, 0.75, 1.0], "share_revenue": [0, 0.05, 0.15, 0.35, 1.0]})
DECILES = pd.DataFrame(
    {
        "decile": [1, 2, 3],
        "revenue": [600.0, 300.0, 100.0],
        "share_revenue": [0.6, 0.3, 0.1],
        "orders_per_customer": [9.0, 4.2, 1.0],
    }
)
STANDING = pd.DataFrame(
    [("top", "top", 6, 600.0, 0.6), ("top", "gone", 4, 0.0, 0.0), ("joined", "below", 30, 400.0, 0.4)],
    columns=["was", "now", "customers", "revenue_after", "share_after"],
)
CHANGE = pd.DataFrame(
    [("before", 100.0), ("lost", -30.0), ("kept", 10.0), ("joined", 45.0), ("after", 125.0)], columns=["step", "amount"]
)


def test_lorenz_fills_and_names_what_the_top_brings():
    figure = concentration.lorenz(CURVE, 0.2, 0.7)
    equal, filled, line, point = figure.data
    assert (list(equal.x), list(equal.y)) == ([0, 1], [0, 1])
    assert filled.x[0] == pytest.approx(0.8) and filled.y[0] == pytest.approx(0.3)
    assert min(filled.x) >= 0.75 and list(line.customdata) == CURVE["share_customers"].tolist()
    assert (point.x[0], point.y[0]) == (pytest.approx(0.8), pytest.approx(0.3))
    assert figure.layout.annotations[0].text == "{top} 20%: <b>{%0.7}</b>"


def test_the_top_deciles_are_strong_and_carry_their_share():
    (bar,) = concentration.decile_columns(DECILES, "revenue", top=2).data
    assert list(bar.text) == ["{%0.6}", "{%0.3}", "{%0.1}"]
    assert bar.marker.color[0] == bar.marker.color[1] != bar.marker.color[2]
    assert list(bar.customdata) == [1, 2, 3]
    (bar,) = concentration.decile_columns(DECILES, "orders_per_customer").data
    assert list(bar.text) == ["9.0", "4.2", "1.0"]


def test_standing_colours_by_the_share_of_the_row_and_writes_customers_and_revenue():
    heat, clear = concentration.standing(STANDING).data
    assert [list(row) for row in heat.z] == [[0.6, None, 0.4], [None, None, None], [None, 1.0, None]]
    assert heat.text[0][0] == "<b>6</b><br>{=600.0} · {%0.6}"
    assert heat.text[0][2] == "<b>4</b>"
    assert clear.type == "bar", "a heat map tells no selection"
    assert [list(one) for one in clear.customdata] == [["top", "top"], ["top", "gone"], ["joined", "below"]]
    assert (clear.x[2], clear.base[2]) == (1, 1.5)


def test_the_change_leads_from_one_total_to_the_next():
    figure = concentration.revenue_change(CHANGE)
    (bar,) = figure.data
    assert list(bar.base) == [0, 70, 70, 80, 0]
    assert list(bar.y) == [100, 30, 10, 45, 125]
    assert list(bar.text) == ["{=100.0}", "−{=30.0}", "+{=10.0}", "+{=45.0}", "{=125.0}"]
    assert bar.marker.color[1] != bar.marker.color[2] == bar.marker.color[3]
    assert list(figure.layout.xaxis.ticktext)[1] == "{lost_customers}"
    assert list(bar.customdata) == list(concentration.STEPS)


def test_nothing_to_draw_is_an_empty_figure():
    figures = [
        concentration.lorenz(CURVE[:0], 0.2, 0),
        concentration.decile_columns(DECILES[:0], "revenue"),
        concentration.standing(STANDING[:0]),
        concentration.revenue_change(CHANGE[:0]),
    ]
    assert [figure.data for figure in figures] == [()] * 4
