import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from crm.access import SYSTEM
from crm.analytics import funnel, winning
from crm.database import now
from crm.office.commands import LoggedActivity, log_activity
from crm.pipeline import queries
from crm.pipeline.commands import DealAssignment, Losing, Move, Winning, assign, lose, move_opportunity, win
from crm.pipeline.filters import OpportunityFilter
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product, an_opportunity


@pytest.fixture
def deals(people, customer, stages):
    """name -> id: three open ones of anna's, one won, one lost; one of emil's, in the other board"""
    ago = lambda days: TODAY - dt.timedelta(days)  # noqa: E731
    made = {
        "Grand": an_opportunity(people.anna, customer, name="Grand", amount=Decimal(1000), created_on=ago(10), source="website"),
        "Upright": an_opportunity(people.anna, customer, name="Upright", amount=Decimal(300), created_on=ago(40)),
        "Organ": an_opportunity(people.anna, customer, name="Organ", amount=Decimal(500), created_on=ago(50)),
        "Flute": an_opportunity(people.anna, customer, name="Flute", amount=Decimal(40), created_on=ago(60)),
        "Drum": an_opportunity(people.anna, customer, name="Drum", amount=Decimal(70), created_on=ago(60)),
        "Press": an_opportunity(people.emil, a_customer(people.emil), name="Press", amount=Decimal(9000), created_on=ago(5)),
    }
    with open_as(people.anna.actor) as session:
        move_opportunity(session, made["Organ"].id, Move(stage_id=stages["need_confirmed"]))
        log_activity(session, "opportunity", made["Grand"].id, LoggedActivity(happened_on=ago(1), text="Called"))
        win(session, made["Flute"].id, Winning(reason="price", closed_on=ago(20)))
        lose(session, made["Drum"].id, Losing(reason="price", lost_to="Forte", closed_on=ago(10)))
    return {name: deal.id for name, deal in made.items()}


def names(person, sort="name", descending=False, **where):
    with open_as(person.actor) as session:
        return queries.opportunity_list(session, OpportunityFilter(**where), sort, descending)["name"].tolist()


def test_the_list_is_mine(people, deals):
    assert names(people.anna) == ["Drum", "Flute", "Grand", "Organ", "Upright"]
    assert names(people.chen) == []
    assert names(people.emil) == ["Press"]
    assert len(names(people.eve)) == 6


def test_sorted_and_paged(people, deals):
    assert names(people.anna, "amount", True)[:2] == ["Grand", "Organ"]
    with open_as(people.anna.actor) as session:
        second = queries.opportunity_list(session, sort="amount", page=2, size=2)
    assert second["name"].tolist() == ["Upright", "Drum"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"search": "gran aurora"}, ["Grand"]),
        ({"search": "OP000002"}, ["Upright"]),
        ({"state": ("won", "lost")}, ["Drum", "Flute"]),
        ({"source": ("website",)}, ["Grand"]),
        ({"source": ("",), "state": ("open",)}, ["Organ", "Upright"]),
        ({"amount_from": 300, "amount_to": 500}, ["Organ", "Upright"]),
        ({"created_from": TODAY - dt.timedelta(45), "state": ("open",)}, ["Grand", "Upright"]),
        ({"closed_from": TODAY - dt.timedelta(15)}, ["Drum"]),
        ({"rotting": True}, ["Upright"]),
        ({"forecast_category": ("commit",)}, []),
        ({"close_reason": ("price",)}, ["Drum", "Flute"]),
    ],
)
def test_filters(people, deals, where, found):
    assert names(people.anna, **where) == found


def test_filters_by_stage_owner_customer_and_product(people, deals, stages, customer):
    assert names(people.anna, stage_id=(stages["need_confirmed"],)) == ["Organ"]
    assert names(people.eve, owner_id=(people.emil.id,)) == ["Press"]
    assert names(people.eve, board_id=(people.units["Machinery"],)) == ["Press"]
    assert names(people.eve, team_id=(people.units["Machinery Sales"],)) == ["Press"]
    assert len(names(people.eve, customer_id=(customer.id,))) == 5
    product = a_product()
    an_opportunity(people.anna, customer, name="Harp", product_id=product.id)
    assert names(people.anna, product_id=(product.id,)) == ["Harp"]


def test_silence_counts_from_the_last_activity_or_move(people, deals):
    with open_as(people.anna.actor) as session:
        found = queries.opportunity_list(session, sort="name", descending=False).set_index("name")
        stuck = queries.stuck(session)
    assert found["silent_days"].fillna(-1).to_dict() == {"Drum": -1, "Flute": -1, "Grand": 1, "Organ": 0, "Upright": 40}
    assert found["rotting"].to_dict() == {"Drum": False, "Flute": False, "Grand": False, "Organ": False, "Upright": True}
    assert found["probability"].to_dict() == {"Drum": 0.0, "Flute": 1.0, "Grand": 0.05, "Organ": 0.3, "Upright": 0.05}
    assert stuck["name"].tolist() == ["Upright"]


def test_totals(people, deals):
    with open_as(people.anna.actor) as session:
        assert queries.totals(session) == {
            "opportunities": 5,
            "open": 3,
            "won": 1,
            "lost": 1,
            "amounts": {"CNY": 1910.0},
            "weighted": {"CNY": 255.0},
            "won_amounts": {"CNY": 40.0},
        }
    with open_as(people.chen.actor) as session:
        assert queries.totals(session)["opportunities"] == 0


@pytest.mark.parametrize("few", [0, 400])
def test_the_board_has_every_stage_and_the_largest_deals_of_each(people, deals, stages, few, monkeypatch):
    monkeypatch.setattr("crm.pipeline.queries.listing._FEW", few)
    with open_as(people.anna.actor) as session:
        board = queries.board(session, int(queries.pipelines(session)["id"][0]), cards=1)
    held = board.stages.set_index("code")
    assert held["deals"].tolist() == [2, 0, 1, 0, 0, 0, 0]
    assert (held.loc["lead", "amounts"], held.loc["lead", "weighted"]) == ({"CNY": 1300.0}, {"CNY": 65.0})
    assert held.loc["bid", "amounts"] == {}
    assert board.cards[["name", "place"]].values.tolist() == [["Grand", 1], ["Organ", 1]]


def test_a_stranger_sees_an_empty_board(people, deals):
    with open_as(people.chen.actor) as session:
        board = queries.board(session, int(queries.pipelines(session)["id"][0]))
        assert queries.events(session).empty and queries.deals(session).empty and queries.snapshots(session).empty
    assert board.stages["deals"].sum() == 0 and board.cards.empty


def test_the_facts_of_the_funnel(people, deals):
    with open_as(people.anna.actor) as session:
        facts, all_events = queries.deals(session, by=("source", "region")), queries.events(session)
        counted = queries.funnel_counts(session, by=("source", "region"))
        cohorts, stays, ends = queries.cohort_counts(session), queries.stay_counts(session), queries.outcome_counts(session)
    table = funnel.funnel(facts, all_events, 7)
    assert table.equals(funnel.funnel_of(counted, 7))
    assert counted.loc[counted["source"] == "website", "deals"].sum() == 1
    assert funnel.cohorts_of(cohorts).equals(funnel.cohorts(facts))
    assert ends.sort_values(["days", "state"])[["days", "state"]].values.tolist() == [
        [10, "open"], [40, "open"], [40, "won"], [50, "lost"], [50, "open"],
    ]  # fmt: skip
    known = funnel.stays(facts, all_events, TODAY)
    columns = ["position", "ended", "end"]
    assert sorted(stays[columns].values.tolist()) == sorted(known[columns].values.tolist())
    assert abs(stays["days"].sum() - known["days"].sum()) < len(known)
    assert table["entered"].tolist() == [5, 2, 2, 1, 1, 1, 1]
    assert facts.set_index("opportunity_id").loc[deals["Grand"], "source"] == "website"
    assert facts["amount"].sum() == 1910
    stayed = funnel.stays(facts, all_events, TODAY).set_index(["opportunity_id", "position"])
    assert stayed.loc[(deals["Flute"], 0), "end"] == "won"
    assert not stayed.loc[(deals["Organ"], 2), "ended"]


def test_snapshots_look_at_every_deal_in_the_same_rhythm(people, deals):
    with open_as(people.anna.actor) as session:
        found = queries.snapshots(session, categories=("source",))
    flute = found[found["opportunity_id"] == deals["Flute"]].sort_values("day")
    assert flute["age_days"].tolist() == [0, 14, 28] and flute["won"].all()
    organ = found[found["opportunity_id"] == deals["Organ"]].iloc[0]
    assert (organ["day"].date(), organ["position"], organ["days_in_stage"]) == (TODAY, 2, 0) and pd.isna(organ["won"])
    grand = found[found["opportunity_id"] == deals["Grand"]].iloc[0]
    assert (grand["silent_days"], grand["amount"], grand["source"]) == (1, 1000.0, "website")
    model = winning.fit(found[found["won"].notna()], ("source",))
    assert model.refusal is not None


def test_what_the_forecast_needs(people, deals):
    with open_as(people.anna.actor) as session:
        held = queries.open_deals(session)
        assert queries.won_between(session, TODAY - dt.timedelta(30), TODAY) == 40
        assert queries.misses(session)["ratio"].tolist() == [1.0]
    assert sorted(zip(held["amount"], held["probability"], strict=True)) == [(300, 0.05), (500, 0.3), (1000, 0.05)]


def test_win_rates_by_rep_and_unit_and_why_deals_are_lost(people, deals):
    with open_as(people.dana.actor) as session:
        assign(session, [deals["Drum"]], DealAssignment(owner_id=people.chen.id, reason="Closer"))
    with open_as(people.dana.actor) as session:
        rates = queries.win_rates(session)
        assert rates[["name", "won", "lost", "win_rate"]].values.tolist() == [
            ["Anna Lindqvist", 1, 0, 1.0],
            ["Chen Wei", 0, 1, 0.0],
        ]
        assert queries.win_rates(session, "team")["name"].tolist() == ["Sales East", "Sales West"]
        assert queries.loss_reasons(session).values.tolist() == [["price", 1, 70.0]]
        assert queries.lost_to(session).values.tolist() == [["Forte", 1, 70.0]]


def test_the_moment_is_of_the_products_day(people, stages):
    with open_as(SYSTEM) as session:
        assert queries.moment(session).date() == TODAY
        assert queries.moment(session) != now()
