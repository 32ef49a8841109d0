import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from crm.access import SYSTEM
from crm.errors import Refused
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.commands import (
    QuoteAnswer,
    QuoteInput,
    QuoteLineInput,
    ask_approval,
    decline_quote,
    edit_quote,
    new_quote,
    send_quote,
)
from crm.pipeline.models import OpportunityLine
from crm.pipeline.queries import quote, quote_lines, quotes_of
from crm.session import open_as
from tests.factories import TODAY, a_customer, a_product, an_opportunity
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/quotes.py"


@pytest.fixture
def deal(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return an_opportunity(people.anna, a_customer(people.anna, name="Aurora"), number="OP7", name="Ten pianos")


@pytest.fixture
def piano(people):
    return a_product(code="P1", name="Piano", price=Decimal(1000), unit="piece")


def of(piano, discount=0, quantity=1):
    return QuoteLineInput(product_id=piano.id, quantity=quantity, discount_percent=discount)


def make(person, deal, *lines, **about):
    with open_as(person.actor) as session:
        return new_quote(session, deal.id, QuoteInput(lines=list(lines), **about)).id


def do(command, person, quote_id, *args):
    with open_as(person.actor) as session:
        command(session, quote_id, *args, quote(session, quote_id).version)


def states(person, deal):
    with open_as(person.actor) as session:
        return quotes_of(session, deal.id)["state"].tolist()


# ------------------------------------------------------------------------------------------------- of one deal


def tab_body(opportunity_id):
    from crm.pipeline.queries import opportunity
    from crm.ui.desk import find
    from crm.ui.quotes.of_deal import quotes

    quotes(find(opportunity, opportunity_id))


def test_the_first_quote_is_offered_where_there_is_none(people, deal):
    at = dialog(tab_body, people.anna, deal.id)
    assert "No quote yet. The first one begins with the lines of the deal" in texts(at)
    assert "quote.new" in keys(at)
    assert "quote.new" not in keys(dialog(tab_body, people.amir, deal.id))


def test_a_draft_within_the_limit_can_be_sent_at_once(people, deal, piano):
    make(people.anna, deal, of(piano, 10))
    at = dialog(tab_body, people.anna, deal.id)
    assert not at.exception
    assert "Q-OP7-1 is a draft: CN¥900.00, 10.0 % below list" in texts(at)
    assert at.dataframe[0].value["amount"].tolist() == [900]
    assert "quote.ask" not in keys(at)
    at.button(key="quote.send").click().run()
    assert states(people.anna, deal) == ["sent"]


def test_a_large_discount_is_asked_for_and_decided_by_another(people, deal, piano):
    make(people.anna, deal, of(piano, 20))
    at = dialog(tab_body, people.anna, deal.id)
    assert "quote.send" not in keys(at)
    at.button(key="quote.ask").click().run()
    assert "20.0 % at most, the limit is 15 %" in texts(at)
    assert "quote.approve" not in keys(at)
    boss = dialog(tab_body, people.ben, deal.id)
    boss.button(key="quote.approve").click().run()
    assert states(people.anna, deal) == ["approved"]
    assert "quote.send" in keys(dialog(tab_body, people.anna, deal.id))


def test_a_reader_finds_no_buttons(people, deal, piano):
    make(people.anna, deal, of(piano))
    assert not {"quote.send", "quote.edit", "quote.ask"} & keys(dialog(tab_body, people.amir, deal.id))


def two_versions(people, deal, piano):
    first = make(people.anna, deal, of(piano), QuoteLineInput(description="Transport", unit_price=50))
    do(send_quote, people.anna, first)
    do(decline_quote, people.anna, first, QuoteAnswer(answer="Too dear"))
    return first, make(people.anna, deal, of(piano, 10), QuoteLineInput(description="Tuning", unit_price=30))


def test_two_versions_are_compared(people, deal, piano):
    two_versions(people, deal, piano)
    at = dialog(tab_body, people.anna, deal.id)
    assert at.dataframe[0].value["quote"].tolist() == ["Q-OP7-2", "Q-OP7-1"]
    at.session_state["quotes.compare"] = True
    at.run()
    assert not at.exception
    assert "Q-OP7-2 is CN¥120.00 cheaper than Q-OP7-1" in texts(at)
    shown = at.dataframe[-1].value
    assert dict(zip(shown["description"], shown["line_change"], strict=True)) == {
        "Piano": "Changed",
        "Tuning": "New",
        "Transport": "Taken out",
    }


# --------------------------------------------------------------------------------------------------- the editor


def editor_body(opportunity_id, mode, quote_id, version=None):
    from crm.pipeline.queries import opportunity, quote
    from crm.ui.desk import find
    from crm.ui.quotes.editor import editor

    found = find(quote, quote_id) if quote_id else None
    if version:
        found.version = version
    editor(find(opportunity, opportunity_id), mode, found)


def grid(deal, turn=0):
    return f"quote.editor.{deal.id}.grid.{turn}"


def edit(at, deal, turn=0, **rows):
    """`r0={...}`: what was typed into the first row"""
    typed = {int(name[1:]): values for name, values in rows.items()}
    at.session_state[grid(deal, turn)] = {"edited_rows": typed, "added_rows": [], "deleted_rows": []}
    return at.run()


def save(at, deal):
    return at.button(key=f"quote.editor.{deal.id}.save").click().run()


@pytest.fixture
def with_lines(deal, piano):
    with open_as(SYSTEM) as session:
        about = {"opportunity_id": deal.id, "product_id": piano.id}
        session.add(OpportunityLine(**about, quantity=2, unit_price=1000, discount_percent=0, amount=2000))
    return deal


def test_a_new_quote_begins_with_the_lines_of_the_deal(people, with_lines):
    at = dialog(editor_body, people.anna, with_lines.id, "new", None)
    assert not at.exception
    assert [one.value for one in at.metric] == ["CN¥2,000.00", "CN¥2,000.00", "0.0 %", "0.0 %"]
    save(at, with_lines)
    with open_as(people.anna.actor) as session:
        (row,) = quotes_of(session, with_lines.id).to_dict("records")
    assert (row["state"], row["amount"], row["valid_until"]) == ("draft", 2000, TODAY + dt.timedelta(30))


def test_it_says_before_saving_that_this_needs_approval(people, with_lines):
    at = dialog(editor_body, people.anna, with_lines.id, "new", None)
    assert not at.warning
    edit(at, with_lines, r0={"discount_percent": 20})
    assert "20.0 % is above your limit of 15 %: this quote needs approval before it can be sent." in at.warning[0].value
    assert at.metric[0].value == "CN¥1,600.00"
    assert states(people.anna, with_lines) == []


def test_a_product_is_found_and_added_and_what_was_typed_stays(people, with_lines):
    chair = a_product(code="P2", name="Chair", price=Decimal(50))
    at = dialog(editor_body, people.anna, with_lines.id, "new", None)
    edit(at, with_lines, r0={"quantity": 3})
    at.text_input(key=f"quote.editor.{with_lines.id}.search").set_value("chai").run()
    at.pills(key=f"quote.editor.{with_lines.id}.hits.0").set_value(chair.id).run()
    assert not at.exception
    assert at.metric[0].value == "CN¥3,050.00"
    save(at, with_lines)
    with open_as(people.anna.actor) as session:
        found = quote_lines(session, int(quotes_of(session, with_lines.id)["id"].iloc[0]))
    assert found[["description", "quantity", "amount"]].values.tolist() == [["Piano", 3, 3000], ["Chair", 1, 50]]


def test_a_line_is_taken_out(people, with_lines):
    at = dialog(editor_body, people.anna, with_lines.id, "new", None)
    at.button(key=f"quote.editor.{with_lines.id}.free").click().run()
    edit(at, with_lines, turn=1, r0={"remove": True}, r1={"description": "Tuning", "unit_price": 80})
    assert at.metric[0].value == "CN¥80.00"


def test_without_lines_the_editor_says_what_to_do(people, deal):
    at = dialog(editor_body, people.anna, deal.id, "new", None)
    assert "Look for the first product above" in at.info[0].value
    assert at.button(key=f"quote.editor.{deal.id}.save").disabled


def test_a_line_without_a_price_is_told_and_not_saved(people, deal):
    at = dialog(editor_body, people.anna, deal.id, "new", None)
    at.button(key=f"quote.editor.{deal.id}.free").click().run()
    edit(at, deal, turn=1, r0={"description": "Tuning"})
    assert at.error[0].value == "Tuning has no list price: say what it costs."
    assert at.button(key=f"quote.editor.{deal.id}.save").disabled


def test_two_change_one_draft_and_the_second_sees_both(people, deal, piano):
    made = make(people.anna, deal, of(piano))
    at = dialog(editor_body, people.anna, deal.id, "edit", made, 1)
    edit(at, deal, r0={"unit_price": 950})
    with open_as(people.ben.actor) as session:
        edit_quote(session, made, QuoteInput(lines=[of(piano, 5, 2)]), 1)
    save(at, deal)
    assert "Ben Okafor saved this record before you" in at.warning[-1].value
    next(button for button in at.button if button.label == "Save mine").click().run()
    with open_as(people.anna.actor) as session:
        assert quote_lines(session, made)["amount"].tolist() == [950]


# ------------------------------------------------------------------------------------------------- the document


def document_of(person, made, language):
    from crm.staff.sign_in import open_browser_session, who
    from crm.ui.quotes.document import document

    return openpyxl.load_workbook(io.BytesIO(document(who(open_browser_session(person.id)), language, made)))


@pytest.mark.parametrize(("language", "title", "total"), [("en", "Quotation", "Total CNY"), ("zh", "报价单", "合计 CNY")])
def test_the_sheet_for_the_customer(people, deal, piano, language, title, total):
    made = make(people.anna, deal, of(piano, 10, 2), terms="Delivered in June")
    sheet = document_of(people.anna, made, language).worksheets[0]
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert cells[0] == title
    assert {"Q-OP7-1", "Aurora", "Piano", "piece", 2, 1000, 10, 1800, total, "Delivered in June"} <= set(cells)


def test_who_may_not_export_gets_no_sheet(people, deal, piano):
    made = make(people.anna, deal, of(piano))
    with pytest.raises(Refused):
        document_of(people.gia, made, "en")


# ---------------------------------------------------------------------------------------------------- the page


@pytest.fixture
def waiting(people, deal, piano):
    made = make(people.anna, deal, of(piano, 20))
    do(ask_approval, people.anna, made)
    return made


def test_who_approves_decides_in_place(people, deal, waiting):
    at = opened(PAGE, people.ben)
    assert not at.exception
    seen = texts(at)
    assert "1 quote waits for your word, the oldest asked today" in seen
    assert "20.0 % off at most], the limit is 15 %" in seen and "Anna Lindqvist asked today" in seen
    at.button(key=f"quote.approve.{waiting}").click().run()
    assert states(people.anna, deal) == ["approved"]
    assert "quote.approve" not in " ".join(keys(at))


def refuse_body(quote_id, version):
    from crm.ui.quotes.deciding import refuse_dialog

    refuse_dialog(quote_id, version)


def test_a_refusal_needs_a_reason(people, deal, waiting):
    at = dialog(refuse_body, people.ben, waiting, 2)
    at.button[0].click().run()
    assert at.error[0].value == "Say why it is refused."
    at.text_area(key="quote.refuse.reason").set_value("Too much")
    at.button[0].click().run()
    assert states(people.anna, deal) == ["refused"]
    assert "“Too much”" in texts(dialog(tab_body, people.anna, deal.id))


def answer_body(quote_id, version, said):
    from crm.ui.quotes.deciding import answer_dialog

    answer_dialog(quote_id, version, said)


def test_the_answer_of_the_customer_is_written_down(people, deal, piano):
    made = make(people.anna, deal, of(piano))
    do(send_quote, people.anna, made)
    at = dialog(answer_body, people.anna, made, 2, "accepted")
    at.text_input(key="quote.answer.form.answer").set_value("Go")
    at.button[0].click().run()
    seen = texts(dialog(tab_body, people.anna, deal.id))
    assert "The customer accepted Q-OP7-1" in seen and "“Go”" in seen


def listed(at):
    return at.dataframe[0].value["quote"].tolist() if at.dataframe else []


@pytest.fixture
def several(people, deal, piano):
    two_versions(people, deal, piano)
    other = an_opportunity(people.ben, a_customer(people.ben, name="Borealis"), number="OP8", name="Organ")
    make(people.ben, other, of(piano, 0, 5))
    return other


def test_open_ones_mine_or_all(people, several):
    at = opened(PAGE, people.ben, view="open")
    assert listed(at) == ["Q-OP8-1", "Q-OP7-2"]
    assert "**2** quotes · CN¥5,930.00 · CN¥6,030.00 at list price" in texts(at)
    at.segmented_control(key="quotes.whose").set_value("mine").run()
    assert listed(at) == ["Q-OP8-1"]
    assert listed(opened(PAGE, people.anna)) == ["Q-OP7-2"]


def test_all_of_them_filtered_by_the_address(people, several):
    assert listed(opened(PAGE, people.ben, view="all")) == ["Q-OP8-1", "Q-OP7-2", "Q-OP7-1"]
    assert listed(opened(PAGE, people.ben, view="all", state="declined")) == ["Q-OP7-1"]
    at = opened(PAGE, people.ben, view="all")
    at.text_input(key="quotes.search").set_value("borea").run()
    assert listed(at) == ["Q-OP8-1"]
    assert (at.query_params["search"], at.query_params["view"]) == ("borea", "all")
    at.text_input(key="quotes.search").set_value("nothing").run()
    assert "No quote fits these filters." in texts(at)


def test_a_stranger_sees_none_of_it(people, several):
    assert listed(opened(PAGE, people.chen, view="all")) == []
    assert "No quote yet." in texts(opened(PAGE, people.chen, view="all"))
    assert listed(opened(PAGE, people.emil, view="open")) == []


def test_nothing_waits(people, deal):
    at = opened(PAGE, people.ben, view="approve")
    assert "No quote waits for your word." in texts(at)


def test_it_is_not_for_the_administrator(people):
    assert "Your role does not open this page." in texts(opened(PAGE, people.ada))


@pytest.mark.parametrize("view", ["approve", "open", "all"])
def test_in_chinese(people, several, waiting_too, view):
    at = opened(PAGE, people.ben, "zh", view=view)
    assert not at.exception
    assert english_left(at) <= {unit for unit, _, _ in UNITS}


@pytest.fixture
def waiting_too(people, several):
    made = make(
        people.anna,
        an_opportunity(people.anna, a_customer(people.anna), number="OP9", name="钢琴"),
        QuoteLineInput(description="钢琴", unit_price=90, quantity=1, discount_percent=50),
    )
    do(ask_approval, people.anna, made)
