import datetime as dt
from decimal import Decimal

import pytest

from crm.customers.models import Customer
from crm.errors import Invalid, NotFound, Refused
from crm.marketing.models import Lead
from crm.pipeline.commands import DealConversion, convert_lead_to_deal
from crm.pipeline.models import Opportunity
from crm.pipeline.queries import decision_makers
from crm.session import open_as
from tests.factories import a_customer, a_product
from tests.marketing.collecting import a_lead, now_of


@pytest.fixture
def lead(people, stages):
    about = {"source": "exhibition", "product_id": a_product().id, "need": "A new hall", "contact": "Zhang Min"}
    return a_lead(people.anna, name="Aurora Ltd", budget=Decimal(80_000), wanted_by=dt.date(2026, 9, 30), **about)


def convert(person, lead, **to):
    with open_as(person.actor) as session:
        return convert_lead_to_deal(session, lead.id, DealConversion(**to)).id


def test_customer_contact_and_deal_in_one_step(people, lead, stages):
    deal = now_of(Opportunity, convert(people.anna, lead))
    assert (deal.name, deal.amount, deal.expected_close_on) == ("Aurora Ltd", 80_000, dt.date(2026, 9, 30))
    assert (deal.lead_id, deal.owner_id, deal.source, deal.need) == (lead.id, people.anna.id, "exhibition", "A new hall")
    assert deal.stage_id == next(iter(stages.values()))
    assert now_of(Customer, deal.customer_id).name == "Aurora Ltd"
    assert (now_of(Lead, lead.id).state, now_of(Lead, lead.id).customer_id) == ("converted", deal.customer_id)
    with open_as(people.anna.actor) as session:
        assert decision_makers(session, deal.id)["name"].tolist() == ["Zhang Min"]


def test_what_is_said_of_the_deal_goes_before_the_lead(people, lead):
    known = a_customer(people.anna)
    said = {"name": "Hall 4", "amount": Decimal(5), "expected_close_on": dt.date(2027, 1, 1)}
    deal = now_of(Opportunity, convert(people.anna, lead, customer_id=known.id, **said))
    assert (deal.name, deal.amount, deal.expected_close_on, deal.customer_id) == (*said.values(), known.id)


def test_refused_for_a_stranger_and_a_reader_and_nothing_is_made(people, lead):
    with pytest.raises(NotFound):
        convert(people.chen, lead)
    with pytest.raises(Refused):
        convert(people.amir, lead)
    assert now_of(Lead, lead.id).state == "assigned"


def test_a_deal_that_is_refused_leaves_the_lead_open(people, lead):
    with pytest.raises(NotFound):
        convert(people.anna, lead, pipeline_id=999)
    assert now_of(Lead, lead.id).state == "assigned"


def test_a_closed_one_is_not_converted_again(people, lead):
    convert(people.anna, lead)
    with pytest.raises(Invalid, match="closed already"):
        convert(people.anna, lead)
