"""The list of quotes with its totals, two versions compared, and what a quote comes to before it is saved."""

import datetime as dt
from decimal import Decimal

import pytest

from crm.access import SYSTEM
from crm.catalogue.commands import delete_product
from crm.errors import Invalid, NotFound
from crm.pipeline.commands import (
    DiscountLimits,
    QuoteAnswer,
    QuoteInput,
    ask_approval,
    decline_quote,
    new_quote,
    revise_quote,
    send_quote,
    set_discount_limits,
)
from crm.pipeline.pricing import QuoteLineInput, quote_prices
from crm.pipeline.queries import QuoteFilter, changed_lines, quote, quote_list, quote_totals, quotes_of, quotes_to_approve
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product, an_opportunity


@pytest.fixture
def piano(people):
    return a_product(code="P1", name="Piano", price=Decimal(1000))


def line(product=None, price=None, quantity=1, discount=0, description=None):
    about = {"product_id": product.id if product else None, "description": description}
    return QuoteLineInput(**about, unit_price=price, quantity=quantity, discount_percent=discount)


def make(person, deal, *lines):
    with open_as(person.actor) as session:
        return new_quote(session, deal.id, QuoteInput(lines=list(lines))).id


def do(command, person, quote_id, *args):
    with open_as(person.actor) as session:
        return command(session, quote_id, *args, quote(session, quote_id).version).id


@pytest.fixture
def deals(people, day, piano):
    """OP1 of anna: declined at 1000, then a draft at 900; OP2 of ben: sent at 5000; OP3 of emil on another board."""
    first = an_opportunity(people.anna, a_customer(people.anna, name="Aurora"), number="OP1", name="Ten pianos")
    declined = make(people.anna, first, line(piano))
    do(send_quote, people.anna, declined)
    do(decline_quote, people.anna, declined, QuoteAnswer())
    make(people.anna, first, line(piano, discount=10))
    second = an_opportunity(people.ben, a_customer(people.ben, name="Borealis"), number="OP2", name="Organ")
    do(send_quote, people.ben, make(people.ben, second, line(piano, quantity=5)))
    third = an_opportunity(people.emil, a_customer(people.emil, name="Ceres"), number="OP3", name="Lathe")
    make(people.emil, third, line(price=70, description="Lathe"))
    return first, second, third


def found(person, **where):
    with open_as(person.actor) as session:
        return quote_list(session, QuoteFilter(**where))["quote"].tolist()


def test_the_newest_come_first_in_my_scope(people, deals):
    assert found(people.eve) == ["Q-OP3-1", "Q-OP2-1", "Q-OP1-2", "Q-OP1-1"]
    assert found(people.ben) == ["Q-OP2-1", "Q-OP1-2", "Q-OP1-1"]
    assert found(people.anna) == ["Q-OP1-2", "Q-OP1-1"]
    assert found(people.chen) == found(people.ada) == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"search": "borea"}, ["Q-OP2-1"]),
        ({"search": "ten q-op1"}, ["Q-OP1-2", "Q-OP1-1"]),
        ({"state": ("sent", "declined")}, ["Q-OP2-1", "Q-OP1-1"]),
        ({"mine": True}, ["Q-OP2-1"]),
        ({"amount_from": 950}, ["Q-OP2-1", "Q-OP1-1"]),
        ({"sent_from": TODAY, "sent_to": TODAY}, ["Q-OP2-1", "Q-OP1-1"]),
        ({"sent_to": TODAY - dt.timedelta(1)}, []),
    ],
)
def test_it_is_narrowed(people, deals, where, expected):
    assert found(people.ben, **where) == expected


def test_it_comes_in_pages(people, deals):
    with open_as(people.ben.actor) as session:
        pages = [quote_list(session, page=page, size=2)["quote"].tolist() for page in (1, 2, 3)]
    assert pages == [["Q-OP2-1", "Q-OP1-2"], ["Q-OP1-1"], []]


def test_its_columns(people, deals):
    with open_as(people.ben.actor) as session:
        (row,) = quote_list(session, QuoteFilter(search="Q-OP1", state=("draft",))).to_dict("records")
    shown = ("opportunity", "customer", "currency", "amount", "discount_percent", "largest_percent", "limit_percent", "made_by")
    assert [row[name] for name in shown] == ["Ten pianos", "Aurora", "CNY", 900, 10, 10, 15, "Anna Lindqvist"]


def test_totals_count_and_sum_what_the_list_shows(people, deals):
    with open_as(people.ben.actor) as session:
        assert quote_totals(session, QuoteFilter()) == {
            "quotes": 3,
            "states": {"declined": 1, "draft": 1, "sent": 1},
            "amounts": {"CNY": 6900},
            "list_amounts": {"CNY": 7000},
        }
        assert quote_totals(session, QuoteFilter(search="nothing"))["quotes"] == 0


def test_what_waits_says_how_far_above_the_limit_it_is(people, day, piano):
    deal = an_opportunity(people.anna, a_customer(people.anna), number="OP1")
    do(ask_approval, people.anna, make(people.anna, deal, line(piano, discount=20), line(price=9000, description="Organ")))
    with open_as(people.bao.actor) as session:
        set_discount_limits(session, DiscountLimits(limit_percent=30, per_role={"rep": 12}))
    with open_as(people.ben.actor) as session:
        (row,) = quotes_to_approve(session).to_dict("records")
    assert (row["discount_percent"], row["largest_percent"], row["limit_percent"]) == (2, 20, 12)
    assert row["asked_at"].date() == TODAY


# ------------------------------------------------------------------------------------------------ two versions


def test_lines_of_two_versions_are_matched_by_product_and_turn(people, day, piano):
    deal = an_opportunity(people.anna, a_customer(people.anna))
    tuning, transport = line(price=30, description="Tuning"), line(price=50, description="Transport")
    first = make(people.anna, deal, line(piano), line(piano, quantity=2), transport)
    later = QuoteInput(lines=[line(piano), line(piano, quantity=3, discount=10), tuning])
    second = do(revise_quote, people.anna, first, later)
    with open_as(people.anna.actor) as session:
        lines = changed_lines(session, first, second)
    columns = ["description", "change", "quantity_before", "quantity_after", "net_price_after", "amount_change"]
    assert lines[columns].fillna(0).values.tolist() == [
        ["Piano", "same", 1, 1, 1000, 0],
        ["Piano", "changed", 2, 3, 900, 700],
        ["Tuning", "added", 0, 1, 30, 30],
        ["Transport", "taken_out", 1, 0, 0, -50],
    ]


def test_a_foreign_quote_is_not_compared(people, deals):
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        changed_lines(session, 1, 2)


# -------------------------------------------------------------------------------------------------- before saving


def test_a_quote_is_judged_before_it_is_saved(people, day, piano):
    deal = an_opportunity(people.anna, a_customer(people.anna))
    with open_as(people.anna.actor) as session:
        prices = quote_prices(session, deal.id, [line(piano, 900, 2, discount=10), line(price=100, description="Tuning")])
        assert (prices.amounts, prices.list_prices) == ((1620, 100), (1000, 100))
        assert (prices.amount, prices.list_amount, prices.largest_percent) == (1720, 2100, 19)
        assert prices.needs_approval and prices.limit_percent == 15
        assert not quote_prices(session, deal.id, [line(piano, discount=15)]).needs_approval
        with pytest.raises(Invalid):
            quote_prices(session, deal.id, [line()])
    with open_as(people.anna.actor) as session:
        assert quotes_of(session, deal.id).empty
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        quote_prices(session, deal.id, [line(piano)])


def test_a_product_that_left_the_catalogue_stays_in_the_next_version(people, day, piano):
    deal = an_opportunity(people.anna, a_customer(people.anna))
    first = make(people.anna, deal, line(piano))
    with open_as(SYSTEM) as session:
        delete_product(session, piano.id)
    second = do(revise_quote, people.anna, first, QuoteInput())
    with open_as(people.anna.actor) as session:
        assert quote(session, second).amount == 1000
