import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.customers.models import Customer
from crm.customers.queries import contacts, interests
from crm.errors import Invalid, NotFound, Refused
from crm.marketing.commands import Conversion, convert_lead, deal_of
from crm.marketing.models import Lead
from crm.marketing.queries import customers_like, lead_events
from crm.session import open_as
from tests.factories import a_contact, a_customer, a_product
from tests.marketing.collecting import a_campaign, a_lead, now_of


def convert(person, lead, **to):
    with open_as(person.actor) as session:
        return convert_lead(session, lead.id, Conversion(**to))


@pytest.fixture
def rich(people):
    fair, product = a_campaign(people.dana), a_product()
    about = {"source": "exhibition", "campaign_id": fair.id, "product_id": product.id, "need": "A new hall"}
    worth = {"budget": Decimal(80_000), "wanted_by": dt.date(2026, 9, 30)}
    return a_lead(people.anna, name="Aurora Ltd", contact="Zhang Min", position="Buyer", phone="021-5550 1234", **about, **worth)


def test_one_step_to_customer_contact_and_what_a_deal_needs(people, rich):
    made = convert(people.anna, rich)
    lead = now_of(Lead, rich.id)
    assert (lead.state, lead.customer_id) == ("converted", made.customer.id)
    assert lead.worked_at is not None and lead.closed_at is not None
    customer = now_of(Customer, made.customer.id)
    assert (customer.name, customer.owner_id, customer.source) == ("Aurora Ltd", people.anna.id, "exhibition")
    assert (customer.phone, customer.stage) == ("021-5550 1234", "potential")
    deal = made.deal
    assert (deal.customer_id, deal.contact_id, deal.lead_id) == (customer.id, made.contact.id, rich.id)
    assert (deal.amount, deal.expected_close_on, deal.product_id) == (80_000, dt.date(2026, 9, 30), rich.product_id)
    assert (deal.campaign_id, deal.source, deal.owner_id) == (rich.campaign_id, "exhibition", people.anna.id)
    with open_as(people.anna.actor) as session:
        assert contacts(session, customer.id)[["name", "position", "is_main"]].values.tolist() == [["Zhang Min", "Buyer", True]]
        assert interests(session, customer.id)["id"].tolist() == [rich.product_id]
        assert lead_events(session, rich.id)["to_state"].tolist() == ["converted", "assigned"]
    assert deal_of(lead).contact_id is None


def test_refused_for_a_stranger_and_a_reader(people, rich):
    with pytest.raises(NotFound):
        convert(people.chen, rich)
    with pytest.raises(Refused):
        convert(people.amir, rich)
    with open_as(SYSTEM) as session:
        assert customers_like(session, rich.id).empty, "nothing was made"


def test_one_who_is_followed_already_needs_a_word(people, rich):
    a_customer(people.chen, name="Aurora")
    with open_as(people.anna.actor) as session:
        assert customers_like(session, rich.id)["id"].tolist() == [None]
    with pytest.raises(Invalid, match="already followed"):
        convert(people.anna, rich)
    assert now_of(Lead, rich.id).state == "assigned"
    assert convert(people.anna, rich, knowing=True).customer.id


def test_into_a_customer_who_is_there(people, rich):
    known = a_customer(people.anna, name="Aurora")
    a_contact(known, "Zhang Min", is_main=True)
    made = convert(people.anna, rich, customer_id=known.id)
    assert made.customer.id == known.id
    with open_as(people.anna.actor) as session:
        assert len(contacts(session, known.id)) == 1
    with pytest.raises(NotFound):
        convert(people.anna, a_lead(people.anna), customer_id=a_customer(people.chen).id)


def test_a_closed_one_is_not_converted_again(people, rich):
    convert(people.anna, rich)
    with pytest.raises(Invalid, match="closed already"):
        convert(people.anna, rich)


def test_a_private_person_is_his_own_contact_and_a_contact_can_be_left_out(people):
    person = a_lead(people.anna, name="Li Na", kind="retail", phone="13800138000")
    assert convert(people.anna, person).contact.name == "Li Na"
    assert convert(people.anna, a_lead(people.anna, contact="Wang"), with_contact=False).contact is None


def test_one_of_nobody_goes_to_who_converts_it(people):
    made = convert(people.ben, a_lead(None, people.ben))
    assert (made.customer.owner_id, made.deal.owner_id) == (people.ben.id, people.ben.id)
