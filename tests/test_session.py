"""Writing through the session: who may, what is logged, what can never be changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from crm.access import SYSTEM
from crm.audit import AuditEntry
from crm.customers.models import Contact, Customer, CustomerInterest, Order, OrderLine, Ownership
from crm.errors import Invalid, NotFound, Refused, UnscopedStatement
from crm.office.commands import put_setting
from crm.office.models import Activity, SavedView, Tag
from crm.office.queries import demo_day
from crm.session import WITH_DELETED, data_version, get, history_of, open_as, through_parent
from crm.staff.models import Credential, OrgUnit, User
from tests.factories import a_contact, a_customer, a_product, a_share, an_activity, an_order


def rename(person, customer, name="New name"):
    with open_as(person.actor) as session:
        get(session, Customer, customer.id).name = name


def stored(customer):
    with open_as(SYSTEM) as session:
        return get(session, Customer, customer.id, with_deleted=True)


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music")


# ------------------------------------------------------------------------------------------------ who may change


@pytest.mark.parametrize("username", ["anna", "ben", "dana", "bao", "eve"])
def test_it_works_for_whoever_has_the_customer_in_reach(username, people, customer):
    rename(getattr(people, username), customer)
    assert stored(customer).name == "New name"


@pytest.mark.parametrize("username", ["chen", "emil", "ada"])
def test_a_stranger_learns_nothing_not_even_that_it_exists(username, people, customer):
    with pytest.raises(NotFound) as hidden:
        rename(getattr(people, username), customer)
    with pytest.raises(NotFound) as missing, open_as(people.chen.actor) as session:
        get(session, Customer, 10_000)
    assert str(hidden.value) == str(missing.value)


@pytest.mark.parametrize("username", ["amir", "gia", "mia"])
def test_a_reader_is_refused(username, people, customer):
    with pytest.raises(Refused, match="You may not change this: New name"):
        rename(getattr(people, username), customer)
    assert stored(customer).name == "Aurora Music"


def test_a_share_to_read_is_no_share_to_change(people, customer):
    a_share(customer, user_id=people.chen.id)
    with pytest.raises(Refused):
        rename(people.chen, customer)
    a_share(customer, unit_id=people.units["Machinery Sales"], may_change=True)
    rename(people.emil, customer)
    assert stored(customer).name == "New name"


def test_nobody_gains_a_record_by_naming_himself_its_owner(people, customer):
    a_share(customer, user_id=people.chen.id)
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        record = get(session, Customer, customer.id)
        record.owner_id, record.team_id, record.name = people.chen.id, people.chen.unit_id, "Mine now"
    assert stored(customer).owner_id == people.anna.id


def test_nobody_gains_a_record_that_was_loaded_elsewhere(people, customer):
    with open_as(SYSTEM) as session:
        record = get(session, Customer, customer.id)
    record.name = "Carried over"
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        session.add(record)
    assert stored(customer).name == "Aurora Music"


def test_nobody_creates_for_somebody_else(people):
    values = {"board_id": people.chen.board_id, "owner_id": people.chen.id, "team_id": people.chen.unit_id}
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        session.add(Customer(code="X", name="Planted", name_key="planted", **values))


def test_a_part_goes_with_its_whole(people, customer):
    contact = a_contact(customer)
    with open_as(people.anna.actor) as session:
        get(session, Contact, contact.id).position = "Buyer"
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        get(session, Contact, contact.id)
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        get(session, Contact, contact.id).position = "Nothing"


def test_a_part_is_not_planted_into_a_strangers_whole(people, customer):
    strange, contact = a_customer(people.chen), a_contact(customer)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        session.add(Contact(customer_id=strange.id, name="Planted"))
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        get(session, Contact, contact.id).customer_id = strange.id


def test_parts_of_parts(people, customer):
    order = an_order(customer, 10)
    with open_as(people.anna.actor) as session:
        line = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).one()
        line.description = "Vinyl"
    with pytest.raises(NotFound), open_as(people.emil.actor) as session:
        get(session, OrderLine, line.id)


def test_an_activity_is_changed_by_its_author_or_whoever_leads_him(people, customer):
    a_share(customer, user_id=people.chen.id)
    called = an_activity(customer, people.anna)
    for person, allowed in [(people.anna, True), (people.ben, True), (people.chen, False), (people.amir, False)]:
        try:
            with open_as(person.actor) as session:
                get(session, Activity, called.id).text = f"by {person.username}"
            assert allowed, person.username
        except Refused:
            assert not allowed, person.username


def test_what_is_personal_stays_personal(people):
    with open_as(people.anna.actor) as session:
        session.add(SavedView(user_id=people.anna.id, page="customers", name="Mine", state={}))
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        session.add(SavedView(user_id=people.anna.id, page="customers", name="Forged", state={}))
    with open_as(people.ben.actor) as session:
        assert session.scalars(select(SavedView)).all() == []


def test_passwords_are_for_the_system_alone(people):
    with open_as(people.ada.actor) as session:
        assert session.scalars(select(Credential)).all() == []
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        session.add(Credential(user_id=people.anna.id, password_hash="x", changed_at=dt.datetime.now(dt.UTC)))


def test_a_refusal_saves_nothing_of_the_rest(people, customer):
    a_share(other := a_customer(people.chen), user_id=people.anna.id)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        get(session, Customer, customer.id).name = "Half"
        session.flush()
        get(session, Customer, other.id).name = "Other half"
    assert stored(customer).name == "Aurora Music"


# -------------------------------------------------------------------------------------------------- never changed


def test_facts_never_change(people, customer):
    with open_as(SYSTEM) as session:
        fact = session.scalars(select(Ownership).where(Ownership.customer_id == customer.id)).one()
    for change in ({"reason": "rewritten"}, {"owner_id": people.ben.id}):
        with pytest.raises(UnscopedStatement, match="is a fact"), open_as(SYSTEM) as session:
            for name, value in change.items():
                setattr(get(session, Ownership, fact.id), name, value)
    with open_as(SYSTEM) as session:
        get(session, Ownership, fact.id).ended_at = dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("kind", [Ownership, Customer, AuditEntry])
def test_nothing_of_value_is_deleted_for_good(kind, people, customer):
    with pytest.raises(Refused), open_as(SYSTEM) as session:
        session.delete(session.scalars(select(kind)).first())


def test_the_log_is_written_by_nobody(people, customer):
    with pytest.raises((Refused, UnscopedStatement)), open_as(SYSTEM) as session:
        session.scalars(select(AuditEntry)).first().actor_name = "somebody else"


def test_a_tie_can_be_cut_and_the_log_remembers_it(people, customer):
    product = a_product(name="Vinyl")
    with open_as(people.anna.actor) as session:
        session.add(CustomerInterest(customer_id=customer.id, product_id=product.id))
    with open_as(people.anna.actor) as session:
        session.delete(session.scalars(select(CustomerInterest)).one())
    with open_as(people.anna.actor) as session:
        newest = history_of(session, get(session, Customer, customer.id))[0]
    assert (newest.action, newest.record_type, newest.before["product_id"]) == ("delete", "customer_interest", product.id)


# -------------------------------------------------------------------------------------------------------- the log


def test_the_log_tells_who_what_before_and_after(people, customer):
    with open_as(people.ben.actor) as session:
        record = get(session, Customer, customer.id)
        record.name, record.level = "Borealis", "vip"
    with open_as(people.anna.actor) as session:
        newest = history_of(session, get(session, Customer, customer.id))[0]
    assert (newest.actor_id, newest.actor_name, newest.action, newest.record_title) == (
        people.ben.id,
        "Ben Okafor",
        "change",
        "Borealis",
    )
    assert newest.before == {"name": "Aurora Music", "level": None}
    assert newest.after == {"name": "Borealis", "level": "vip"}
    assert abs(newest.created_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_the_history_holds_the_parts_newest_first(people, customer):
    with open_as(people.anna.actor) as session:
        session.add(Contact(customer_id=customer.id, name="Zhang Min"))
    order = an_order(customer, 10)
    with open_as(people.anna.actor) as session:
        entries = history_of(session, get(session, Customer, customer.id))
        of_order = history_of(session, get(session, Order, order.id))
    assert [entry.id for entry in entries] == sorted((entry.id for entry in entries), reverse=True)
    assert {"customer", "contact", "order", "order_line", "ownership"} == {entry.record_type for entry in entries}
    assert [(entry.record_type, entry.after["number"]) for entry in of_order if entry.record_type == "order"] == [
        ("order", order.number)
    ]


def test_a_change_that_changes_nothing_is_not_logged(people, customer):
    with open_as(people.anna.actor) as session:
        before = data_version(session)
        record = get(session, Customer, customer.id)
        record.name = "Aurora Music"
    with open_as(people.anna.actor) as session:
        assert data_version(session) == before
        assert get(session, Customer, customer.id).version == customer.version


def test_money_and_days_are_readable_in_the_log(people, customer):
    an_order(customer, "1234.5678", on=dt.date(2026, 1, 31))
    with open_as(people.anna.actor) as session:
        entries = history_of(session, get(session, Customer, customer.id))
    after = {entry.record_type: entry.after for entry in entries}
    assert after["order"]["ordered_on"] == "2026-01-31"
    assert after["order_line"]["unit_price"] == "1234.5678"


def test_the_log_outlives_the_record_and_is_read_by_those_who_audit(people, customer):
    with open_as(people.anna.actor) as session:
        get(session, Customer, customer.id).deleted_at = dt.datetime.now(dt.UTC)
    for person, reads in [
        (people.dana, True),
        (people.eve, True),
        (people.bao, True),
        (people.anna, True),
        (people.chen, False),
        (people.emil, False),
    ]:
        with open_as(person.actor) as session:
            found = session.scalars(
                select(AuditEntry).where(AuditEntry.record_type == "customer", AuditEntry.action == "delete")
            ).all()
        assert bool(found) is reads, person.username


def test_the_data_version_moves_with_every_change_by_anybody(people, customer):
    versions = []
    for person in (people.anna, people.chen, people.ada):
        with open_as(person.actor) as session:
            versions.append(data_version(session))
    assert len(set(versions)) == 1
    rename(people.anna, customer)
    with open_as(people.chen.actor) as session:
        assert data_version(session) != versions[0]


# ---------------------------------------------------------------------------------------------- two at the same time


def test_the_version_moves(people, customer):
    rename(people.anna, customer)
    rename(people.ben, customer, "Again")
    record = stored(customer)
    assert (record.version, record.name) == (customer.version + 2, "Again")
    assert record.updated_at > record.created_at


def test_the_second_of_two_saves_at_once_is_refused(people, customer):
    with pytest.raises(Invalid, match="Somebody else changed this record"), open_as(people.anna.actor) as session:
        record = get(session, Customer, customer.id)
        rename(people.ben, customer, "First")
        record.name = "Second"
    assert stored(customer).name == "First"


# ------------------------------------------------------------------------------------------------------- deletion


def test_what_is_deleted_is_gone_until_asked_for(people, customer):
    with open_as(people.anna.actor) as session:
        get(session, Customer, customer.id).deleted_at = dt.datetime.now(dt.UTC)
    with open_as(people.anna.actor) as session:
        assert session.scalar(select(func.count(Customer.id))) == 0
        assert session.get(Customer, customer.id) is None
        with pytest.raises(NotFound):
            get(session, Customer, customer.id)
        assert get(session, Customer, customer.id, with_deleted=True).name == "Aurora Music"
        get(session, Customer, customer.id, with_deleted=True).deleted_at = None
    with open_as(people.anna.actor) as session:
        actions = [
            entry.action for entry in history_of(session, get(session, Customer, customer.id)) if entry.record_type == "customer"
        ]
    assert actions == ["restore", "delete", "create"]


def test_asking_for_the_deleted_widens_no_reach(people, customer):
    with open_as(people.anna.actor) as session:
        get(session, Customer, customer.id).deleted_at = dt.datetime.now(dt.UTC)
    with open_as(people.chen.actor) as session:
        assert session.scalars(select(Customer), execution_options={WITH_DELETED: True}).all() == []


# -------------------------------------------------------------------------------------------------- bulk statements


def test_derived_columns_are_refreshed_in_bulk_within_the_reach(people, customer):
    other = a_customer(people.chen)
    with open_as(people.anna.actor) as session:
        mine = get(session, Customer, customer.id)
        session.execute(update(Customer).values(order_count=7))
        assert mine.order_count == 7
    assert (stored(customer).order_count, stored(other).order_count) == (7, 0)
    assert stored(customer).version == customer.version


@pytest.mark.parametrize("values", [{"name": "x"}, {"order_count": 1, "owner_id": 1}, {}])
def test_other_columns_are_not(values, people, customer):
    for person in (people.anna, people.eve):
        with pytest.raises(UnscopedStatement), open_as(person.actor) as session:
            session.execute(update(Customer).values(**values))


# ----------------------------------------------------------------------------------------------------- constraints


def test_a_broken_constraint_is_a_sentence(people, customer):
    with (
        pytest.raises(Invalid, match="Another customer of this board has this code") as told,
        open_as(people.ben.actor) as session,
    ):
        owner = {"owner_id": people.ben.id, "team_id": people.ben.unit_id, "board_id": people.ben.board_id}
        session.add(Customer(code=customer.code, name="Twin", name_key="twin", **owner))
    assert told.value.field == "code"


def test_uniqueness_holds_beyond_what_one_sees(people, customer):
    """Chen cannot see the customer, and is told of the code all the same: a query could not have known."""
    with pytest.raises(Invalid, match="Another customer of this board has this code"), open_as(people.chen.actor) as session:
        owner = {"owner_id": people.chen.id, "team_id": people.chen.unit_id, "board_id": people.chen.board_id}
        session.add(Customer(code=customer.code, name="Twin", name_key="twin", **owner))


def test_a_constraint_without_a_sentence_is_told_plainly(people, customer):
    with pytest.raises(Invalid, match="contradict another record"), open_as(SYSTEM) as session:
        session.add(Contact(customer_id=customer.id, name="Nobody's report", reports_to_id=99_999))


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [(Tag, {"name": "Key"}, "tag exists"), (OrgUnit, {"name": "Music", "kind": "board"}, "unit of this name")],
)
def test_other_tables_have_their_own_sentences(kind, values, says, people):
    values = values | ({"parent_id": people.units["Group"]} if kind is OrgUnit else {})
    with pytest.raises(Invalid, match=says), open_as(SYSTEM) as session:
        session.add_all([kind(**values), kind(**values)])


# ------------------------------------------------------------------------------------------------------------ money


def test_money_is_exact(people, customer):
    """A tenth and two tenths are three tenths; a sum over half a million lines has no dust."""
    order = an_order(customer, *["0.1"] * 10, "0.2", "19.99", "0.0001", "123456789.1234")
    with open_as(people.anna.actor) as session:
        total = session.scalar(select(func.sum(OrderLine.amount)).where(OrderLine.order_id == order.id))
        amounts = session.scalars(select(OrderLine.amount).where(OrderLine.order_id == order.id)).all()
    assert total == Decimal("123456810.3135")
    assert sum(amounts, Decimal(0)) == total
    assert str(amounts[-1]) == "123456789.1234"


def test_times_come_back_as_they_were(people, customer):
    moment = dt.datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    order = an_order(customer, 1, ordered_at=moment)
    with open_as(people.anna.actor) as session:
        found = get(session, Order, order.id).ordered_at
    assert found == moment
    assert found.utcoffset() == dt.timedelta(0)


def test_nothing_is_left_of_a_transaction_that_failed(people):
    with pytest.raises(ZeroDivisionError), open_as(SYSTEM) as session:
        session.add(Tag(name="Lost"))
        session.flush()
        1 / 0
    with open_as(SYSTEM) as session:
        assert session.scalars(select(Tag)).all() == []
        assert session.scalars(select(AuditEntry).where(AuditEntry.record_type == "tag")).all() == []
        assert session.scalar(select(func.count(User.id))) == 11


# ---------------------------------------------------------------------------------------------- through a parent


@pytest.fixture
def called(people):
    """A call with a customer of anna's, and one with a customer of chen's."""
    return [an_activity(a_customer(person, name=person.username), person) for person in (people.anna, people.chen)]


def test_what_hangs_on_a_record_is_limited_by_the_record_it_is_matched_with(people, called):
    match = (Activity.subject_type == "customer") & (Activity.subject_id == Customer.id)
    query = through_parent(select(Activity.id).join(Customer, match).order_by(Activity.id), Activity)
    with open_as(people.anna.actor) as session:
        assert session.scalars(query).all() == [called[0].id]
    with open_as(people.dana.actor) as session:
        assert session.scalars(query).all() == [one.id for one in called]


def test_without_the_record_it_is_refused(people, called):
    with open_as(people.anna.actor) as session, pytest.raises(UnscopedStatement, match="through its parent"):
        session.scalars(through_parent(select(Activity.id), Activity)).all()


def test_what_is_asked_once_is_asked_again_after_a_change(people, customer):
    """The day of a demo is set, moved and taken away in one transaction."""
    days = [dt.date(2026, 1, 5), dt.date(2026, 2, 6)]
    with open_as(SYSTEM) as session:
        assert demo_day(session) is None
        for day in days:
            put_setting(session, "demo_today", {"day": day.isoformat()})
            assert demo_day(session) == day == demo_day(session)
        put_setting(session, "demo_today", {})
        assert demo_day(session) is None
