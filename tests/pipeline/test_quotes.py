import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from crm.access import SYSTEM, Role
from crm.catalogue.commands import PriceInput, PriceListInput, add_price_list, put_price
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.pipeline.commands.quotes import (
    DiscountLimits,
    QuoteAnswer,
    QuoteInput,
    QuoteLineInput,
    accept_quote,
    approve_quote,
    ask_approval,
    decline_quote,
    edit_quote,
    new_quote,
    refuse_quote,
    revise_quote,
    send_quote,
    set_discount_limits,
)
from crm.pipeline.models import OpportunityLine, OpportunityState
from crm.pipeline.queries.quotes import (
    accepted_quote,
    discount_limit,
    newest_quote,
    quote,
    quote_lines,
    quotes_of,
    quotes_to_approve,
)
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product, an_opportunity


def line(price="100", quantity=1, discount=0, **about) -> QuoteLineInput:
    about = {"description": "Goods"} | about
    return QuoteLineInput(unit_price=price and Decimal(price), quantity=quantity, discount_percent=discount, **about)


@pytest.fixture
def deal(people, day):
    return an_opportunity(people.anna, a_customer(people.anna), number="OP7")


@pytest.fixture
def piano(people):
    return a_product(name="Piano", price=Decimal(1000))


def make(person, deal, *lines, **about):
    with open_as(person.actor) as session:
        return new_quote(session, deal.id, QuoteInput(lines=list(lines) or None, **about))


def do(command, person, made, *args):
    with open_as(person.actor) as session:
        return command(session, made.id, *args, quote(session, made.id).version)


def sent(person, deal, *lines):
    return do(send_quote, person, make(person, deal, *(lines or (line(),))))


def discounted(piano, discount=20):
    return line(price=None, discount=discount, product_id=piano.id, description=None)


def test_it_works(people, deal, piano):
    made = make(people.anna, deal, discounted(piano, 10), line("50", 2), valid_until=TODAY, terms="30 days")
    assert (made.title, made.state, made.amount, made.list_amount) == ("Q-OP7-1", "draft", 1000, 1100)
    with open_as(people.ben.actor) as session:
        lines = quote_lines(session, made.id)
        (row,) = quotes_of(session, deal.id).to_dict("records")
    shown = lines[["description", "list_price", "unit_price", "discount_percent", "amount"]]
    assert shown.values.tolist() == [["Piano", 1000, 1000, 10, 900], ["Goods", 50, 50, 0, 100]]
    assert (row["made_by"], made.terms) == ("Anna Lindqvist", "30 days")
    assert row["discount_percent"] == pytest.approx(100 / 11)


def test_it_is_made_from_the_lines_of_the_deal(people, deal, piano):
    with open_as(SYSTEM) as session:
        about = {"opportunity_id": deal.id, "product_id": piano.id}
        session.add(OpportunityLine(**about, quantity=2, unit_price=900, discount_percent=5, amount=1710))
    made = make(people.anna, deal)
    assert (made.amount, made.list_amount, made.lines[0].description) == (1710, 2000, "Piano")


def test_a_deal_without_lines_gives_no_quote(people, deal):
    with pytest.raises(Invalid, match="at least one line"):
        make(people.anna, deal)


def test_the_list_price_is_that_of_the_day(people, deal, piano):
    with open_as(people.ada.actor) as session:
        listed = add_price_list(session, PriceListInput(name="2026", starts_on=dt.date(2026, 1, 1), board_id=deal.board_id))
        put_price(session, listed.id, PriceInput(product_id=piano.id, price=1200))
    made = make(people.anna, deal, discounted(piano, 0), discounted(piano, 0).model_copy(update={"unit_price": Decimal(1000)}))
    assert [(one.list_price, one.unit_price) for one in made.lines] == [(1200, 1200), (1200, 1000)]
    assert made.largest_discount_percent == pytest.approx(Decimal(100) / 6)


def test_refused_for_a_stranger(people, deal):
    with pytest.raises(NotFound):
        make(people.chen, deal, line())


def test_it_is_seen_with_its_deal_alone(people, deal):
    made = make(people.anna, deal, line())
    west = replace(people.ben.actor, user_id=people.chen.id, team_ids=frozenset({people.chen.unit_id}))
    with open_as(people.ben.actor) as session:
        assert (quote(session, made.id).id, newest_quote(session, deal.id).id) == (made.id, made.id)
    with open_as(west) as session:
        assert newest_quote(session, deal.id) is None
        assert quotes_of(session, deal.id).empty
        for ask in (quote, quote_lines):
            with pytest.raises(NotFound):
                ask(session, made.id)


def test_refused_for_a_reader(people, deal):
    for reader in (people.amir, people.gia, people.mia):
        with pytest.raises(Refused):
            make(reader, deal, line())
    made = make(people.anna, deal, line())
    for reader in (people.amir, people.gia):
        with pytest.raises(Refused):
            do(send_quote, reader, made)


def test_there_is_one_living_quote(people, deal):
    made = make(people.anna, deal, line())
    with pytest.raises(Invalid, match="already"):
        make(people.anna, deal, line())
    do(decline_quote, people.anna, do(send_quote, people.anna, made), QuoteAnswer(answer="Too dear"))
    assert make(people.anna, deal, line("90")).title == "Q-OP7-2"


def test_a_closed_deal_is_not_quoted(people, deal):
    with open_as(SYSTEM) as session:
        session.merge(deal).state = OpportunityState.LOST
    with pytest.raises(Invalid, match="closed"):
        make(people.anna, deal, line())


# ------------------------------------------------------------------------------------------------ change and versions


def test_a_draft_is_changed_and_an_old_version_refused(people, deal):
    made = make(people.anna, deal, line("100"), line("50"))
    with open_as(people.anna.actor) as session:
        edited = edit_quote(session, made.id, QuoteInput(lines=[line("70")]), made.version)
        assert (edited.amount, [one.amount for one in edited.lines]) == (70, [70])
    with open_as(people.ben.actor) as session:
        assert quote_lines(session, made.id)["amount"].tolist() == [70]
    with pytest.raises(Stale), open_as(people.anna.actor) as session:
        edit_quote(session, made.id, QuoteInput(lines=[line("60")]), made.version - 1)


def test_a_sent_one_is_never_changed_but_replaced(people, deal):
    first = sent(people.anna, deal, line("100"), line("50"))
    with pytest.raises(Invalid):
        do(edit_quote, people.anna, first, QuoteInput(lines=[line("1")]))
    second = do(revise_quote, people.anna, first, QuoteInput())
    assert (second.title, second.state, second.amount) == ("Q-OP7-2", "draft", 150)
    with open_as(people.anna.actor) as session:
        assert quotes_of(session, deal.id)[["revision", "state", "amount"]].values.tolist() == [
            [2, "draft", 150],
            [1, "replaced", 150],
        ]
    with pytest.raises(Invalid, match="newer"):
        do(revise_quote, people.anna, first, QuoteInput())
    with pytest.raises(Invalid):
        do(accept_quote, people.anna, first, QuoteAnswer())


# ----------------------------------------------------------------------------------------------------------- approval


def test_a_large_discount_asks_first(people, deal, piano):
    made = make(people.anna, deal, discounted(piano))
    with pytest.raises(Invalid, match="above 15 % needs approval"):
        do(send_quote, people.anna, made)
    do(ask_approval, people.anna, made)
    with open_as(people.ben.actor) as session:
        assert quotes_to_approve(session)[["id", "discount_percent"]].values.tolist() == [[made.id, 20]]
    for nobody in (people.anna, people.chen):
        with open_as(nobody.actor) as session:
            assert quotes_to_approve(session).empty
    approved = do_decide(approve_quote, people.ben, made, "Reference customer")
    assert (approved.state, approved.decided_by_id, approved.decision) == ("approved", people.ben.id, "Reference customer")
    assert do(send_quote, people.anna, made).state == "sent"


def do_decide(command, person, made, decision):
    with open_as(person.actor) as session:
        return command(session, made.id, quote(session, made.id).version, decision)


def test_the_discount_of_one_line_is_enough(people, deal, piano):
    made = make(people.anna, deal, discounted(piano, 16), line("100000"))
    with pytest.raises(Invalid, match="needs approval"):
        do(send_quote, people.anna, made)


def test_a_lower_price_is_a_discount(people, deal, piano):
    made = make(people.anna, deal, line("800", product_id=piano.id))
    with pytest.raises(Invalid, match="needs approval"):
        do(send_quote, people.anna, made)


def test_refused_it_can_be_changed(people, deal, piano):
    made = make(people.anna, deal, discounted(piano))
    do(ask_approval, people.anna, made)
    with pytest.raises(Invalid):
        do(edit_quote, people.anna, made, QuoteInput(lines=[line("1")]))
    with pytest.raises(Invalid, match="why"):
        do_decide(refuse_quote, people.ben, made, " ")
    assert do_decide(refuse_quote, people.ben, made, "Too much").state == "refused"
    with pytest.raises(Invalid):
        do(send_quote, people.anna, made)
    edited = do(edit_quote, people.anna, made, QuoteInput(lines=[discounted(piano, 15)]))
    assert (edited.state, edited.decision) == ("draft", None)
    assert do(send_quote, people.anna, made).state == "sent"


def test_only_who_may_approve_approves_and_never_his_own(people, deal, piano):
    made = make(people.ben, deal, discounted(piano))
    do(ask_approval, people.ben, made)
    for person in (people.anna, people.amir):
        with pytest.raises(Refused):
            do_decide(approve_quote, person, made, None)
    with pytest.raises(Refused, match="his own"):
        do_decide(approve_quote, people.ben, made, None)
    with pytest.raises(NotFound):
        hidden_from(people.chen, made)
    assert do_decide(approve_quote, people.dana, made, None).state == "approved"


def hidden_from(person, made):
    with open_as(person.actor) as session:
        quote(session, made.id)


def test_what_was_changed_in_the_meantime_is_not_approved(people, deal, piano):
    made = do(ask_approval, people.anna, make(people.anna, deal, discounted(piano)))
    with pytest.raises(Stale), open_as(people.ben.actor) as session:
        approve_quote(session, made.id, made.version - 1)


def test_the_limit_is_a_setting_of_the_role(people, deal, piano):
    with pytest.raises(Refused), open_as(people.ben.actor) as session:
        set_discount_limits(session, DiscountLimits(limit_percent=50))
    with open_as(people.bao.actor) as session:
        set_discount_limits(session, DiscountLimits(limit_percent=5, per_role={"lead": 30}))
        assert [discount_limit(session, role) for role in (Role.REP, Role.LEAD)] == [5, 30]
        with pytest.raises(Invalid):
            set_discount_limits(session, DiscountLimits(per_role={"king": 1}))
    made = make(people.anna, deal, discounted(piano))
    with pytest.raises(Invalid, match="above 5 %"):
        do(send_quote, people.anna, made)
    with pytest.raises(Invalid, match="needs no approval"):
        do(ask_approval, people.ben, made)
    assert do(send_quote, people.ben, made).state == "sent"


# -------------------------------------------------------------------------------------------------------- its end


def test_the_customer_accepts_once(people, deal):
    first = sent(people.anna, deal)
    accepted = do(accept_quote, people.anna, first, QuoteAnswer(answer="Go"))
    assert (accepted.state, accepted.answered_on, accepted.answer) == ("accepted", TODAY, "Go")
    with open_as(people.anna.actor) as session:
        assert accepted_quote(session, deal.id).id == first.id
    for command, about in ((revise_quote, QuoteInput()), (decline_quote, QuoteAnswer())):
        with pytest.raises(Invalid):
            do(command, people.anna, first, about)


def test_a_quote_that_is_no_longer_valid_is_not_sent(people, deal):
    made = make(people.anna, deal, line(), valid_until=TODAY - dt.timedelta(1))
    with pytest.raises(Invalid, match="no longer valid"):
        do(send_quote, people.anna, made)


def test_a_price_is_needed(people, deal):
    nothing = a_product(price=None)
    with pytest.raises(Invalid, match="no list price"):
        make(people.anna, deal, line(None, product_id=nothing.id))
    with pytest.raises(Invalid, match="Choose a product"):
        make(people.anna, deal, line(description=None))


@pytest.mark.parametrize("wrong", [{"quantity": 0}, {"discount": 101}, {"price": "-1"}])
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        line(**wrong)
