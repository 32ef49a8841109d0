"""The chances of the open deals and the forecasts that are kept: by the system, once, and never of an earlier day."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.bulk import bulk_insert
from crm.errors import CrmError
from crm.jobs import deals as run_deals
from crm.jobs import forecast as run_forecast
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands import Winning, edit_opportunity, win
from crm.pipeline.commands.deals import OpportunityDetails
from crm.pipeline.commands.scoring import score_deals
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import ForecastRecord, ForecastSnapshot, Opportunity, StageEvent
from crm.pipeline.periods import before, span
from crm.pipeline.queries import outlook as asked
from crm.pipeline.queries import pipelines, snapshot_days
from crm.session import get, open_as
from tests.factories import TODAY, an_opportunity

QUARTER = span("quarter", TODAY)


def ago(days):
    return TODAY - dt.timedelta(days)


def many_deals(person, customer, stages, sides=130):
    """Decided: a website's are won, a call's are lost; as many open ones of each, all in the second stage for ten days."""
    with open_as(SYSTEM) as session:
        pipeline = int(pipelines(session)["id"][0])
        rows = pd.DataFrame({"n": range(sides * 2 + 20)})
        won = rows["n"] % 2 == 0
        is_open = rows["n"] >= sides * 2
        begun = [pd.Timestamp(ago(20 if one else 30 + n % 60)) for n, one in zip(rows["n"], is_open, strict=True)]
        state = pd.Series("won", index=rows.index).where(won, "lost").where(~is_open, "open")
        constants = {"board_id": person.board_id, "owner_id": person.id, "team_id": person.unit_id, "pipeline_id": pipeline}
        constants |= {"customer_id": customer.id, "stage_id": stages["follow_up"], "amount": 1_000_000}
        constants |= {"forecast_category": "commit", "expected_close_on": pd.Timestamp(TODAY)}
        made = rows.assign(
            number=rows["n"].map("T{:05}".format), name=rows["n"].map("Deal {}".format), state=state, created_on=begun,
            stage_since=begun, closed_on=(pd.Series(begun) + pd.Timedelta(days=25)).where(~is_open),
            source=pd.Series("website", index=rows.index).where(won | (rows["n"] % 10 == 1), "cold_call"),
            criteria_met=[[]] * len(rows), win_reasons=[[]] * len(rows), custom=[{}] * len(rows), **constants,
        ).drop(columns="n")  # fmt: skip
        ids = bulk_insert(session, Opportunity, made)
        events = [{"opportunity_id": ids, "at": made["created_on"], "state": "open"}]
        events.append({"opportunity_id": ids, "at": made["closed_on"], "state": state})
        moved = pd.concat([pd.DataFrame(one) for one in events], ignore_index=True)
        moved = moved[moved["at"].notna()].assign(to_stage_id=stages["follow_up"], by_id=0)
        bulk_insert(session, StageEvent, moved)
    return len(rows)


def chances():
    with open_as(SYSTEM) as session:
        query = select(Opportunity.source, Opportunity.win_probability, Opportunity.win_reasons, Opportunity.version)
        return session.execute(query.where(Opportunity.state == "open")).all()


def test_open_deals_get_their_chance_and_its_reasons(people, customer, stages):
    many_deals(people.anna, customer, stages)
    assert run_deals() == {"open": 20, "modelled": 20}
    found = chances()
    by_source = {one.source: one.win_probability for one in found}
    assert by_source["website"] > by_source["cold_call"] + 0.4
    assert {one.win_reasons[0][0] for one in found} == {"source"}
    assert {one.version for one in found} == {1}  # derived: a stale save is no reason to refuse a person
    assert run_deals(TODAY)["open"] == 20 and run_deals(ago(1)) == {"open": 0, "modelled": 0}
    with open_as(people.dana.actor) as session:
        told = asked.model_of(session, people.anna.board_id)
    assert told["brier"] < told["brier_base"] and next(iter(told["weights"])) == "source"


def test_with_few_deals_the_base_rate_of_the_stage_holds(people, customer, stages):
    deal = an_opportunity(people.anna, customer, win_probability=0.9, win_reasons=[["source", 1.0]])
    assert run_deals() == {"open": 1, "modelled": 0}
    assert [(one.win_probability, one.win_reasons) for one in chances()] == [(None, [])]
    with open_as(people.anna.actor) as session:
        assert asked.chances(session, OpportunityFilter())[["id", "probability", "by_model"]].values.tolist() == [
            [deal.id, 0.05, False]
        ]
        assert asked.model_of(session, people.anna.board_id)["refusal"][1] == {"count": 0, "least": 50}


def test_nobody_scores_by_himself(people, customer, stages):
    an_opportunity(people.anna, customer)
    with pytest.raises(CrmError), open_as(people.dana.actor) as session:
        score_deals(session, people.anna.board_id)


def test_snapshots_are_kept_once_a_week(people, customer, stages):
    an_opportunity(people.anna, customer, amount=Decimal(1000), expected_close_on=TODAY)
    assert run_forecast() == {"deals": 1, "forecasts": 2}
    assert run_forecast() == {"deals": 0, "forecasts": 0}
    assert run_forecast(ago(7)) == {"deals": 0, "forecasts": 0}
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY + dt.timedelta(7)))
    assert run_forecast() == {"deals": 1, "forecasts": 2}
    with open_as(people.anna.actor) as session:
        assert snapshot_days(session) == [TODAY + dt.timedelta(7), TODAY]
        assert session.scalars(select(ForecastRecord)).all() == []  # of the whole board: not a rep's
    with open_as(people.dana.actor) as session:
        assert len(session.scalars(select(ForecastRecord)).all()) == 4
    with open_as(people.chen.actor) as session:
        assert snapshot_days(session) == [] and session.scalars(select(ForecastSnapshot)).all() == []


def test_what_changed_since_the_snapshot_adds_up(people, customer, stages):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=ago(7)))
    make = lambda **more: an_opportunity(people.anna, customer, expected_close_on=TODAY, **more)  # noqa: E731
    won, grows = make(amount=Decimal(1000)), make(amount=Decimal(2000))
    long_won = make(amount=Decimal(500), created_on=ago(80))
    with open_as(people.anna.actor) as session:
        win(session, long_won.id, Winning(reason="price", closed_on=ago(60)))
    run_forecast()
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    new = make(amount=Decimal(300))
    with open_as(people.anna.actor) as session:
        win(session, won.id, Winning(reason="price"))
        deal = get(session, Opportunity, grows.id)
        details = OpportunityDetails(name=deal.name, customer_id=customer.id, amount=Decimal(4000), expected_close_on=TODAY)
        edit_opportunity(session, grows.id, details, deal.version)
    with open_as(people.anna.actor) as session:
        found = asked.what_changed(session, ago(7), *QUARTER, OpportunityFilter())
        named = asked.changed_deals(session, {won.id: 950.0, new.id: 15.0})
    assert found.opening == pytest.approx(500 + 0.05 * 3000)
    assert {tuple(row) for row in found.changes.round(6).to_numpy().tolist()} == {
        (won.id, "won", 950.0), (grows.id, "amount_up", 100.0), (new.id, "new", 15.0),
    }  # fmt: skip
    assert found.fall["total"].iloc[-1] == pytest.approx(found.closing) == pytest.approx(500 + 1000 + 0.05 * 4300)
    assert named["id"].tolist() == [won.id, new.id]


def test_the_outlook_of_a_quarter(people, customer, stages):
    make = lambda day, **more: an_opportunity(people.anna, customer, amount=Decimal(1000), expected_close_on=day, **more)  # noqa: E731
    make(TODAY, forecast_category="commit")
    make(ago(5), forecast_category="best_case")
    make(TODAY + dt.timedelta(20))
    done, earlier = make(None), make(None, created_on=ago(120))
    with open_as(people.anna.actor) as session:
        win(session, done.id, Winning(reason="price"))
        win(session, earlier.id, Winning(reason="price", closed_on=ago(100), amount=Decimal(5000)))
        told = asked.outlook(session, *QUARTER, before(QUARTER), OpportunityFilter())
        next_ = span("next_quarter", TODAY)
        ahead = asked.outlook(session, *next_, before(next_), OpportunityFilter())
    assert (told.won, told.weighted, told.commit, told.best_case) == (1000, 1100, 2000, 3000)
    assert (told.before, told.open_amount, told.coverage) == (5000, 2000, 0.5)
    assert told.p10 <= told.p50 <= told.p90 <= 3000
    assert (ahead.won, ahead.weighted, ahead.open_deals, ahead.coverage) == (0, 50, 1, 1.0)
    path, later = told.path, ahead.path
    assert path["won"].dropna().iloc[-1] == 1000 and path["p50"].isna().all()
    assert later["day"].max().date() == next_[1] and later["p90"].notna().any()


def test_how_right_it_was(people, customer, stages):
    make = lambda **more: an_opportunity(people.anna, customer, amount=Decimal(1000), **more)  # noqa: E731
    deal = make(created_on=ago(200))
    with open_as(people.anna.actor) as session:
        win(session, deal.id, Winning(reason="price", closed_on=dt.date(2026, 3, 15)))
    period = {"period_from": dt.date(2026, 1, 1), "period_to": dt.date(2026, 3, 31), "won": Decimal(0)}
    with open_as(SYSTEM) as session:
        for day, p50 in ((dt.date(2026, 3, 29), 1000), (dt.date(2026, 1, 5), 500)):
            sums = {"p10": Decimal(400), "p50": Decimal(p50), "p90": Decimal(1200), "weighted": Decimal(900)}
            placed = {"board_id": people.anna.board_id, "team_id": people.anna.board_id, "taken_on": day}
            session.add(ForecastRecord(**placed, **period, **sums, commit=Decimal(0), best_case=Decimal(0)))
    with open_as(people.dana.actor) as session:
        table = asked.accuracy(session, (people.anna.board_id,))
        assert table[["days_before", "error", "inside"]].values.tolist() == [["0-7", 0.0, 1.0], ["61+", -0.5, 1.0]]
        assert len(asked.told_before(session, (people.anna.board_id,), dt.date(2026, 1, 1))) == 2
    with open_as(people.chen.actor) as session:
        assert asked.accuracy(session, (people.anna.board_id,)).empty


def test_spans():
    day = dt.date(2026, 11, 22)
    assert span("quarter", day) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert span("next_quarter", day) == (dt.date(2027, 1, 1), dt.date(2027, 3, 31))
    assert span("month", day) == (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert before(span("year", day)) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert before(span("month", dt.date(2026, 3, 5))) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
