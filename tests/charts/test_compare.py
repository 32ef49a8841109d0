import json
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from crm import charts
from crm.charts.theme import EVERGREEN, colour_of

REGIONS = pd.DataFrame(
    {"region": ["North", "South <b>", "West {x}"], "revenue": [Decimal("1200.50"), Decimal("-300"), Decimal("0")]}
)
MONTHS = pd.DataFrame(
    {
        "month": [date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)],
        "revenue": [100.0, 250.0, 30.0],
        "revenue_before": [90.0, None, 60.0],
    }
)
STATES = pd.DataFrame({"life_cycle": ["active", "dormant", "lost"], "customers": [80, 15, 5]})


def test_bars_show_each_value_and_name():
    (bar,) = charts.bars(REGIONS, "region", "revenue").data
    assert list(bar.x) == [1200.5, -300, 0]
    assert list(bar.text) == ["{=1200.5}", "{=-300.0}", "{=0.0}"]
    assert list(bar.customdata) == ["North", "South <b>", "West {x}"]
    assert bar.marker.color == EVERGREEN


def test_bars_read_markup_and_braces_of_a_name_as_text():
    axis = charts.bars(REGIONS, "region", "revenue").layout.yaxis
    assert list(axis.ticktext) == ["North", "South &lt;b&gt;", "West &#123;x&#125;"]
    assert axis.autorange == "reversed"


def test_bars_shorten_a_long_name_on_the_axis_only():
    long = pd.DataFrame({"region": ["An endless name of a region in the west"], "revenue": [1]})
    figure = charts.bars(long, "region", "revenue")
    assert figure.layout.yaxis.ticktext == ("An endless name of a regi…",)
    assert figure.data[0].hovertext == ("An endless name of a region in the west",)


def test_bars_of_codes_have_their_fixed_colours():
    figure = charts.bars(STATES, "life_cycle", "customers", "life_cycle")
    assert list(figure.data[0].marker.color) == [colour_of("life_cycle", code) for code in ("active", "dormant", "lost")]
    assert list(figure.layout.yaxis.ticktext) == ["{active}", "{dormant}", "{lost}"]


def test_columns_put_the_compared_year_behind_as_an_outline():
    before, now = charts.columns(MONTHS, "month", "revenue", "revenue_before").data
    assert (before.name, now.name) == ("{revenue_before}", "{revenue}")
    assert list(now.y) == [100, 250, 30]
    assert before.width > now.width
    assert before.marker.line.width == 1
    assert list(now.customdata) == list(before.customdata) == ["2024-11-01", "2024-12-01", "2025-01-01"]


def test_columns_say_both_amounts_on_either_bar():
    before, now = charts.columns(MONTHS, "month", "revenue", "revenue_before").data
    assert now.hovertext[0] == "<b>2024-11</b><br>{revenue}: 100.00<br>{revenue_before}: 90.00"
    assert now.hovertext[1] == "<b>2024-12</b><br>{revenue}: 250.00"
    assert before.hovertext == now.hovertext


def test_columns_name_the_year_once():
    figure = charts.columns(MONTHS, "month", "revenue")
    assert len(figure.data) == 1
    assert figure.layout.xaxis.ticktext == ("{Nov}<br>2024", "{Dec}", "{Jan}<br>2025")
    assert figure.layout.yaxis.range[0] == 0


@pytest.mark.parametrize(("months", "shown"), [(8, 8), (13, 7), (24, 8), (48, 8), (120, 10)])
def test_columns_thin_out_the_names_of_months(months, shown):
    frame = pd.DataFrame({"month": pd.date_range("2015-01-01", periods=months, freq="MS"), "revenue": 1.0})
    assert len(charts.columns(frame, "month", "revenue").layout.xaxis.ticktext) == shown


def test_share_names_a_part_inside_where_it_has_room():
    parts = charts.share(STATES, "life_cycle", "customers", "life_cycle").data
    assert [part.x[0] for part in parts] == [0.8, 0.15, 0.05]
    assert [part.text[0] for part in parts] == ["<b>{active}</b><br>{%0.8}", "<b>{dormant}</b><br>{%0.15}", ""]
    assert [part.showlegend for part in parts] == [False, False, True]
    assert [part.customdata[0] for part in parts] == ["active", "dormant", "lost"]


def test_bullet_draws_value_target_and_comparison():
    band, bar, tick = charts.bullet(8.2, 9, 7.1, "revenue").data
    assert (band.x[0], bar.x[0], tick.x[0]) == (7.1, 8.2, 9)
    assert tick.marker.symbol == "line-ns-open"
    assert len(charts.bullet(8.2, None).data) == 1


def test_trend_labels_its_last_point():
    line, last = charts.trend(MONTHS, "month", "revenue").data
    assert list(line.y) == [100, 250, 30]
    assert (list(last.y), list(last.text), list(last.customdata)) == ([30], ["{=30.0}"], ["2025-01-01"])


@pytest.mark.parametrize(
    "figure",
    [
        lambda: charts.bars(REGIONS[:0], "region", "revenue"),
        lambda: charts.columns(MONTHS[:0], "month", "revenue", "revenue_before"),
        lambda: charts.share(STATES[:0], "life_cycle", "customers", "life_cycle"),
        lambda: charts.share(STATES.assign(customers=0), "life_cycle", "customers"),
        lambda: charts.trend(MONTHS[:0], "month", "revenue"),
    ],
)
def test_nothing_to_draw_is_an_empty_figure(figure):
    drawn = figure()
    assert drawn.data == ()
    assert drawn.layout.xaxis.visible is False
    assert json.loads(drawn.to_json())["layout"]["height"] > 0


def test_every_figure_can_be_sent_to_the_browser():
    for figure in (
        charts.bars(REGIONS.assign(revenue=[1, None, 2]), "region", "revenue"),
        charts.columns(MONTHS, "month", "revenue", "revenue_before"),
        charts.share(STATES, "life_cycle", "customers"),
        charts.bullet(Decimal("-3"), Decimal("4")),
        charts.trend(MONTHS, "month", "revenue_before"),
    ):
        assert "NaN" not in figure.to_json()


def test_a_loss_goes_below_zero():
    figure = charts.columns(MONTHS.assign(revenue=[100, -250, 30]), "month", "revenue")
    assert figure.layout.yaxis.range[0] < -250
    assert 0 in figure.layout.yaxis.tickvals
