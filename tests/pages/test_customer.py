import datetime as dt

import pytest

from crm.customers.commands import CustomerDetails, RelationDetails, edit_customer, relate
from crm.customers.queries import contacts, orders_of, profile
from crm.customers.queries import customer as one
from crm.office.commands import DemoDay, TagInput, add_tag, set_demo_today, tag
from crm.office.queries import notes_of, tags_of
from crm.session import open_as
from crm.words import say, speaking
from tests.factories import TODAY, a_contact, a_customer, a_note, a_product, a_share, an_order
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/sales/customer.py"
TABS = ("Overview", "Orders", "Contacts", "File", "Notes", "Relations", "History")


@pytest.fixture
def customer(people):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    found = a_customer(people.anna, name="Aurora *Music*", level="vip", region="North")
    for days in (60, 30, 5):
        an_order(found, 100, on=TODAY - dt.timedelta(days))
    a_contact(found, "Zhang Min", is_main=True)
    a_contact(found, "Li Na")
    a_note(found, people.anna, "Asked for a quote", follow_up="Send it", follow_up_on=TODAY)
    a_share(found, user_id=people.chen.id)
    with open_as(people.anna.actor) as session:
        relate(session, found.id, RelationDetails(kind="supplier", other_id=a_customer(people.anna, name="Borealis").id))
    return found


def at_tab(person, customer, name, language="en"):
    return show(opened(PAGE, person, language, customer=customer.id), name, language)


def show(at, tab, language):
    with speaking(language):
        at.session_state["customer.tabs"] = say(tab)
        return at.run()


def test_it_works(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    assert at.title[0].value == "Aurora *Music*"
    seen = texts(at) + str([note.value for note in at.text])
    for part in ("Asked for a quote", "Send it", "In his rhythm: an order every 28 days", "CN¥300.00"):
        assert part in seen, part
    assert at.dataframe[0].value["amount"].tolist() == [100.0, 100.0, 100.0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["anna", "dana", "amir", "chen"])
def test_every_tab_for_owner_director_and_readers(people, customer, name, language):
    at = opened(PAGE, getattr(people, name), language, customer=customer.id)
    for tab in TABS:
        show(at, tab, language)
        assert [one.message for one in at.exception] == [], tab
        assert not at.error, tab
        if language == "zh":
            assert english_left(at) <= {unit for unit, _, _ in UNITS}, tab


def test_a_stranger_learns_nothing_not_even_that_he_exists(people, customer):
    for unknown in (customer.id, 9_999, "abc", ""):
        at = opened(PAGE, people.emil, customer=unknown)
        assert at.error[0].value == "This record does not exist, or it is not yours to see."
        assert "Aurora" not in texts(at)
        assert at.title[0].value == "Customer"


def test_a_reader_has_nothing_to_press(people, customer):
    at = opened(PAGE, people.amir, customer=customer.id)
    changing = {"customer.edit", "customer.assign", "customer.share", "customer.tag", "customer.delete"}
    assert not changing & keys(at)
    assert not [key for key in keys(at) if ".done." in key or ".edit." in key]
    assert not at.text_area
    for tab, button in (
        ("Orders", "order.add"),
        ("Contacts", "contact.add"),
        ("File", "file.edit"),
        ("Relations", "relation.add"),
    ):
        assert button not in keys(at_tab(people.amir, customer, tab))
        assert button in keys(at_tab(people.anna, customer, tab))


def test_the_owner_has_what_his_role_allows(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    assert {"customer.edit", "customer.share", "customer.tag"} <= keys(at)
    assert not {"customer.assign", "customer.delete"} & keys(at)
    assert {"customer.assign", "customer.delete"} <= keys(opened(PAGE, people.ben, customer=customer.id))


def test_a_note_with_what_comes_next(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    at.text_area(key="notes.text").set_value("Visited them")
    at.text_input(key="notes.follow").set_value("Call back")
    at.date_input(key="notes.due").set_value(TODAY)
    next(button for button in at.button if button.label == "Save note").click().run()
    assert "Visited them" in [note.value for note in at.text]
    with open_as(people.ben.actor) as session:
        assert notes_of(session, "customer", customer.id).iloc[0][["text", "follow_up", "author"]].tolist() == [
            "Visited them",
            "Call back",
            "Anna Lindqvist",
        ]


def test_an_empty_note_is_refused_in_plain_words(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    next(button for button in at.button if button.label == "Save note").click().run()
    assert "fill this in" in at.error[0].value


def test_a_follow_up_is_done_with_one_click(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    (key,) = [key for key in keys(at) if ".done." in key]
    at.button(key=key).click().run()
    assert not [key for key in keys(at) if ".done." in key]


def test_a_tag_comes_off_with_a_click(people, customer):
    with open_as(people.anna.actor) as session:
        gold = add_tag(session, TagInput(name="Gold")).id
        tag(session, "customer", [customer.id], gold)
    at = opened(PAGE, people.anna, customer=customer.id)
    at.button(key=f"tag.{gold}").click().run()
    with open_as(people.anna.actor) as session:
        assert tags_of(session, "customer", [customer.id]).empty


def edit_body(customer_id, version):
    from crm.customers.queries import customer
    from crm.ui.customer.head import edit_dialog
    from crm.ui.desk import in_scope

    found = in_scope(customer, customer_id)
    found.version = version
    edit_dialog(found)


def test_edited(people, customer):
    at = dialog(edit_body, people.anna, customer.id, one_version(people, customer))
    at.text_input(key="customer.edit_form.region").set_value("South")
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.error and not at.warning
    with open_as(people.anna.actor) as session:
        assert one(session, customer.id).region == "South"


def one_version(people, customer):
    with open_as(people.anna.actor) as session:
        return one(session, customer.id).version


def test_who_saves_second_sees_both_and_decides(people, customer):
    opened_with = one_version(people, customer)
    with open_as(people.ben.actor) as session:
        found = one(session, customer.id)
        values = {name: getattr(found, name) for name in CustomerDetails.model_fields} | {"region": "West"}
        edit_customer(session, customer.id, CustomerDetails(**values), found.version)
    at = dialog(edit_body, people.anna, customer.id, opened_with)
    at.text_input(key="customer.edit_form.region").set_value("South")
    next(button for button in at.button if button.label == "Save").click().run()
    assert "Ben Okafor saved this record before you" in at.warning[0].value
    assert at.table[0].value.to_dict() == {"Yours": {"Region": "South"}, "Theirs": {"Region": "West"}}
    assert at.text_input(key="customer.edit_form.region").value == "South"
    next(button for button in at.button if button.label == "Save mine").click().run()
    with open_as(people.anna.actor) as session:
        assert one(session, customer.id).region == "South"


def contact_body(customer_id):
    from crm.ui.customer.people import part_dialog

    part_dialog(customer_id, "contact", None)


def test_a_contact_is_added(people, customer):
    at = dialog(contact_body, people.anna, customer.id)
    at.text_input(key="contact.form.name").set_value("Wang Fang")
    at.selectbox(key="contact.form.influence").set_value("decides")
    next(button for button in at.button if button.label == "Save").click().run()
    with open_as(people.anna.actor) as session:
        assert contacts(session, customer.id)["name"].tolist() == ["Zhang Min", "Li Na", "Wang Fang"]


def profile_body(customer_id):
    from crm.customers.queries import customer
    from crm.ui.customer.head import profile_dialog
    from crm.ui.desk import in_scope

    profile_dialog(in_scope(customer, customer_id), 0, {})


def test_the_extended_file_is_made_with_the_first_save(people, customer):
    at = dialog(profile_body, people.anna, customer.id)
    at.number_input(key="customer.profile_form.employees").set_value(12)
    next(button for button in at.button if button.label == "Save").click().run()
    with open_as(people.anna.actor) as session:
        assert profile(session, customer.id).employees == 12


def order_body(customer_id):
    from crm.customers.queries import customer
    from crm.ui.customer.trade import new_order
    from crm.ui.desk import in_scope

    new_order(in_scope(customer, customer_id))


def test_an_order_with_its_lines(people, customer):
    piano = a_product(code="P1", name="Piano")
    at = dialog(order_body, people.anna, customer.id)
    line = {"description": "Tuned", "quantity": 2.0, "unit_price": 49.5}
    at.session_state["order.new_lines"] = {"edited_rows": {}, "added_rows": [line], "deleted_rows": []}
    at.run()
    next(button for button in at.button if button.label == "Save order").click().run()
    assert not at.error and not at.exception
    with open_as(people.anna.actor) as session:
        assert orders_of(session, customer.id).iloc[0]["amount"] == 99.0
    assert piano.id


def test_what_people_typed_is_text_and_no_markup(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    assert not [one for one in at.markdown if "<script" in str(one.value)]
    assert "North" in texts(at)
