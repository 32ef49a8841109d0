import json

import pandas as pd
import pytest

from crm.charts import aggregated as charts
from crm.charts.theme import AMBER, BRICK, EVERGREEN, SLATE

FIT = pd.DataFrame(
    {
        "period": ["Year 1"] * 3 + ["Year {2}"] * 3,
        "x": [0, 1, 2] * 2,
        "actual": [500, 300, 200, 700, 200, 100],
        "expected": [510.5, 290, 199.5, 690, 205, 105],
    }
)
WINDOW = pd.DataFrame(
    {
        "n": [0, 1, 2],
        "dead_before": [0.5, 0, 0],
        "alive_throughout": [0.1, 0.15, 0.1],
        "dies_inside": [0.05, 0.06, 0.04],
        "probability": [0.65, 0.21, 0.14],
    }
)
ORDERS = pd.DataFrame(
    {
        "period": ["Year 1", "Year 2", "Year 3"],
        "actual": [1.5, 0.9, None],
        "expected": [1.45, 0.95, 0.7],
        "lower": [1.4, 0.9, 0.6],
        "upper": [1.5, 1.0, 0.8],
    }
)
STEPS = pd.DataFrame(
    {
        "step": ["first_order", "orders_if_all_stayed", "lost_by_leaving", "value"],
        "amount": [30.0, 500.0, 300.0, 230.0],
        "kind": ["adds", "adds", "takes", "result"],
    }
)


def test_each_period_has_its_own_panel_of_facts_and_marks():
    figure = charts.class_fit(FIT, or_more=True)
    facts, marks, later, _ = figure.data
    assert (list(facts.y), list(later.y)) == ([500, 300, 200], [700, 200, 100])
    assert list(marks.y) == [510.5, 290, 199.5]
    assert (facts.yaxis, later.yaxis) == ("y", "y2")
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1], "the first period is on top"
    assert list(facts.customdata[1]) == ["Year 1", 1]
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert "&#123;2&#125;" in figure.layout.annotations[1].text


@pytest.mark.parametrize(("or_more", "name"), [(True, "2+"), (False, "2")])
def test_the_last_class_says_whether_it_holds_more(or_more, name):
    assert charts.class_fit(FIT, or_more).layout.xaxis.ticktext[-1] == name
    assert charts.window_parts(WINDOW, or_more).layout.xaxis.ticktext[-1] == name


def test_a_window_shows_its_three_parts_and_their_sum():
    figure = charts.window_parts(WINDOW)
    gone, there, inside = figure.data
    assert (gone.name, there.name, inside.name) == ("{left_before}", "{there_throughout}", "{left_inside}")
    assert (gone.marker.color, there.marker.color, inside.marker.color) == (SLATE, EVERGREEN, AMBER)
    assert figure.layout.barmode == "stack"
    assert [trace.y[0] for trace in figure.data] == [0.5, 0.1, 0.05]
    assert [note.text for note in figure.layout.annotations] == ["{%0.65}", "{%0.21}", "{%0.14}"]
    assert list(there.customdata) == [0, 1, 2]


def test_periods_ahead_are_lighter_and_stand_after_todays_line():
    figure = charts.orders_ahead(ORDERS)
    facts, model = figure.data
    assert list(facts.y) == [1.5, 0.9]
    assert model.marker.color[0] == model.marker.color[1] == AMBER
    assert model.marker.color[2].startswith("rgba")
    assert list(model.error_y.array) == pytest.approx([0.05, 0.05, 0.1])
    assert list(model.error_y.arrayminus) == pytest.approx([0.05, 0.05, 0.1])
    assert figure.layout.shapes[0].x0 == 1.5
    assert figure.layout.annotations[0].text == "{today}"


def test_without_periods_ahead_there_is_no_line():
    assert not charts.orders_ahead(ORDERS[:2]).layout.shapes


def test_each_step_begins_where_the_one_before_ended():
    (bar,) = charts.value_steps(STEPS).data
    assert list(bar.base) == [0, 30, 230, 0]
    assert list(bar.x) == [30, 500, 300, 230]
    assert list(bar.text) == ["{=30.0}", "{=500.0}", "−{=300.0}", "{=230.0}"]
    assert list(bar.marker.color) == [EVERGREEN, EVERGREEN, BRICK, EVERGREEN]
    assert list(bar.customdata) == STEPS["step"].tolist()


@pytest.mark.parametrize(
    "figure",
    [
        lambda: charts.class_fit(FIT[:0], True),
        lambda: charts.window_parts(WINDOW[:0]),
        lambda: charts.orders_ahead(ORDERS[:0]),
        lambda: charts.value_steps(STEPS[:0]),
    ],
)
def test_nothing_to_draw_is_an_empty_figure(figure):
    assert figure().data == ()


def test_every_figure_can_be_sent_to_the_browser():
    figures = (charts.class_fit(FIT, True), charts.window_parts(WINDOW), charts.orders_ahead(ORDERS), charts.value_steps(STEPS))
    for figure in figures:
        assert "NaN" not in figure.to_json()
        assert json.loads(figure.to_json())["layout"]["height"] > 0
