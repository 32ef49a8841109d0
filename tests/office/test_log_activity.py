import datetime as dt

import pytest
from pydantic import ValidationError

from crm.errors import Invalid, NotFound, Refused
from crm.office.commands import LoggedActivity, log_activity
from crm.office.queries import activities_of, pinned
from crm.session import history_of, open_as
from tests.factories import a_share

DAY = dt.date(2025, 5, 20)


def call(**changes) -> LoggedActivity:
    return LoggedActivity(**{"kind": "call", "happened_on": DAY, "text": "Asked for a quote"} | changes)


def test_it_works(people, customer):
    with open_as(people.anna.actor) as session:
        before = call(happened_on=DAY - dt.timedelta(days=1), text="First call", pinned=True)
        log_activity(session, "customer", customer.id, before)
        added = log_activity(
            session, "customer", customer.id, call(text="  Asked for a quote ", outcome="interested", minutes=12)
        )
        assert [entry.action for entry in history_of(session, added)] == ["create"]
    with open_as(people.ben.actor) as session:
        found = activities_of(session, "customer", customer.id)
        assert found["text"].tolist() == ["Asked for a quote", "First call"]
        assert found["author"].tolist() == ["Anna Lindqvist", "Anna Lindqvist"]
        assert found["kind"].tolist() == ["call", "call"]
        assert found.iloc[0][["outcome", "minutes"]].tolist() == ["interested", 12]
        assert pinned(session, "customer", customer.id)["text"].tolist() == ["First call"]


def test_what_comes_next_is_planned(people, customer):
    following = {"next_action": "Send the quote", "next_on": dt.date(2025, 5, 27), "next_kind": "email"}
    with open_as(people.anna.actor) as session:
        done = log_activity(session, "customer", customer.id, call(**following))
    with open_as(people.anna.actor) as session:
        planned, first = activities_of(session, "customer", customer.id).to_dict("records")
    assert (planned["kind"], planned["topic"], planned["planned_on"]) == ("email", "Send the quote", dt.date(2025, 5, 27))
    assert (planned["happened_on"], planned["previous_id"]) == (None, done.id)
    assert (first["id"], first["happened_on"], first["planned_on"]) == (done.id, DAY, None)


def test_refused_for_a_stranger_as_if_the_customer_did_not_exist(people, customer):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        log_activity(session, "customer", customer.id, call())
    with open_as(people.chen.actor) as session:
        assert activities_of(session, "customer", customer.id).empty


def test_refused_for_a_reader(people, customer):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        log_activity(session, "customer", customer.id, call())


def test_whoever_is_shown_a_customer_may_write_about_him(people, customer):
    a_share(customer, user_id=people.chen.id)
    with open_as(people.chen.actor) as session:
        log_activity(session, "customer", customer.id, call(text="Met at the fair"))
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "customer", customer.id)["author"].tolist() == ["Chen Wei"]


def test_what_comes_next_needs_its_day(people, customer):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        log_activity(session, "customer", customer.id, call(next_action="Send the quote"))
    assert refusal.value.field == "next_on"
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "customer", customer.id).empty


def test_what_happened_lies_not_in_the_future(people, customer):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        log_activity(session, "customer", customer.id, call(happened_on=dt.date.today() + dt.timedelta(days=2)))
    assert refusal.value.field == "happened_on"


def test_it_says_what_happened_or_how_it_came_out():
    with pytest.raises(ValidationError):
        call(text="   ")
    assert call(text=None, outcome="not_reached").text is None


def test_activities_hang_only_on_records_with_an_owner(people):
    with pytest.raises(Invalid), open_as(people.anna.actor) as session:
        log_activity(session, "product", 1, call())
