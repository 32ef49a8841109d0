import pandas as pd
import pytest

from crm.charts import churn
from crm.charts.theme import BRICK, EVERGREEN, SLATE

REASONS = pd.DataFrame(
    {"reason": ["price", "not_asked"], "name": ["Price {x}", "not asked yet"], "customers": [3, 9], "worth": [120.5, None]}
)
PARTS = pd.DataFrame(
    {
        "id": [0, 1, 2],
        "name": ["North <b>", "South", "West"],
        "customers": [100, 100, 10],
        "stopped": [60, 5, 3],
        "rate": [0.6, 0.05, 0.3],
        "low": [0.5, 0.02, 0.1],
        "high": [0.69, 0.11, 0.6],
        "share": [0.48, 0.48, 0.04],
    }
)
MONTHS = pd.DataFrame(
    {"period": pd.to_datetime(["2026-01-01", "2026-02-01"]), "dormant": [3, 1], "lost": [2, 0], "back": [0, 4], "worth": [5.0, 0]}
)
TRIAL = pd.DataFrame(
    {
        "cutoff": pd.to_datetime(["2025-01-01", "2025-07-01"] * 2),
        "contender": ["bg_nbd", "bg_nbd", "silent.180", "silent.180"],
        "kind": ["model", "model", "rule", "rule"],
        "brier": [0.1, 0.2, 0.4, 0.3],
    }
)


def test_reasons_say_customers_and_worth_and_lead_to_the_code():
    (bar,) = churn.reasons(REASONS, "name", "reason").data
    assert bar.x[0] == 3
    assert list(bar.customdata) == ["price", "not_asked"]
    assert list(bar.text) == ["<b>{=3.0}</b> · {=120.5}", "→ <b>{=9.0}</b>"]
    assert bar.hovertext[1] == "<b>not asked yet</b><br>{customers}: 9"


def test_what_nobody_was_asked_does_not_make_the_others_slivers():
    (bar,) = churn.reasons(REASONS, "name", "reason").data
    assert bar.x[1] == pytest.approx(3 * churn.CUT)
    (whole,) = churn.reasons(REASONS.assign(customers=[3, 4]), "name", "reason").data
    assert list(whole.x) == [3, 4] and whole.text[1] == "<b>{=4.0}</b>"


def test_what_nobody_was_asked_is_an_outline():
    (bar,) = churn.reasons(REASONS, "name", "reason").data
    assert list(bar.marker.line.width) == [0, 1]
    assert bar.marker.color[0] == EVERGREEN != bar.marker.color[1]


def test_names_are_text_and_no_markup():
    axis = churn.reasons(REASONS, "name", "reason").layout.yaxis
    assert axis.ticktext[0] == "Price &#123;x&#125;"
    assert churn.composition(PARTS, "name", "id", 0.3).layout.yaxis.ticktext[0] == "North &lt;b&gt;"


def test_only_what_leaves_the_rate_of_all_out_is_coloured():
    base, points = churn.composition(PARTS, "name", "id", 0.3).data
    assert list(points.marker.color) == [BRICK, EVERGREEN, SLATE]
    assert list(base.x) == [0.48, 0.48, 0.04]
    assert list(points.customdata) == list(base.customdata) == [0, 1, 2]


def test_the_interval_and_the_rate_of_all_are_drawn():
    figure = churn.composition(PARTS, "name", "id", 0.3)
    points = figure.data[1]
    assert list(points.error_x.array) == pytest.approx([0.09, 0.06, 0.3])
    assert list(points.error_x.arrayminus) == pytest.approx([0.1, 0.03, 0.2])
    assert figure.layout.shapes[0].x0 == 0.3
    assert figure.layout.annotations[0].text == "{all} {%0.3}"


def test_movement_has_a_bar_for_each_step_and_leads_to_month_and_step():
    dormant, lost, back = churn.movement(MONTHS).data
    assert [bar.name for bar in (dormant, lost, back)] == ["{became_dormant}", "{became_lost}", "{came_back}"]
    assert list(back.y) == [0, 4]
    assert list(lost.customdata[0]) == ["2026-01-01", "lost"]


def test_the_model_is_the_thick_line():
    model, rule = churn.trial(TRIAL, "brier", {"bg_nbd": "BG/NBD", "silent.180": "Silent <180>"}, as_share=False).data
    assert model.line.width > rule.line.width and model.line.color == EVERGREEN != rule.line.color
    assert list(rule.y) == [0.4, 0.3]
    assert rule.name == "Silent &lt;180&gt;"


@pytest.mark.parametrize(
    "empty",
    [
        churn.reasons(REASONS.head(0), "name", "reason"),
        churn.composition(PARTS.head(0), "name", "id", 0.3),
        churn.movement(MONTHS.head(0)),
        churn.trial(TRIAL.head(0), "brier", {}, as_share=True),
    ],
)
def test_nothing_to_draw_is_valid(empty):
    assert not empty.data
