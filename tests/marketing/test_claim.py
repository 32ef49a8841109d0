import datetime as dt

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.customers.models import Customer
from crm.customers.queries import customer_list, owners
from crm.database import now
from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands import PoolRules as Rules
from crm.marketing.commands import Release, claim, discard_customers, release, set_pool_rules
from crm.marketing.models import Lead, PoolEntry
from crm.marketing.queries import claimed_today, my_claims, pool_history, pool_list, pool_rules
from crm.session import open_as
from crm.staff.models import User
from tests.factories import a_customer
from tests.marketing.collecting import a_lead, entry_of, now_of, rules, set_now


def pooled(person, *subjects):
    """-> the entries of what the person released"""
    customers = [one.id for one in subjects if isinstance(one, Customer)]
    leads = [one.id for one in subjects if isinstance(one, Lead)]
    with open_as(person.actor) as session:
        release(session, Release(customer_ids=customers, lead_ids=leads, remark="No time"), ())
    return [entry_of(one).id for one in subjects]


def take(person, entry_id):
    with open_as(person.actor) as session:
        return claim(session, entry_id)


@pytest.fixture
def entry(people):
    return pooled(people.chen, a_customer(people.chen, name="Cascade"))[0]


def test_it_works(people, entry):
    customer = take(people.anna, entry)
    assert (customer.name, customer.owner_id, customer.team_id) == ("Cascade", people.anna.id, people.units["Sales East"])
    assert now_of(PoolEntry, entry).claimed_by_id == people.anna.id
    with open_as(people.anna.actor) as session:
        assert customer_list(session)["name"].tolist() == ["Cascade"]
        assert pool_list(session).empty
        assert my_claims(session, people.units["Music"])["claimed_today"] == 1
        assert claimed_today(session)[["subject", "subject_id", "name"]].values.tolist() == [["customer", customer.id, "Cascade"]]
        assert owners(session, customer.id)["reason"].tolist() == ["claimed", "created"]
        events = pool_history(session, customer_id=customer.id)
    assert events[["what", "by"]].values.tolist() == [["claimed", "Anna Lindqvist"], ["released", "Chen Wei"]]
    with open_as(SYSTEM) as session:
        query = select(AuditEntry.actor_name).where(AuditEntry.record_type == "customer", AuditEntry.action == "change")
        changed_by = list(session.scalars(query.order_by(AuditEntry.id)))
    assert changed_by == ["Chen Wei", "Anna Lindqvist"], "in the name of who claims"


def test_a_lead_is_assigned_to_who_claims_it(people):
    (entry,) = pooled(people.chen, a_lead(people.chen))
    lead = take(people.anna, entry)
    assert (lead.state, lead.owner_id) == ("assigned", people.anna.id)


def test_refused_for_readers_and_who_leads(people, entry):
    for person in (people.amir, people.ben, people.gia):
        with pytest.raises(Refused):
            take(person, entry)


def test_the_pool_of_another_board_is_not_there(people, entry):
    with pytest.raises(NotFound):
        take(people.emil, entry)


def test_taken_before_you(people, entry):
    take(people.anna, entry)
    with pytest.raises(Invalid, match="Cascade was taken before you"):
        take(people.anna, entry)


def test_so_many_a_day(people):
    entries = pooled(people.chen, *(a_customer(people.chen) for _ in range(3)))
    rules(people.units["Music"], claims_per_day=2)
    take(people.anna, entries[0])
    take(people.anna, entries[1])
    with pytest.raises(Refused, match="claimed 2 today; your board allows 2 a day"):
        take(people.anna, entries[2])


def test_claims_of_yesterday_do_not_count(people, entry, monkeypatch):
    rules(people.units["Music"], claims_per_day=1)
    take(people.anna, pooled(people.chen, a_customer(people.chen))[0])
    with pytest.raises(Refused):
        take(people.anna, entry)
    monkeypatch.setattr("crm.marketing.queries.pools.now", lambda: now() + dt.timedelta(1))
    assert take(people.anna, entry)


def test_so_many_held(people):
    a_customer(people.anna)
    a_lead(people.anna)
    customer, lead = pooled(people.chen, a_customer(people.chen), a_lead(people.chen))
    rules(people.units["Music"], customers_held=1)
    with pytest.raises(Refused, match="You have 1 customer; who has 1 or more claims none"):
        take(people.anna, customer)
    assert take(people.anna, lead), "leads have a limit of their own"
    rules(people.units["Music"], leads_held=2)
    with pytest.raises(Refused, match="You have 2 open leads"):
        take(people.anna, pooled(people.chen, a_lead(people.chen))[0])


def test_not_by_the_previous_owner_for_some_days(people, entry):
    rules(people.units["Music"], previous_owner_days=30)
    with pytest.raises(Refused, match=r"was yours until .* For 30 days it is open to others only"):
        take(people.chen, entry)
    set_now(now_of(PoolEntry, entry), entered_at=now() - dt.timedelta(31))
    assert take(people.chen, entry)


def test_the_invalid_pool_is_not_for_claiming(people):
    customer = a_customer(people.chen)
    with open_as(people.chen.actor) as session:
        discard_customers(session, [customer.id], "Closed down", ())
    with pytest.raises(Refused, match="invalid pool"):
        take(people.anna, entry_of(customer).id)


def test_one_that_got_an_owner_or_went_is_not_claimed(people, entry):
    set_now(now_of(Customer, now_of(PoolEntry, entry).customer_id), deleted_at=now())
    with pytest.raises(Invalid, match="no longer there"):
        take(people.anna, entry)


def test_who_is_frozen_claims_nothing(people, entry):
    set_now(now_of(User, people.anna.id), state="frozen")
    with pytest.raises(Invalid, match="not active"):
        take(people.anna, entry)


def test_rules_are_set_by_who_administers_the_board(people):
    wanted = Rules(claims_per_day=9)
    with open_as(people.bao.actor) as session:
        set_pool_rules(session, people.units["Music"], wanted)
        assert pool_rules(session, people.units["Music"]).claims_per_day == 9
        with pytest.raises(Refused, match="not yours"):
            set_pool_rules(session, people.units["Machinery"], wanted)
        with pytest.raises(Invalid, match="shorter than the silence"):
            set_pool_rules(session, people.units["Music"], Rules(silence_leads=5, warn_days=7))
    for person in (people.anna, people.ben, people.amir, people.ada):
        with pytest.raises(Refused), open_as(person.actor) as session:
            set_pool_rules(session, people.units["Music"], wanted)
