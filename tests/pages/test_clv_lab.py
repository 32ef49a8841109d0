"""The lab for customers: what an analyst fits, compares and publishes, and what others see of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import lifetimes
import pandas as pd
import pytest

from crm.insight.queries import Population, published_run, purchases, runs
from crm.insight.queries.lab import LabPlan, fit_again, hold_contest, whole_history
from crm.session import open_as
from crm.words import Language
from tests.bases import sell, some_purchases
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/insight/lifetime_value.py"
VIEWS = ("ranking", "parameters", "tracking", "frequency_fit", "conditional", "reliability")
VIEWS += ("iso_value", "p_alive", "expected_orders", "spend")
CUT = dt.date(1997, 9, 30)
BG = {"r": 0.2425945, "α": 4.4136021, "a": 0.7929220, "b": 2.4259067}
PARETO = {"r": 0.5532770, "α": 10.5776822, "s": 0.6062402, "β": 11.6687424}


@pytest.fixture
def cdnow(people) -> None:
    """The sample of the papers as orders of anna's customers. Eight purchases of it were free: `free` counts them."""
    file = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    lines = pd.read_csv(file, sep=r"\s+", names=["number", "customer_id", "date", "discs", "amount"])
    lines["date"] = pd.to_datetime(lines["date"].astype(str))
    sell(lines, people.anna)


def frames(at) -> list[pd.DataFrame]:
    return [one.value for one in at.dataframe]


def written(report: pd.DataFrame) -> dict[str, float]:
    return dict(zip(report["parameter"], report["estimate"].round(7), strict=True))


def test_what_the_page_asks_for_has_the_published_figures(people, cdnow):
    with open_as(people.amir.actor) as session:
        bought = purchases(session, Population(board_id=people.amir.board_id, count_free=True))
    lab = hold_contest(bought, LabPlan(calibration_until=CUT, holdout_days=273))
    assert len(lab.calibration) == 2357 and lab.repeaters == 946
    assert int(lab.calibration["frequency_holdout"].sum()) == 1882
    for name, truth, likelihood in (("bg_nbd", BG, -9582.429207), ("pareto_nbd", PARETO, -9594.976179)):
        fit = lab.fits[name]
        assert fit.report["estimate"].tolist() == pytest.approx(list(truth.values()), rel=1e-6)
        assert f"{fit.log_likelihood:.6f}" == f"{likelihood:.6f}"
        assert fit.diagnosis == "interior"
    assert lab.fits["pareto_nbd"].report["standard_error"].tolist() == pytest.approx(
        [0.047627, 0.842719, 0.187266, 6.210548], rel=2e-4
    )
    today = fit_again("pareto_nbd", whole_history(bought, dt.date(1998, 6, 30)))
    assert today.report["estimate"].tolist() == pytest.approx([0.5630037, 12.5591691, 0.4081073, 10.5145447], rel=1e-5)


def test_the_page_shows_the_published_figures(people, cdnow):
    at = opened(PAGE, people.amir, free="1", view="parameters", model="bg_nbd")
    for model, truth, likelihood in (("bg_nbd", BG, "−9,582.429207"), ("pareto_nbd", PARETO, "−9,594.976179")):
        at.query_params["model"] = model
        at.run()
        assert not at.exception and not at.error
        learned, whole = (frame for frame in frames(at) if "estimate" in frame)
        assert written(learned) == pytest.approx(truth, rel=1e-6)
        assert written(whole) != pytest.approx(truth, rel=1e-3)
        assert f"Log-likelihood {likelihood}" in texts(at)
        assert ": The best parameters are clearly best." in texts(at)
    assert "2,357 customers, 946 of them bought again · learned until 30 Sept 1997, tested until 30 Jun 1998" in texts(at)


def test_models_and_rules_are_compared_and_the_titles_say_what_the_data_say(people, cdnow):
    at = opened(PAGE, people.amir, free="1")
    assert "MBG/NBD forecasts best: " in texts(at) and "1,882 came" in texts(at)
    assert "MBG/NBD is off by 1.607 orders a customer, the best simple rule (Hiatus) by 2.097" in texts(at)
    ranking = frames(at)[0]
    assert set(ranking["name"]) == {"BG/NBD", "MBG/NBD", "Pareto/NBD", "NBD", "Same rate", "Same for all", "Hiatus"}
    assert ranking["rmse"].tolist() == sorted(ranking["rmse"])
    assert set(ranking["total_actual"]) == {1882}
    at.query_params["model"] = "bg_nbd"
    for view, title in TITLES.items():
        at.query_params["view"] = view
        at.run()
        assert [one.message for one in at.exception] == [], view
        assert at.get("plotly_chart"), view
        assert title in texts(at)


TITLES = {
    "tracking": "After the cut-off 1,882 repeat orders came, 1,6",
    "frequency_fit": "1,411 customers bought only once, 1,408 are expected · χ² 4.82, p 0.185",
    "conditional": "Those with 0 repeat orders at the cut-off made 0.24 later ones each; 0.23 expected",
    "reliability": "customers with the best chance (9",
    "iso_value": "Somebody who bought once, 78 weeks ago, is worth CN¥",
    "p_alive": "Probably lost after ",
    "expected_orders": "orders in 36 months, with ",
    "spend": "After one repeat order 59",
}


def test_every_view_stands_in_chinese(people):
    sell(some_purchases(300), people.anna)
    at = opened(PAGE, people.amir, language="zh")
    for view in VIEWS:
        at.query_params["view"] = view
        at.run()
        assert [one.message for one in at.exception] == [], view
        assert english_left(at) <= {name for name, _, _ in UNITS}, view


def test_nothing_is_fitted_before_the_button_and_the_choice_stands_in_the_address(people, cdnow):
    at = opened(PAGE, people.amir, free="1")
    at.multiselect(key="clv.models").set_value(["bg_nbd", "nbd"])
    at.number_input(key="clv.holdout").set_value(26)
    at.number_input(key="clv.margin").set_value(45.0)
    assert "models" not in at.query_params
    next(button for button in at.button if button.label == "Fit").click().run()
    assert not at.exception
    assert at.query_params["models"] == ["bg_nbd", "nbd"]
    assert (at.query_params["holdout"], at.query_params["margin"]) == ("26", "45.0")
    assert "tested until 31 Mar 1998" in texts(at), "the calibration end stays, the test becomes shorter"
    assert {"BG/NBD", "NBD"} <= set(frames(at)[0]["name"]) and "Pareto/NBD" not in set(frames(at)[0]["name"])


def test_a_column_leads_to_its_customers(people, cdnow):
    at = opened(PAGE, people.amir, free="1", view="frequency_fit", model="bg_nbd")
    at.session_state["clv.frequency.chart"] = {
        "selection": {"points": [{"customdata": 5}], "point_indices": [], "box": [], "lasso": []}
    }
    at.run()
    assert not at.exception
    listed = next(frame for frame in frames(at) if "life_cycle" in frame or "name" in frame)
    with open_as(people.amir.actor) as session:
        bought = purchases(session, Population(board_id=people.amir.board_id, count_free=True))
    known = bought[bought["date"] <= pd.Timestamp(CUT)].groupby("customer_id").size()
    assert len(listed) == (known == 6).sum() == 38


def confirm_body(board_id, settings, result):
    from crm.insight.queries import RunSettings
    from crm.ui.insight.clv_publish import confirm

    confirm(board_id, RunSettings.model_validate(settings), result)


def test_an_analyst_publishes_what_the_lab_shows(people, cdnow):
    at = opened(PAGE, people.amir, free="1", model="pareto_nbd", view="parameters", margin="30", discount="15")
    at.button(key="clv.publish").click().run()
    assert not at.exception
    assert "Pareto/NBD will be fitted to all purchases" in texts(at)
    assert "The contest does not name this model" in texts(at)
    settings = {"model": "pareto_nbd", "holdout_days": 273, "margin": 0.3, "annual_discount": 0.15, "count_free": True}
    result = {
        "days": 273,
        "actual": 1882.0,
        "expected": 1790.0,
        "chosen": "pareto_nbd",
        "mae": 0.7,
        "refusal": None,
        "ranking": [],
    }
    at = dialog(confirm_body, people.amir, people.amir.board_id, settings, result)
    assert "In the holdout of 273 days 1,790 repeat orders were expected and 1,882 came." in texts(at)
    assert "does not name" not in texts(at)
    at.button(key="clv.confirm").click().run()
    assert not at.exception and not at.error
    with open_as(people.amir.actor) as session:
        run = published_run(session, people.amir.board_id)
        assert (run.model, run.by_id, run.kind, run.customers) == ("pareto_nbd", people.amir.id, "published", 2357)
        assert run.cutoff_on >= dt.date(1998, 6, 30)
        assert run.holdout["actual"] == 1882
        assert run.settings["annual_discount"] == 0.15
    at = opened(PAGE, people.anna)
    at.session_state["clv.runs"] = True
    at.run()
    assert not at.exception


def test_a_rep_sees_the_lab_over_his_own_customers_and_publishes_nothing(people):
    sell(some_purchases(300), people.anna)
    sell(some_purchases(200, seed=6), people.chen)
    whole = opened(PAGE, people.dana, models="bg_nbd")
    assert "500 customers" in texts(whole) and "clv.publish" in keys(whole)
    for person, count in ((people.anna, 300), (people.chen, 200), (people.ben, 300)):
        at = opened(PAGE, person, models="bg_nbd")
        assert not at.exception
        assert f"{count} customers, " in texts(at)
        assert "clv.publish" not in keys(at)
    assert "customers, " not in texts(opened(PAGE, people.emil)), "another board"


def test_who_may_not_publish_is_refused_behind_the_button_too(people):
    sell(some_purchases(300), people.anna)
    settings = {"model": "bg_nbd", "holdout_days": 100}
    result = {"days": 100, "actual": 1.0, "expected": 1.0, "chosen": "bg_nbd"}
    at = dialog(confirm_body, people.anna, people.anna.board_id, settings, result)
    at.button(key="clv.confirm").click().run()
    assert at.error
    with open_as(people.dana.actor) as session:
        assert runs(session, people.anna.board_id).empty


@pytest.mark.parametrize(
    ("language", "why", "what"),
    [
        ("en", "Not enough repeat buyers: 11.", "Import more orders"),
        ("zh", "复购客户不足：11。", "请导入更多订单"),
    ],
)
def test_too_few_data_are_refused_in_words(people, language: Language, why, what):
    days = [dt.date(2026, 1, 1) + dt.timedelta(7 * week) for week in range(60)]
    once = [(number, days[number % 20], 10.0) for number in range(40)]
    again = [(number, days[number % 20 + 5], 10.0) for number in range(11)]
    bought = pd.DataFrame(once + again, columns=["customer_id", "date", "amount"])
    sell(bought.assign(date=pd.to_datetime(bought["date"])), people.anna)
    at = opened(PAGE, people.amir, language=language, end="2026-05-10")
    assert not at.exception
    assert why in texts(at) and what in texts(at)
    assert not at.get("plotly_chart") and "clv.publish" not in keys(at)
    assert "clv.import" in keys(at)
    at.button(key="clv.import").click().run()
    assert at.title[0].value == ("Import and export" if language == "en" else "导入与导出")


def test_without_purchases_the_page_says_what_to_do(people):
    at = opened(PAGE, people.amir)
    assert not at.exception
    assert "No purchases here yet" in texts(at) and "clv.import" in keys(at)


def test_a_cut_off_before_the_first_purchase_is_put_right(people):
    sell(some_purchases(300), people.anna)
    for end in ("1900-01-01", "2999-01-01", "nonsense"):
        at = opened(PAGE, people.amir, end=end, holdout="9999", horizon="x", models="nbd")
        assert not at.exception and not at.error
        assert "forecasts best" in texts(at) or "No model is named" in texts(at)
