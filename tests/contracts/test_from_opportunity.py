import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.contracts.commands import ContractInput, contract_from_opportunity
from crm.contracts.queries import contract, order_balance, trace
from crm.customers.queries import order_lines, orders_of
from crm.errors import Invalid, NotFound, Refused
from crm.pipeline.commands.quotes import QuoteAnswer, QuoteInput, QuoteLineInput, accept_quote, new_quote, send_quote
from crm.pipeline.models import Opportunity
from crm.session import get, open_as
from tests.factories import TODAY, a_product, an_opportunity


@pytest.fixture
def deal(people, customer):
    return an_opportunity(people.anna, customer, name="Two pianos")


def quoted(person, deal, accepted=True):
    piano = a_product(name="Piano", price=Decimal("999.99"))
    lines = [QuoteLineInput(product_id=piano.id, quantity=3, discount_percent=Decimal("7.5"))]
    lines.append(QuoteLineInput(description="Transport", unit_price=Decimal(50)))
    with open_as(person.actor) as session:
        made = new_quote(session, deal.id, QuoteInput(lines=lines))
        send_quote(session, made.id, made.version)
        return accept_quote(session, made.id, QuoteAnswer(), made.version) if accepted else made


def won(deal):
    with open_as(SYSTEM) as session:
        get(session, Opportunity, deal.id).state = "won"


def sign(person, deal, **values):
    with open_as(person.actor) as session:
        return contract_from_opportunity(session, deal.id, ContractInput(**{"starts_on": TODAY, "signed_on": TODAY} | values))


def test_it_works(people, customer, deal):
    quote = quoted(people.anna, deal)
    won(deal)
    signed = sign(people.anna, deal)
    assert (signed.name, signed.amount, signed.state, signed.quote_id) == ("Two pianos", quote.amount, "draft", quote.id)
    assert (signed.number, signed.owner_id, signed.customer_id) == ("CT000001", people.anna.id, customer.id)
    with open_as(people.ben.actor) as session:
        (order,) = orders_of(session, customer.id).to_dict("records")
        assert (order["amount"], order["ordered_on"]) == (float(quote.amount), TODAY)
        lines = order_lines(session, order["id"])
        assert lines[["description", "quantity", "amount"]].values.tolist() == [["Piano", 3, 2774.9724], ["Transport", 1, 50]]
        assert order_balance(session, signed.id)["number"].tolist() == [order["number"]]
        assert trace(session, customer.id)["kind"].tolist() == ["opportunity", "contract", "order"]


def test_there_is_one(people, deal):
    quoted(people.anna, deal)
    won(deal)
    sign(people.anna, deal)
    with pytest.raises(Invalid) as refusal:
        sign(people.ben, deal)
    assert refusal.value.template == "This opportunity has a contract already."


def test_only_of_a_won_deal_with_an_accepted_quote(people, deal):
    quoted(people.anna, deal)
    with pytest.raises(Invalid, match="won"):
        sign(people.anna, deal)


def test_a_sent_quote_is_not_enough(people, deal):
    quoted(people.anna, deal, accepted=False)
    won(deal)
    with pytest.raises(Invalid, match="accepted no quote"):
        sign(people.anna, deal)


def test_refused_for_strangers_and_readers(people, customer, deal):
    quoted(people.anna, deal)
    won(deal)
    with pytest.raises(NotFound):
        sign(people.chen, deal)
    for reader in (people.amir, people.gia):
        with pytest.raises(Refused):
            sign(reader, deal)
    with open_as(people.anna.actor) as session:
        assert orders_of(session, customer.id).empty


def test_another_makes_it_for_the_owner(people, deal):
    quoted(people.anna, deal)
    won(deal)
    signed = sign(people.ben, deal, name="Frame contract", ends_on=dt.date(2027, 6, 30), amount=9)
    assert (signed.owner_id, signed.name, signed.amount, signed.remind_on) == (
        people.anna.id,
        "Frame contract",
        9,
        dt.date(2027, 5, 1),
    )
    with open_as(people.anna.actor) as session:
        assert contract(session, signed.id).opportunity_id == deal.id
