import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from crm.charts import models, worth
from crm.charts.theme import EVERGREEN, NEUTRAL, faint

RANKING = pd.DataFrame(
    {
        "key": ["pareto_nbd", "nbd", "same_rate", "bg_nbd"],
        "name": ["Pareto/NBD", "NBD", "Same <b> rate", "BG/NBD"],
        "kind": ["model", "model", "rule", "model"],
        "chosen": [True, False, False, False],
        "rmse": [1.604, 1.8, 2.25, None],
    }
)
PARAMETERS = pd.DataFrame(
    {"parameter": ["r", "α", "s"], "estimate": [0.5, 10.0, 2.0], "lower": [0.25, 8.0, np.nan], "upper": [1.0, 12.5, np.nan]}
)
WEEKS = pd.DataFrame(
    {
        "ends_on": [date(1997, 1, 7), date(1997, 1, 14), date(1997, 1, 21)],
        "calibration": [True, True, False],
        "actual": [3, 5, 4],
        "expected": [2.5, 4.5, 5.0],
        "actual_cumulative": [3, 8, 12],
        "expected_cumulative": [2.5, 7.0, 12.0],
    }
)
FREQUENCIES = pd.DataFrame({"frequency": [0, 1, 2], "actual": [60, 25, 15], "expected": [58.5, 27.0, 14.5]})
AFTERWARDS = FREQUENCIES[["frequency"]].assign(customers=[60, 25, 15], actual=[0.2, 0.6, 2.0], expected=[0.1, 0.7, 1.9])
BINS = pd.DataFrame(
    {
        "lower": [0.1, 0.7],
        "upper": [0.2, 0.8],
        "customers": [100, 4],
        "expected": [0.15, 0.74],
        "actual": [0.12, 1.0],
        "error_of_actual": [0.036, 0.22],
    }
)
CURVES = pd.DataFrame({"level": [10.0, 10.0, 50.0, 50.0], "frequency": [1, 2, 1, 2], "recency": [20.0, 30.0, 60.0, 55.0]})
PLACES = pd.DataFrame({"frequency": [0, 2], "low": [0.0, 30.0], "high": [3.0, 33.0], "customers": [900, 9]})
GRID = pd.DataFrame(
    {
        "frequency": [0, 1, 1],
        "low": [0.0, 0.0, 26.0],
        "high": [26.0, 26.0, 52.0],
        "value": [0.4, 0.125, 0.95],
        "customers": [700, 30, 5],
    }
)
LINES = pd.DataFrame({"frequency": [1, 1, 8, 8], "observed": [0.0, 100.0] * 2, "expected": [15.0, 70.0, 3.0, 97.0]})
DOTS = pd.DataFrame({"customer_id": [7, 9], "observed": [20.0, 80.0], "expected": [25.0, 60.0]})


def test_ranking_marks_the_chosen_model_and_greys_the_rules():
    (bar,) = models.ranking(RANKING, "rmse").data
    assert list(bar.x) == [1.604, 1.8, 2.25, None]
    assert list(bar.text) == ["1.604", "1.800", "2.250", "–"]
    chosen, other, rule, _ = bar.marker.color
    assert (chosen, other, rule) == (EVERGREEN, faint(EVERGREEN, 0.5), faint(NEUTRAL, 0.55))
    assert list(bar.customdata) == ["pareto_nbd", "nbd", "same_rate", "bg_nbd"]
    assert models.ranking(RANKING, "rmse").layout.yaxis.ticktext[2] == "Same &lt;b&gt; rate"


def test_intervals_are_multiples_of_their_estimate():
    figure = models.parameter_intervals(PARAMETERS)
    (dots,) = figure.data
    assert list(dots.x) == [1, 1]
    assert list(dots.error_x.array) == pytest.approx([1.0, 0.25])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.5, 0.2])
    assert list(figure.layout.yaxis.ticktext) == ["r", "α"]
    low, high = figure.layout.xaxis.range
    assert low < np.log10(0.5) and high > np.log10(2)


def test_tracking_draws_facts_dark_forecasts_lighter_and_the_cut_off():
    figure = models.tracking(WEEKS, cumulative=False)
    said, facts = figure.data
    assert (said.name, facts.name) == ("{expected}", "{actual}")
    assert (facts.line.color, facts.line.dash) == (EVERGREEN, None)
    assert (said.line.color, said.line.dash) == (faint(EVERGREEN, 0.5), "dash")
    assert list(facts.y) == [3, 5, 4]
    assert list(facts.customdata) == ["1997-01-07", "1997-01-14", "1997-01-21"]
    assert [line.x0 for line in figure.layout.shapes] == ["1997-01-14"]
    assert figure.layout.shapes[0].line.width == 1


def test_tracking_adds_up():
    said, facts = models.tracking(WEEKS, cumulative=True).data
    assert (list(facts.y), list(said.y)) == ([3, 8, 12], [2.5, 7, 12])


def test_frequencies_end_with_everybody_above():
    actual, expected = models.frequency_columns(FREQUENCIES).data
    assert list(actual.x) == ["0", "1", "2+"]
    assert (list(actual.y), list(expected.y)) == ([60, 25, 15], [58.5, 27, 14.5])
    assert (actual.marker.color, expected.marker.color) == (EVERGREEN, faint(EVERGREEN, 0.5))
    assert list(actual.customdata) == [0, 1, 2]


def test_conditional_expectations_say_of_how_many():
    expected, actual = models.conditional_expectations(AFTERWARDS).data
    assert list(actual.y) == [0.2, 0.6, 2.0]
    assert list(expected.y) == [0.1, 0.7, 1.9]
    assert [list(pair) for pair in actual.customdata] == [[0, 60], [1, 25], [2, 15]]


def test_reliability_has_whiskers_and_the_line_of_agreement():
    agree, dots = models.reliability(BINS).data
    assert (list(agree.x), list(agree.y)) == ([0, 1], [0, 1])
    assert (list(dots.x), list(dots.y)) == ([0.15, 0.74], [0.12, 1.0])
    assert list(dots.error_y.array) == pytest.approx([0.072, 0.44])
    assert dots.marker.size[0] > dots.marker.size[1] >= 6
    assert [list(one) for one in dots.customdata] == [[0.1, 0.2, 100], [0.7, 0.8, 4]]


def test_a_line_of_equal_value_is_labelled_where_it_turns():
    places, ten, fifty = worth.iso_value(CURVES, PLACES).data
    assert list(places.x) == [1.5, 31.5]
    assert [list(one) for one in places.customdata] == [[0, 0, 3, 900], [2, 30, 33, 9]]
    assert (list(ten.text), list(fifty.text)) == (["{=10.0}", ""], ["", "{=50.0}"])
    assert (list(ten.x), list(ten.y)) == ([20, 30], [1, 2])
    assert ten.line.color != fifty.line.color


def test_a_cell_of_a_history_leads_to_its_customers():
    heat, clicks = worth.history_heat(GRID, as_share=True).data
    assert (list(heat.x), list(heat.y)) == (["0–26", "26–52"], ["0", "1"])
    assert [list(row) for row in heat.z] == [[0.4, None], [0.125, 0.95]]
    assert [list(row) for row in heat.text] == [["40%", ""], ["12%", "95%"]]
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert [list(one) for one in clicks.customdata] == [[0, 0, 26, 700], [1, 0, 26, 30], [1, 26, 52, 5]]
    assert (list(clicks.x), list(clicks.y)) == (["0–26", "0–26", "26–52"], ["0", "1", "1"])


def test_expected_orders_are_written_with_a_decimal():
    heat, _ = worth.history_heat(GRID.assign(value=[1.25, 0.5, 8.04]), as_share=False).data
    assert [list(row) for row in heat.text] == [["1.2", ""], ["0.5", "8.0"]]


def test_spend_is_drawn_against_the_line_where_nothing_is_pulled():
    agree, dots, one, eight = worth.spend_regression(LINES, DOTS).data
    assert (list(agree.x), list(agree.y)) == ([0, 100], [0, 100])
    assert list(dots.customdata) == [7, 9]
    assert (list(one.y), list(eight.y)) == ([15, 70], [3, 97])
    assert (one.text[-1], eight.text[-1]) == ("× 1", "× 8")


ALL = [
    lambda part: models.ranking(RANKING[part], "rmse"),
    lambda part: models.parameter_intervals(PARAMETERS[part]),
    lambda part: models.tracking(WEEKS[part], cumulative=True),
    lambda part: models.frequency_columns(FREQUENCIES[part]),
    lambda part: models.conditional_expectations(AFTERWARDS[part]),
    lambda part: models.reliability(BINS[part]),
    lambda part: worth.iso_value(CURVES[part], PLACES[part]),
    lambda part: worth.history_heat(GRID[part], as_share=True),
    lambda part: worth.spend_regression(LINES[part], DOTS[part]),
]


@pytest.mark.parametrize("figure", ALL)
def test_nothing_to_draw_is_an_empty_figure(figure):
    drawn = figure(slice(0, 0))
    assert drawn.data == ()
    assert json.loads(drawn.to_json())["layout"]["height"] > 0


@pytest.mark.parametrize("figure", ALL)
def test_every_figure_can_be_sent_to_the_browser(figure):
    assert "NaN" not in figure(slice(None)).to_json()
