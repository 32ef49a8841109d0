import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import InvoiceInput, ReceiptInput, RefundInput, add_invoice, add_receipt, link_order, refund
from crm.contracts.queries import overdue_by_age, overdue_lines, receivables, trace
from crm.errors import NotFound
from crm.marketing.models import Lead
from crm.session import get, open_as
from crm.staff.models import OrgUnit
from tests.factories import TODAY, a_contract, a_customer, an_opportunity, an_order


def days_ago(*numbers):
    return [TODAY - dt.timedelta(number) for number in numbers]


@pytest.fixture
def owing(people, customer):
    """anna's customer owes 100 for each edge of the ages and for today; ben's other customer 50, which is not due"""
    other = a_customer(people.ben, name="Borealis")
    return (
        a_contract(people.anna, customer, 800, *days_ago(0, 1, 30, 31, 60, 61, 90, 91), name="Alpha"),
        a_contract(people.ben, other, 50, TODAY + dt.timedelta(9), name="Beta"),
    )


def test_overdue_by_age(people, owing):
    with open_as(people.ben.actor) as session:
        found = overdue_by_age(session, TODAY)
        assert found[["ageing", "lines", "amount"]].values.tolist() == [
            ["1_to_30_days", 2, 200],
            ["31_to_60_days", 2, 200],
            ["61_to_90_days", 2, 200],
            ["over_90_days", 1, 100],
        ]
        lines = overdue_lines(session, TODAY)
        assert lines["overdue_days"].tolist() == [91, 90, 61, 60, 31, 30, 1]
        assert lines.loc[0, ["contract", "customer", "owner", "ageing", "outstanding"]].tolist() == [
            "Alpha",
            "Aurora Music Ltd",
            "Anna Lindqvist",
            "over_90_days",
            100,
        ]
        assert overdue_lines(session, TODAY, age="31_to_60_days")["overdue_days"].tolist() == [60, 31]
        assert overdue_lines(session, TODAY, owner_id=people.ben.id).empty


def test_what_came_in_is_no_longer_owed(people, customer, owing):
    with open_as(people.anna.actor) as session:
        add_receipt(session, customer.id, ReceiptInput(received_on=TODAY, amount=150))
        assert overdue_lines(session, TODAY)["outstanding"].tolist() == [50, 100, 100, 100, 100, 100]


def test_receivables_by_customer_and_owner(people, customer, owing):
    with open_as(people.ben.actor) as session:
        by_customer = receivables(session, TODAY)
        shown = by_customer[["name", "receivable", "not_due", "overdue", "1_to_30_days", "over_90_days"]]
        assert shown.values.tolist() == [["Aurora Music Ltd", 800, 100, 700, 200, 100], ["Borealis", 50, 50, 0, 0, 0]]
        assert receivables(session, TODAY, by="owner")["name"].tolist() == ["Anna Lindqvist", "Ben Okafor"]
        assert receivables(session, TODAY, board_id=people.units["Machinery"]).empty
    with open_as(people.anna.actor) as session:
        assert receivables(session, TODAY)["name"].tolist() == ["Aurora Music Ltd"]


def test_money_of_different_kinds_is_never_added_up(people, owing):
    with open_as(SYSTEM) as session:
        get(session, OrgUnit, people.units["Machinery"]).currency = "USD"
    a_contract(people.emil, a_customer(people.emil), 70, *days_ago(5))
    with open_as(people.eve.actor) as session:
        found = overdue_by_age(session, TODAY)
        assert found[found["ageing"] == "1_to_30_days"].set_index("currency")["amount"].to_dict()["USD"] == 70
        assert set(receivables(session, TODAY, by="owner")["currency"]) == set(found["currency"])


def test_a_stranger_sees_nobody_owing(people, owing):
    for person in (people.chen, people.emil, people.mia):
        with open_as(person.actor) as session:
            assert overdue_by_age(session, TODAY).empty
            assert overdue_lines(session, TODAY).empty
            assert receivables(session, TODAY).empty


def test_a_draft_is_owed_by_nobody(people, customer):
    a_contract(people.anna, customer, 100, *days_ago(10), state="draft")
    with open_as(people.anna.actor) as session:
        assert receivables(session, TODAY).empty


def test_from_lead_to_cash_as_one_frame(people, customer):
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "owner_id": people.anna.id, "team_id": people.anna.unit_id}
        early = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        lead = Lead(name="Aurora", name_key="aurora", state="converted", customer_id=customer.id, created_at=early, **about)
        session.add(lead)
    deal = an_opportunity(people.anna, customer, lead_id=lead.id, created_on=dt.date(2026, 1, 5))
    made = a_contract(people.anna, customer, 100, *days_ago(10), opportunity_id=deal.id, signed_on=dt.date(2026, 2, 1))
    order = an_order(customer, 100, on=dt.date(2026, 2, 2))
    with open_as(people.anna.actor) as session:
        link_order(session, made.id, order.id)
        bill = add_invoice(session, made.id, InvoiceInput(number="I1", issued_on=dt.date(2026, 3, 1), amount=100))
        got = add_receipt(session, customer.id, ReceiptInput(received_on=dt.date(2026, 4, 1), amount=120))
        back = refund(session, got.id, RefundInput(received_on=dt.date(2026, 4, 2), amount=5))
        found = trace(session, customer.id)
    rows = found[["kind", "id", "amount", "from_kind", "from_id"]].astype(object).where(found.notna(), None).values.tolist()
    assert rows == [
        ["lead", lead.id, None, None, None],
        ["opportunity", deal.id, 0, "lead", lead.id],
        ["contract", made.id, 100, "opportunity", deal.id],
        ["order", order.id, 100, "contract", made.id],
        ["invoice", bill.id, 100, "contract", made.id],
        ["receipt", got.id, 100, "contract", made.id],
        ["receipt", got.id, 20, None, None],
        ["receipt", back.id, -5, "receipt", got.id],
    ]
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        trace(session, customer.id)


def test_a_customer_without_anything_has_an_empty_trace(people, customer):
    with open_as(people.anna.actor) as session:
        assert trace(session, customer.id).empty
