import datetime as dt

import pytest

from crm.customers.models import CustomerShare
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.session import open_as
from crm.support.commands import (
    CaseAssignment,
    CaseDetails,
    NewCase,
    add_case,
    assign,
    delete_cases,
    edit_case,
    take_case,
)
from crm.support.filters import CaseFilter
from crm.support.queries import case, case_ids, case_list, events, export_rows, totals
from tests.factories import TODAY, a_case, a_contact, a_customer, an_order


def details(customer, **changes):
    return NewCase.model_validate({"subject": "No sound", "customer_id": customer.id} | changes)


def test_it_works(people, customer):
    with open_as(people.anna.actor) as session:
        added = add_case(session, details(customer, priority="high"))
        second = add_case(session, details(customer))
    assert (added.number, second.number, added.owner_id) == ("CS000001", "CS000002", people.anna.id)
    with open_as(people.gia.actor) as session:
        told = events(session, added.id)
        assert told[["what", "state", "priority", "owner"]].values.tolist() == [["opened", "new", "high", "Anna Lindqvist"]]
        assert told["at"].dt.date.tolist() == [TODAY]


def test_given_to_another_department_at_once(people, customer):
    """A seller writes it down, the service picks it up; he still sees how his customer is served, and they see the customer."""
    with open_as(people.anna.actor) as session:
        added = add_case(session, details(customer, team_id=people.units["Service"]))
        assert session.query(CustomerShare).count() == 1
    assert (added.owner_id, added.team_id) == (None, people.units["Service"])
    with open_as(people.gia.actor) as session:
        assert case_list(session)["customer"].tolist() == ["Aurora Music Ltd"]
        assert take_case(session, added.id).owner_id == people.gia.id
        with pytest.raises(Invalid, match="taken before you"):
            take_case(session, added.id)
    with open_as(people.anna.actor) as session:
        assert case(session, added.id).state == "in_progress"
        assert events(session, added.id)["what"].tolist() == ["opened", "handed_over"]


def test_refused_for_a_stranger(people, customer):
    with pytest.raises(NotFound), open_as(people.emil.actor) as session:
        add_case(session, details(customer))


def test_refused_for_a_reader(people, customer):
    with pytest.raises(Refused), open_as(people.amir.actor) as session:
        add_case(session, details(customer))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"customer_id": None}, "customer_id"),
        ({"kind": "complaint"}, "complaint_class"),
        ({"complaint_class": "department"}, "complaint_class"),
        ({"opened_at": dt.datetime(2027, 1, 1)}, "opened_at"),
    ],
)
def test_what_must_be_said(people, customer, wrong, field):
    with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
        add_case(session, details(customer, **wrong))
    assert refusal.value.field == field


def test_contact_and_order_are_of_the_customer(people, customer):
    other = a_customer(people.anna)
    contact, order = a_contact(other), an_order(other)
    for name, record in (("contact_id", contact), ("order_id", order)):
        with pytest.raises(Invalid) as refusal, open_as(people.anna.actor) as session:
            add_case(session, details(customer, **{name: record.id}))
        assert refusal.value.field == name


def test_edit_keeps_the_change_of_priority_as_an_event(people, customer):
    found = a_case(people.anna, customer)
    told = CaseDetails.model_validate({"subject": "Louder", "customer_id": customer.id, "priority": "critical"})
    with open_as(people.anna.actor) as session:
        edit_case(session, found.id, told, found.version)
        assert events(session, found.id)[["what", "priority"]].values.tolist() == [["opened", "normal"], ["priority", "critical"]]
    with pytest.raises(Stale), open_as(people.anna.actor) as session:
        edit_case(session, found.id, told.model_copy(update={"subject": "Else"}), found.version)
    for person, error in ((people.emil, NotFound), (people.amir, Refused)):
        with pytest.raises(error), open_as(person.actor) as session:
            edit_case(session, found.id, told.model_copy(update={"subject": "Else"}), 2)


def test_assign_moves_to_people_who_work_on_cases(people, customer):
    found = a_case(people.anna, customer)
    with open_as(people.ben.actor) as session:
        assert assign(session, [found.id], CaseAssignment(owner_id=people.chen.id)) == 1
    with open_as(people.chen.actor) as session:
        assert case_list(session)["customer"].tolist() == ["Aurora Music Ltd"]
    with pytest.raises(Invalid, match="no cases"), open_as(people.dana.actor) as session:
        assign(session, [found.id], CaseAssignment(owner_id=people.mia.id))
    with pytest.raises(Invalid, match="another board"), open_as(people.dana.actor) as session:
        assign(session, [found.id], CaseAssignment(owner_id=people.emil.id))
    for person in (people.anna, people.gia):
        with pytest.raises(Refused), open_as(person.actor) as session:
            assign(session, [found.id], CaseAssignment(owner_id=people.anna.id))


def test_lists_counts_and_exports(people, customer):
    one = a_case(people.anna, customer, subject="Broken string", priority="critical")
    two = a_case(people.anna, customer, kind="complaint", complaint_class="product_quality")
    three = a_case(people.chen, a_customer(people.chen), team_id=people.units["Service"])
    with open_as(people.dana.actor) as session:
        assert case_list(session, sort="priority", descending=False)["id"].tolist()[0] == one.id
        assert case_ids(session, CaseFilter(search="string aurora")) == [one.id]
        assert case_ids(session, CaseFilter(owner_id=(0,))) == [three.id]
        assert case_ids(session, CaseFilter(kind=("complaint",), open=True, opened_from=TODAY, opened_to=TODAY)) == [two.id]
        assert case_ids(session, CaseFilter(open=False)) == []
        assert len(export_rows(session)) == 3
        assert totals(session) == {"cases": 3, "open": 3, "unassigned": 1, "made_sla": 0, "missed_sla": 0, "reopened": 0}
    with open_as(people.anna.actor) as session:
        assert set(case_ids(session, CaseFilter())) == {one.id, two.id}


def test_delete_is_for_those_who_assign(people, customer):
    found = a_case(people.anna, customer)
    with pytest.raises(Refused), open_as(people.anna.actor) as session:
        delete_cases(session, [found.id])
    with open_as(people.ben.actor) as session:
        assert delete_cases(session, [found.id]) == 1
        assert case_list(session).empty
