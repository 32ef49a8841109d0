from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.customers.models import CustomerShare
from crm.customers.queries import customer as one_customer
from crm.errors import Invalid, NotFound, Refused
from crm.pipeline import queries
from crm.pipeline.commands import (
    DealAssessment,
    DealCompetitor,
    DealContact,
    DealCustomer,
    DealExpense,
    DealLine,
    DealMember,
    DealSample,
    OpportunityDetails,
    edit_opportunity,
    remove_part,
    save_assessment,
    save_competitor,
    save_contact,
    save_customer,
    save_expense,
    save_line,
    save_member,
    save_sample,
)
from crm.pipeline.models import OpportunityContact, OpportunityLine, OpportunityMember
from crm.session import open_as
from tests.factories import TODAY, a_contact, a_customer, a_product, an_opportunity


@pytest.fixture
def deal(people, customer, stages):
    return an_opportunity(people.anna, customer, amount=Decimal(100))


MARKS = {"budget": 5, "authority": 4, "need": 5, "timing": 3, "fit": 4, "competition": 3}
PARTS = [
    (save_line, DealLine(description="Tuning", unit_price=Decimal(9)), queries.lines),
    (save_competitor, DealCompetitor(name="Forte", threat="high"), queries.competitors),
    (save_sample, DealSample(description="Keyboard", sent_on=TODAY), queries.samples),
    (save_expense, DealExpense(kind="travel", spent_on=TODAY, amount=Decimal(30)), queries.expenses),
    (save_assessment, DealAssessment(**MARKS), queries.assessments),
]


@pytest.mark.parametrize(("save", "details", "ask"), PARTS)
def test_it_works(people, deal, save, details, ask):
    with open_as(people.anna.actor) as session:
        part = save(session, deal.id, details)
        save(session, deal.id, details, part.id, part.version)
        assert ask(session, deal.id)["id"].tolist() == [part.id]
        remove_part(session, type(part), part.id)
        assert ask(session, deal.id).empty


@pytest.mark.parametrize(("save", "details", "ask"), PARTS)
def test_refused_for_strangers_and_readers(people, deal, save, details, ask):
    for person, error in ((people.chen, NotFound), (people.amir, Refused)):
        with pytest.raises(error), open_as(person.actor) as session:
            save(session, deal.id, details)


@pytest.mark.parametrize("ask", [*(ask for _, _, ask in PARTS), queries.stage_events, queries.changes])
def test_parts_are_seen_with_the_deal_alone(people, deal, ask):
    with open_as(people.anna.actor) as session:
        for save, details, _ in PARTS:
            save(session, deal.id, details)
    west = replace(people.ben.actor, user_id=people.chen.id, team_ids=frozenset({people.chen.unit_id}))
    seen = {}
    for name, actor in {"lead": people.ben.actor, "director": people.dana.actor, "lead of others": west}.items():
        with open_as(actor) as session:
            seen[name] = len(ask(session, deal.id)) > 0
    assert seen == {"lead": True, "director": True, "lead of others": False}


def test_the_amount_of_a_line_and_of_the_deal_are_derived(people, deal):
    product, unpriced = a_product(price=Decimal(1000)), a_product(price=None)
    with open_as(people.anna.actor) as session:
        first = save_line(
            session, deal.id, DealLine(product_id=product.id, quantity=Decimal(3), discount_percent=Decimal("12.5"))
        )
        save_line(session, deal.id, DealLine(description="Delivery", unit_price=Decimal(50)))
        assert (first.unit_price, first.amount) == (1000, 2625)
        assert queries.opportunity(session, deal.id).amount == 2675
        remove_part(session, OpportunityLine, first.id)
        assert queries.opportunity(session, deal.id).amount == 50
        assert queries.changes(session, deal.id)[["before", "after"]].values.tolist() == [
            ["2675", "50"],
            ["2625", "2675"],
            ["100", "2625"],
        ]
        with pytest.raises(Invalid):
            save_line(session, deal.id, DealLine(unit_price=Decimal(1)))
        with pytest.raises(Invalid):
            save_line(session, deal.id, DealLine(product_id=unpriced.id))


def test_contacts_with_role_and_attitude_are_of_its_customers(people, deal, customer):
    other = a_customer(people.anna)
    boss, theirs = a_contact(customer, "Wang Lei"), a_contact(other, "Li Na")
    with open_as(people.anna.actor) as session:
        first = save_contact(session, deal.id, DealContact(contact_id=boss.id, role="decides", attitude="for_us"))
        with pytest.raises(Invalid):
            save_contact(session, deal.id, DealContact(contact_id=theirs.id))
        save_customer(session, deal.id, DealCustomer(customer_id=other.id, part="Agent"))
        save_contact(session, deal.id, DealContact(contact_id=theirs.id))
        found = queries.decision_makers(session, deal.id)
        assert found[["name", "role", "attitude"]].values.tolist() == [
            ["Wang Lei", "decides", "for_us"],
            ["Li Na", "influences", "unknown"],
        ]
        assert queries.further_customers(session, deal.id)["name"].tolist() == [other.name]
        remove_part(session, OpportunityContact, first.id)
        save_contact(session, deal.id, DealContact(contact_id=boss.id))
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        remove_part(session, OpportunityContact, first.id + 1)


def test_nobody_is_on_a_deal_twice(people, deal):
    with pytest.raises(Invalid, match="on the team already"), open_as(people.anna.actor) as session:
        for _ in range(2):
            save_member(session, deal.id, DealMember(user_id=people.chen.id))


def test_a_colleague_on_the_team_sees_and_changes_the_deal_and_reads_its_customer(people, deal, customer):
    with open_as(people.anna.actor) as session:
        member = save_member(session, deal.id, DealMember(user_id=people.chen.id, part="Engineer"))
        assert queries.members(session, deal.id)[["name", "part"]].values.tolist() == [["Chen Wei", "Engineer"]]
    with open_as(people.chen.actor) as session:
        details = OpportunityDetails(name="Renamed", customer_id=customer.id, amount=Decimal(100))
        assert edit_opportunity(session, deal.id, details, deal.version).name == "Renamed"
        assert one_customer(session, customer.id).name == customer.name
    with open_as(people.anna.actor) as session:
        assert not session.scalars(select(CustomerShare.may_change)).one()
        remove_part(session, OpportunityMember, member.id)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        queries.opportunity(session, deal.id)
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        one_customer(session, customer.id)


def test_the_owner_is_no_member(people, deal):
    with pytest.raises(Invalid), open_as(people.ben.actor) as session:
        save_member(session, deal.id, DealMember(user_id=people.anna.id))


def test_an_assessment_is_summed_up(people, deal):
    with open_as(people.anna.actor) as session:
        save_assessment(session, deal.id, DealAssessment(**MARKS))
        assert queries.assessments(session, deal.id)[["score", "by"]].values.tolist() == [[75.0, "Anna Lindqvist"]]
