"""Five customers of one board, looked at from 2026-01-01 to 2026-06-30; silent for more than 365 days is lost."""

import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.customers.commands import LossDetails, delete_customers, enter_loss
from crm.customers.models import ScoreSnapshot
from crm.insight.queries import Population
from crm.insight.queries import churn as asked
from crm.insight.queries.churn import Churn
from crm.office.commands import DemoDay, set_demo_today
from crm.session import open_as
from tests.factories import TODAY, a_customer, an_order

START = dt.date(2025, 12, 31)
BEFORE = START - (TODAY - START)


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture
def world(people):
    """name -> customer. Gone (worth 300) and Quiet (worth 50) stop; Stays bought lately, Old was lost before, New came after."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    bought = {
        "Gone": (people.anna, "North", [("2025-02-01", 300), ("2024-11-01", 700)]),
        "Quiet": (people.ben, "South", [("2025-06-30", 50)]),
        "Stays": (people.anna, "North", [("2025-07-01", 80)]),
        "Old": (people.anna, "North", [("2024-12-31", 999)]),
        "New": (people.anna, "South", [("2026-01-01", 10)]),
    }
    found = {}
    for name, (owner, region, orders) in bought.items():
        found[name] = a_customer(owner, name=name, region=region)
        for on, amount in orders:
            an_order(found[name], amount, on=day(on))
    return found


def churn(person, **changes):
    values = {"population": Population(board_id=person.board_id), "start": START, "end": TODAY}
    return Churn(**values | changes)


def ask(person, query, *arguments, **changes):
    with open_as(person.actor) as session:
        return query(session, churn(person, **changes), *arguments)


def lose(person, customer, on="2026-03-01", **values):
    with open_as(person.actor) as session:
        enter_loss(session, customer.id, LossDetails(**{"lost_on": day(on), "reason": "price"} | values))


def keep_scores(customer, on, p_alive, value=0, life_cycle="active", segment="loyal"):
    with open_as(SYSTEM) as session:
        session.add(
            ScoreSnapshot(
                customer_id=customer.id,
                as_of=on,
                board_id=customer.board_id,
                owner_id=customer.owner_id,
                life_cycle=life_cycle,
                segment=segment,
                p_alive=p_alive,
                lifetime_value=value,
                value_at_risk=value * (1 - p_alive),
            )
        )


def names(person, **changes):
    return ask(person, asked.stopped_list, **changes)["name"].tolist()


def test_who_stopped_by_silence_of_those_who_were_there(people, world):
    found = ask(people.dana, asked.headline)
    assert (found["here"], found["stopped"], found["worth"], found["known"]) == (3, 2, 350, 0)
    assert found["limit_days"] == 365
    assert names(people.dana) == ["Gone", "Quiet"]


def test_the_period_before(people, world):
    found = ask(people.dana, asked.headline)
    assert day("2025-07-03") == BEFORE
    assert (found["here_before"], found["stopped_before"]) == (4, 1)
    assert found["worth_before"] == 999


def test_a_rep_asks_about_his_own(people, world):
    found = ask(people.anna, asked.headline)
    assert (found["here"], found["stopped"]) == (2, 1)
    assert names(people.anna) == ["Gone"]
    assert names(people.chen) == []
    assert ask(people.emil, asked.headline)["here"] == 0


def test_the_last_day_counts(people, world):
    """Quiet bought 365 days before the end: one day more, and he is not lost."""
    an_order(world["Quiet"], 1, on=day("2025-07-01"))
    assert names(people.dana) == ["Gone"]


def test_returns_and_gifts_keep_nobody(people, world):
    an_order(world["Gone"], -5, on=TODAY)
    an_order(world["Gone"], 0, on=TODAY)
    assert names(people.dana) == ["Gone", "Quiet"]


def test_deleted_customers_are_not_counted(people, world):
    with open_as(people.dana.actor) as session:
        delete_customers(session, [world["Gone"].id])
    assert names(people.dana) == ["Quiet"]


def test_those_without_a_reason_come_first(people, world):
    lose(people.anna, world["Gone"])
    rows = ask(people.dana, asked.stopped_list)
    assert rows[["name", "reason"]].astype(object).where(rows[["name", "reason"]].notna(), None).values.tolist() == [
        ["Quiet", None],
        ["Gone", "price"],
    ]
    assert ask(people.dana, asked.headline)["known"] == 1


def test_reasons_with_those_not_asked_as_their_own(people, world):
    lose(people.anna, world["Gone"])
    assert ask(people.dana, asked.by_reason).values.tolist() == [["price", 1, 300.0], ["not_asked", 1, 50.0]]


def test_to_whom(people, world):
    lose(people.anna, world["Gone"], direction="competitor", competitor="Acme")
    lose(people.ben, world["Quiet"], direction="in_house")
    assert set(ask(people.dana, asked.by_direction)["direction"]) == {"competitor", "in_house"}
    assert ask(people.dana, asked.by_competitor).values.tolist() == [["Acme", 1, 300.0]]


def test_a_loss_that_was_won_back_tells_nothing_of_this_one(people, world):
    lose(people.anna, world["Gone"], on="2024-12-01")
    assert ask(people.dana, asked.by_reason)["reason"].tolist() == ["not_asked"]


def test_as_entered(people, world):
    lose(people.anna, world["Stays"], reason="service")
    lose(people.anna, world["Gone"], on="2025-12-30")
    assert names(people.dana, rule="entered") == ["Stays"]
    an_order(world["Stays"], 5, on=day("2026-05-01"))
    assert names(people.dana, rule="entered") == []


def test_composition_with_intervals_and_the_share_of_the_base(people, world):
    rows = ask(people.dana, asked.composition, "region").set_index("value")
    assert rows[["customers", "stopped"]].values.tolist() == [[2, 1], [1, 1]]
    assert rows.loc["North", ["rate", "share", "worth"]].tolist() == [0.5, pytest.approx(2 / 3), 300]
    assert rows.loc["South", "low"] == pytest.approx(0.20654, abs=1e-5)
    assert rows.loc["South", "high"] == 1


@pytest.mark.parametrize("dimension", asked.DIMENSIONS)
def test_each_dimension_divides_the_same_customers(people, world, dimension):
    rows = ask(people.dana, asked.composition, dimension)
    assert (rows["customers"].sum(), rows["stopped"].sum()) == (3, 2)


def test_the_customers_behind_a_part(people, world):
    lose(people.anna, world["Gone"])
    ids = {name: customer.id for name, customer in world.items()}
    assert ask(people.dana, asked.stopped_ids) == (ids["Gone"], ids["Quiet"])
    assert ask(people.dana, asked.stopped_ids, "region", "South") == (ids["Quiet"],)
    assert ask(people.dana, asked.stopped_ids, "industry", None) == (ids["Gone"], ids["Quiet"])
    assert ask(people.dana, asked.stopped_ids, "cohort", 2024) == (ids["Gone"],)
    assert ask(people.dana, asked.stopped_ids, "reason", "price") == (ids["Gone"],)
    assert ask(people.dana, asked.stopped_ids, "reason", asked.NOT_ASKED) == (ids["Quiet"],)


def test_the_rows_behind_the_figure(people, world):
    rows = ask(people.dana, asked.base_rows).set_index("name")
    assert rows["stopped"].to_dict() == {"Gone": "yes", "Quiet": "yes", "Stays": "no"}


# ------------------------------------------------------------------------------------------------ with scores


@pytest.fixture
def scored(people, world):
    """At the start and at the end: Gone 0.9 -> 0.1, Quiet 0.9 -> 0.6, Stays 0.8 -> 0.9, Old 0.1 -> 0.0."""
    for on, chances in ((START, (0.9, 0.9, 0.8, 0.1)), (TODAY - dt.timedelta(2), (0.1, 0.6, 0.9, 0.0))):
        value = 1000 if on == START else 100
        for name, chance in zip(("Gone", "Quiet", "Stays", "Old"), chances, strict=True):
            keep_scores(world[name], on, chance, value, segment="champions" if name == "Gone" else "loyal")
    return world


def test_the_model_says_who_stopped(people, scored):
    found = ask(people.dana, asked.headline, rule="model", limit=0.5, worth="lifetime_value")
    assert (found["here"], found["stopped"], found["worth"]) == (3, 1, 1000)
    assert names(people.dana, rule="model", limit=0.7) == ["Gone", "Quiet"]
    assert ask(people.dana, asked.headline, rule="model", worth="value_at_risk")["worth"] == pytest.approx(90)


def test_expected_to_be_gone_is_the_sum_of_chances(people, scored):
    found = ask(people.dana, asked.headline)
    assert found["scored"] == 3
    assert found["expected"] == pytest.approx(0.9 + 0.4 + 0.1)
    assert found["spread"] ** 2 == pytest.approx(0.09 + 0.24 + 0.09)


def test_the_model_needs_scores_at_both_ends(people, world):
    keep_scores(world["Gone"], TODAY, 0.1)
    found = ask(people.dana, asked.headline, rule="model")
    assert (found["here"], found["stopped"]) == (0, 0)
    assert ask(people.dana, asked.score_days) == {"before": None, "start": None, "end": TODAY}


def test_one_day_of_scores_does_not_stand_for_two_moments(people, world):
    keep_scores(world["Gone"], START - dt.timedelta(5), 0.9)
    assert ask(people.dana, asked.score_days) == {"before": None, "start": None, "end": START - dt.timedelta(5)}


def test_segments_as_they_were_at_the_start(people, scored):
    rows = ask(people.dana, asked.composition, "segment").set_index("value")
    assert rows["stopped"].to_dict() == {"loyal": 1, "champions": 1}
    assert "segment" in asked.dimensions({"start": START}) and "segment" not in asked.dimensions({"start": None})
