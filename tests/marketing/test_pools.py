import pytest

from crm.access import SYSTEM
from crm.customers.commands import Assignment, CustomerDetails, Sharing, add_customer, assign, share
from crm.customers.filters import CustomerFilter
from crm.customers.models import Customer
from crm.customers.queries import collisions, customer_list, followed_by, owners
from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands import AssignmentWay, Gift, Release, discard_customers, give, release, restore
from crm.marketing.models import Lead, PoolEntry
from crm.marketing.queries import pool_history, pool_list, pool_totals
from crm.session import get, open_as
from tests.factories import a_customer, a_share, an_order
from tests.marketing.collecting import TODAY, a_lead, entry_of, now_of


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd", region="Shanghai", phone="021-5550 1234", level="b")


def let_go(person, customers=(), leads=(), kept=()):
    what = Release(customer_ids=[one.id for one in customers], lead_ids=[one.id for one in leads], remark="No time")
    with open_as(person.actor) as session:
        return release(session, what, kept)


def test_a_released_customer_is_nobodys_and_lies_in_the_pool(people, customer):
    assert let_go(people.anna, [customer]) == 1
    found, entry = now_of(Customer, customer.id), entry_of(customer)
    assert (found.owner_id, found.team_id) == (None, people.units["Sales East"])
    assert (entry.pool, entry.previous_owner_id, entry.reason, entry.remark) == ("public", people.anna.id, "released", "No time")
    with open_as(people.anna.actor) as session:
        assert customer_list(session).empty, "no longer hers"
    with open_as(people.ben.actor) as session:
        assert customer_list(session, CustomerFilter(owner_id=(0,)))["name"].tolist() == ["Aurora Music Ltd"]
        assert followed_by(session, customer.id) == {"owner": None, "owner_state": None, "unit": "Sales East"}
        assert owners(session, customer.id)["ended_at"].notna().all(), "the interval is closed"
        event = pool_history(session, customer_id=customer.id).iloc[0]
    assert event["explanation"].format(**event["values"]) == "Anna Lindqvist released Aurora Music Ltd: No time"


def test_the_pool_is_seen_by_the_board_without_phone_and_by_no_other(people, customer):
    let_go(people.anna, [customer], [a_lead(people.anna, name="Borealis", phone="13800138000")])
    with open_as(people.chen.actor) as session:
        rows = pool_list(session)
        assert rows["name"].tolist() == ["Borealis", "Aurora Music Ltd"]
        assert "phone" not in rows and not rows["mine_before"].any()
        assert pool_list(session, shelf="potential")["region"].tolist() == ["Shanghai"]
        assert pool_list(session, search="bore")["subject"].tolist() == ["lead"]
        assert pool_totals(session) == {"potential": 1, "won": 0, "leads": 1, "invalid": 0}
        assert customer_list(session).empty
    with open_as(people.anna.actor) as session:
        assert pool_list(session)["mine_before"].all()
    with open_as(people.emil.actor) as session:
        assert pool_list(session).empty


def test_customers_who_bought_lie_on_their_own_shelf(people, customer):
    an_order(customer, on=TODAY)
    let_go(people.anna, [now_of(Customer, customer.id)])
    with open_as(people.chen.actor) as session:
        assert pool_list(session, shelf="won")["last_order_on"].tolist() == [TODAY]


def test_a_running_contract_or_an_open_deal_keeps_a_customer(people, customer):
    with pytest.raises(Refused, match="running contract or an open deal"):
        let_go(people.anna, [customer], kept={customer.id})
    with pytest.raises(Refused, match="running contract"), open_as(people.anna.actor) as session:
        discard_customers(session, [customer.id], "closed", {customer.id})
    assert now_of(Customer, customer.id).owner_id == people.anna.id


def test_releasing_is_refused_for_strangers_and_readers_and_with_whom_it_is_shared(people, customer):
    with pytest.raises(NotFound):
        let_go(people.chen, [customer])
    with pytest.raises(Refused):
        let_go(people.amir, [customer])
    a_share(customer, user_id=people.chen.id, may_change=True)
    with pytest.raises(Refused, match="Only the owner"):
        let_go(people.chen, [customer])
    assert let_go(people.ben, [customer]) == 1
    with pytest.raises(Invalid, match="pool already"):
        let_go(people.ben, [customer])


def test_nobody_gains_a_pooled_customer_by_naming_himself_his_owner(people, customer):
    a_share(customer, user_id=people.chen.id)
    let_go(people.anna, [customer])
    with pytest.raises(Refused), open_as(people.chen.actor) as session:
        get(session, Customer, customer.id).owner_id = people.chen.id


def test_a_pooled_customer_is_met_by_who_enters_him_again(people, customer):
    let_go(people.anna, [customer])
    with open_as(people.chen.actor) as session:
        assert collisions(session, "Aurora Music").to_dict("records")[0]["in_pool"]
        with pytest.raises(Invalid, match="lies in a pool of Music"):
            add_customer(session, CustomerDetails(name="Aurora Music"))


def test_a_pooled_customer_is_assigned_from_the_pool_only_and_can_be_shared_with_a_unit(people, customer):
    let_go(people.anna, [customer])
    with open_as(people.ben.actor) as session:
        with pytest.raises(Invalid, match="lies in a pool"):
            assign(session, [customer.id], Assignment(owner_id=people.ben.id, reason="mine"))
        share(session, customer.id, Sharing(unit_id=people.units["Sales West"]))


def test_given_from_the_pool_by_who_leads(people, customer):
    lead = a_lead(people.anna)
    let_go(people.anna, [customer], [lead])
    assert now_of(Lead, lead.id).state == "collected"
    entries = [entry_of(customer).id, entry_of(lead).id]
    for person in (people.anna, people.amir):
        with pytest.raises(Refused), open_as(person.actor) as session:
            give(session, entries, Gift(owner_id=people.anna.id, remark="again"))
    with open_as(people.dana.actor) as session:
        assert give(session, entries, Gift(owner_id=people.chen.id, remark="His region")) == 2
    assert (now_of(Customer, customer.id).owner_id, now_of(Lead, lead.id).owner_id) == (people.chen.id, people.chen.id)
    assert now_of(Lead, lead.id).state == "assigned"
    with open_as(people.dana.actor) as session:
        assert owners(session, customer.id)["owner"].tolist() == ["Chen Wei", "Anna Lindqvist"]
        assert pool_list(session).empty
        with pytest.raises(Invalid, match="no pool any more"):
            give(session, entries, Gift(owner_id=people.anna.id, remark="late"))


def test_given_by_turn(people, customer):
    let_go(people.anna, [customer])
    with open_as(people.dana.actor) as session:
        to = Gift(way=AssignmentWay.ROUND_ROBIN, unit_id=people.units["Sales West"], remark="turn")
        give(session, [entry_of(customer).id], to)
    assert now_of(Customer, customer.id).owner_id == people.chen.id


def test_not_to_another_board(people, customer):
    let_go(people.anna, [customer])
    with pytest.raises(Refused, match="another board"), open_as(people.eve.actor) as session:
        give(session, [entry_of(customer).id], Gift(owner_id=people.emil.id, remark="x"))


def test_the_invalid_pool_and_back(people, customer):
    with open_as(people.anna.actor) as session:
        discard_customers(session, [customer.id], "Closed down", ())
    assert now_of(Customer, customer.id).owner_id is None
    entry = entry_of(customer)
    assert (entry.pool, entry.remark) == ("invalid", "Closed down")
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        restore(session, [entry.id], "They opened again")
    with open_as(people.ben.actor) as session:
        assert restore(session, [entry.id], "They opened again") == 1
    back = entry_of(customer)
    assert (back.pool, back.previous_owner_id, now_of(PoolEntry, entry.id).left_at is None) == ("public", people.anna.id, False)
    with open_as(people.ben.actor) as session:
        assert pool_history(session, customer_id=customer.id)["what"].tolist() == ["restored", "restored", "discarded"]


def test_a_nobodys_lead_of_a_team_is_released_once(people):
    lead = a_lead(None, people.anna)
    let_go(people.ben, leads=[lead])
    with pytest.raises(Invalid, match="pool already"):
        let_go(people.ben, leads=[lead])
    with open_as(SYSTEM) as session:
        assert pool_totals(session)["leads"] == 1
