import json

import numpy as np
import pandas as pd
import pytest

from crm.charts import survival as charts

FACTS = pd.DataFrame({"age": [1, 2], "survival": [0.8, 0.7], "retention": [0.8, 0.875], "due": [100, 80]})
COHORTS = pd.DataFrame(
    {"cohort": ["2023", "2023", "2024 {a}"], "age": [1, 2, 1], "survival": [0.75, 0.7, 0.85], "retention": [0.75, 0.93, 0.85]}
)
AGES = np.arange(0, 5, 0.5)


def curve(name, better, value=0.9):
    falling = value**AGES
    band = {"lower": falling * 0.9, "upper": np.minimum(falling * 1.1, 1)}
    return pd.DataFrame({"model": name, "better": better, "age": AGES, "survival": falling, "retention": 0.8 + AGES / 50, **band})


BOTH = pd.concat([curve("sBG", False), curve("BdW", True, 0.85)], ignore_index=True)
NO_MODEL = BOTH[:0]


def named(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


def test_the_curve_goes_on_lighter_behind_todays_line():
    figure = charts.survival_curves(FACTS, COHORTS, BOTH, until=2)
    sbg = [trace for trace in figure.data if trace.legendgroup == "sBG"]
    assert [(max(trace.x), trace.line.dash) for trace in sbg] == [(2, None), (4.5, "dot")]
    assert min(sbg[1].x) == 2, "without a gap"
    assert sbg[1].line.color.startswith("rgba")
    assert figure.layout.shapes[0].x0 == 2
    assert figure.layout.annotations[0].text == "{today}"


def test_the_better_model_is_stronger_and_has_its_band():
    figure = charts.survival_curves(FACTS, COHORTS, BOTH, until=2)
    lines = named(figure)
    assert lines["BdW"].line.width > lines["sBG"].line.width
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert [band.legendgroup for band in bands] == ["BdW"]


def test_a_small_dot_leads_to_its_cohort():
    figure = charts.survival_curves(FACTS, COHORTS, BOTH, until=2)
    dots = named(figure)["{cohort}"]
    assert list(dots.customdata) == ["2023", "2023", "2024 {a}"]
    assert dots.hovertext[2] == "2024 &#123;a&#125;"
    assert list(named(figure)["{actual}"].y) == [0.8, 0.7]


def test_one_cohort_is_not_drawn_twice():
    assert "{cohort}" not in named(charts.survival_curves(FACTS, COHORTS[:2], BOTH, until=2))


def test_facts_stand_without_a_model():
    assert set(named(charts.survival_curves(FACTS, COHORTS, NO_MODEL, until=2))) == {"{actual}", "{cohort}"}


def test_renewal_rates_are_drawn_without_a_band_near_their_values():
    figure = charts.renewal_rates(FACTS, COHORTS, BOTH[BOTH["age"] >= 1], until=2)
    assert list(named(figure)["{actual}"].y) == [0.8, 0.875]
    assert not [trace for trace in figure.data if trace.fill]
    assert 0 < figure.layout.yaxis.range[0] < 0.8


def test_the_worth_of_contracts_has_whiskers():
    frame = pd.DataFrame({"renewals": [0, 1], "value": [400.0, 500.0], "value_low": [380.0, 470.0], "value_high": [430.0, 540.0]})
    (bar,) = charts.contracts_worth(frame).data
    assert list(bar.y) == [400, 500]
    assert list(bar.error_y.array) == [30, 40]
    assert list(bar.error_y.arrayminus) == [20, 30]
    assert list(bar.customdata) == [0, 1]
    assert charts.contracts_worth(frame[:0]).data == ()


@pytest.mark.parametrize("figure", [charts.survival_curves, charts.renewal_rates])
def test_nothing_to_draw_is_an_empty_figure_and_all_else_can_be_sent(figure):
    assert figure(FACTS[:0], COHORTS[:0], NO_MODEL, until=0).data == ()
    drawn = figure(FACTS, COHORTS, BOTH, until=2)
    assert "NaN" not in drawn.to_json()
    assert json.loads(drawn.to_json())["layout"]["height"] > 0
