from io import BytesIO

import pytest
from PIL import Image

from crm.office.commands import add_attachment
from crm.office.queries import attachments_of
from crm.session import open_as
from crm.settings import settings
from tests.factories import a_contract, a_customer, an_opportunity
from tests.pages.opened import dialog, opened, texts
from tests.pages.reading import english_left

PDF = b"%PDF-1.7\nthe offer"


def picture():
    made = BytesIO()
    Image.new("RGB", (400, 300), "green").save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def customer(people):
    return a_customer(people.anna, name="Aurora Music Ltd")


@pytest.fixture
def offer(people, customer):
    with open_as(people.anna.actor) as session:
        return add_attachment(session, "customer", customer.id, "offer_1.pdf", PDF, "As sent")


@pytest.fixture
def photo(people, customer):
    with open_as(people.anna.actor) as session:
        return add_attachment(session, "customer", customer.id, "site.png", picture())


def body(customer_id):
    from crm.ui.attachments import attachments

    attachments("customer", customer_id, key="a")


def names(person, customer):
    with open_as(person.actor) as session:
        return sorted(attachments_of(session, "customer", [customer.id])["name"])


def shown(person, customer):
    at = dialog(body, person, customer.id)
    assert not at.exception
    return at


def downloads(at):
    return [button.label for button in at.get("download_button")]


def test_several_are_dropped_at_once(people, customer):
    at = shown(people.anna, customer)
    assert "Drop offers, drawings, photos or mails" in texts(at)
    at.file_uploader[0].upload("offer.pdf", PDF, "application/pdf").upload("note.txt", b"Call back", "text/plain")
    at.run()
    assert names(people.anna, customer) == ["note.txt", "offer.pdf"]
    assert sorted(downloads(at)) == ["note.txt", "offer.pdf"]
    assert "Attached: offer.pdf, note.txt" in at.toast[0].value
    assert "**2 files, 27 B**" in texts(at)


def test_one_that_is_refused_keeps_the_others(people, customer):
    at = shown(people.anna, customer)
    at.file_uploader[0].upload("offer.pdf", b"MZ a program", "application/pdf").upload("note.txt", b"Call back", "text/plain")
    at.run()
    assert names(people.anna, customer) == ["note.txt"]
    assert "offer.pdf is not what its ending says" in at.error[0].value
    at.run()
    assert names(people.anna, customer) == ["note.txt"] and not at.error, "told once, attached once"


def test_a_line_tells_what_it_is(people, customer, offer):
    seen = texts(shown(people.anna, customer))
    assert "19 B" not in seen and "18 B" in seen
    for part in ("Anna Lindqvist", "As sent"):
        assert part in seen


def test_a_picture_is_seen_small_and_large(people, customer, photo):
    assert len(shown(people.anna, customer).get("image")) == 1

    def large(attachment_id, sha256):
        from crm.ui.attachments import look

        look(attachment_id, sha256, "plan.png")

    assert len(dialog(large, people.anna, photo.id, photo.sha256).get("image")) == 1


def test_a_broken_picture_is_only_a_line(people, customer):
    with open_as(people.anna.actor) as session:
        add_attachment(session, "customer", customer.id, "site.png", b"\x89PNG\r\n\x1a\n nothing more")
    at = shown(people.anna, customer)
    assert not at.get("image") and downloads(at) == ["site.png"]


def test_taken_away_and_brought_back(people, customer, offer):
    at = shown(people.anna, customer)
    key = f"a.{customer.id}"
    at.menu_button(key=f"{key}.menu.{offer.id}").click("remove").run()
    assert names(people.anna, customer) == []
    at.button(key=f"{key}.undo").click().run()
    assert names(people.anna, customer) == ["offer_1.pdf"]
    assert not [button for button in at.button if button.key == f"{key}.undo"]


def test_a_name_and_a_note(people, customer, offer):
    def edit(attachment_id):
        from crm.ui.attachments import edit_dialog

        edit_dialog(attachment_id)

    at = dialog(edit, people.anna, offer.id)
    at.text_input(key=f"attachment.{offer.id}.name").set_value("signed")
    at.text_input(key=f"attachment.{offer.id}.note").set_value("Countersigned")
    at.button[0].click().run()
    assert names(people.anna, customer) == ["signed.pdf"]


def test_a_reader_reads(people, customer, offer, photo):
    at = shown(people.amir, customer)
    assert not at.file_uploader
    assert len(downloads(at)) == 2
    assert [menu.key for menu in at.menu_button] == [f"a.{customer.id}.menu.{photo.id}"], "a picture can be looked at"


def test_a_reader_of_nothing(people, customer):
    assert "Whoever may change this record can attach them." in texts(shown(people.amir, customer))


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_bytes(PDF[::-1])])
def test_a_file_that_is_missing_or_changed_is_told(people, customer, offer, spoil):
    spoil(settings().documents / offer.sha256[:2] / offer.sha256)
    at = shown(people.anna, customer)
    assert downloads(at) == []
    assert "Its file is missing or was changed on the disk" in texts(at)


def test_the_bytes_are_read_when_it_is_pressed_and_only_for_who_is_signed_in(people, customer, offer):
    from crm.errors import Refused
    from crm.staff.sign_in import open_browser_session, sign_out, who
    from crm.ui.attachments import _content

    token = open_browser_session(people.anna.id)
    person = who(token)
    assert _content(person, "en", offer.id) == PDF
    sign_out(token)
    with pytest.raises(Refused):
        _content(person, "en", offer.id)


# ------------------------------------------------------------------------------------------------ on their pages


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("page", "name", "tabs", "tab", "make"),
    [
        ("pages/sales/customer.py", "customer", "customer.tabs", "File", None),
        ("pages/sales/opportunity.py", "opportunity", "deal.tabs", "Files", an_opportunity),
        ("pages/sales/contract.py", "contract", "contract.tabs", "Files", a_contract),
    ],
)
def test_on_the_pages(people, customer, language, page, name, tabs, tab, make):
    from crm.words import say, speaking

    record = make(people.anna, customer) if make else customer
    with open_as(people.anna.actor) as session:
        add_attachment(session, name, record.id, "offer.pdf", PDF)
    at = opened(page, people.anna, language, **{name: record.id})
    with speaking(language):
        at.session_state[tabs] = say(tab)
        at.run()
    assert not at.exception
    assert downloads(at)[-1:] == ["offer.pdf"]
    assert len(at.file_uploader) == 1
    if language == "zh":
        assert {text for text in english_left(at) if "file" in text.lower()} == set()
