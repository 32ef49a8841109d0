import datetime as dt

import pytest

from crm.customers.commands import CustomerDetails, RelationDetails, edit_customer, relate
from crm.customers.queries import contacts, orders_of, profile
from crm.customers.queries import customer as one
from crm.office.commands import DemoDay, TagInput, add_tag, set_demo_today, tag
from crm.office.queries import activities_of, tags_of
from crm.session import open_as
from crm.words import say, speaking
from tests.factories import TODAY, a_contact, a_customer, a_product, a_share, an_activity, an_order
from tests.pages.opened import dialog, keys, offers, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS
from tests.scored import a_run

PAGE = "pages/sales/customer.py"
MENU = "customer.more"
TABS = ("Overview", "Orders", "Contacts", "File", "Activities", "Relations", "History")


@pytest.fixture
def customer(people):
    with open_as(people.ada.actor) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    found = a_customer(people.anna, name="Aurora *Music*", level="vip", region="North")
    for days in (60, 30, 5):
        an_order(found, 100, on=TODAY - dt.timedelta(days))
    a_contact(found, "Zhang Min", is_main=True)
    a_contact(found, "Li Na")
    asked = an_activity(found, people.anna, "Asked for a quote")
    an_activity(found, people.anna, topic="Send it", planned_on=TODAY, previous_id=asked.id)
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
    assert at.title[0].value == r"Aurora \*Music\*"
    seen = texts(at) + str([one.value for one in at.text])
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
    assert "customer.edit" not in keys(at)
    assert offers(at, MENU) == ["Send a message"]
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
    assert "customer.edit" in keys(at)
    assert offers(at, MENU) == ["Tag", "Send a message", "Share", "Release to the pool", "Lost"]
    all_of_them = ["Tag", "Send a message", "Share", "Assign", "Release to the pool", "Lost", "Delete"]
    assert offers(opened(PAGE, people.ben, customer=customer.id), MENU) == all_of_them


@pytest.mark.parametrize("name", ["tag", "message", "share", "assign", "release", "lost", "delete"])
def test_each_of_the_rarer_actions_opens_its_form(people, customer, name):
    at = opened(PAGE, people.ben, customer=customer.id)
    before = len(at.get("button")) + len(at.get("text_area")) + len(at.get("multiselect"))
    at.menu_button(key=MENU).click(name).run()
    assert not at.exception
    assert len(at.get("button")) + len(at.get("text_area")) + len(at.get("multiselect")) > before


def test_an_activity_with_what_comes_next(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    at.text_area(key="activities.text").set_value("Visited them")
    at.text_input(key="activities.next").set_value("Call back")
    at.date_input(key="activities.due").set_value(TODAY)
    next(button for button in at.button if button.label == "Save activity").click().run()
    assert "Visited them" in [one.value for one in at.text]
    with open_as(people.ben.actor) as session:
        found = activities_of(session, "customer", customer.id)
    planned, done = found[found["topic"] == "Call back"].iloc[0], found[found["text"] == "Visited them"].iloc[0]
    assert (done["happened_on"], done["author"]) == (TODAY, "Anna Lindqvist")
    assert (planned["planned_on"], planned["previous_id"], planned["author"]) == (TODAY, done["id"], "Anna Lindqvist")


def test_a_plan_alone(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    at.segmented_control(key="activities.mode").set_value("plan").run()
    at.text_input(key="activities.topic").set_value("Invite them to the fair")
    next(button for button in at.button if button.label == "Plan it").click().run()
    assert "Invite them to the fair" in texts(at)
    with open_as(people.anna.actor) as session:
        found = activities_of(session, "customer", customer.id).set_index("topic").loc["Invite them to the fair"]
    assert (found["planned_on"], found["happened_on"]) == (TODAY + dt.timedelta(1), None)


def test_an_empty_activity_is_refused_in_plain_words(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    next(button for button in at.button if button.label == "Save activity").click().run()
    assert "fill this in" in at.error[0].value


def test_what_is_planned_is_put_off(people, customer):
    at = opened(PAGE, people.anna, customer=customer.id)
    (menu,) = [one for one in at.menu_button if one.key != MENU]
    menu.click(7).run()
    with open_as(people.anna.actor) as session:
        assert activities_of(session, "customer", customer.id).iloc[0]["planned_on"] == TODAY + dt.timedelta(7)


def test_what_is_planned_is_done_with_one_click(people, customer):
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


# ------------------------------------------------------------------------------------------------------- outlook


def overview(person, customer, language="en"):
    return opened(PAGE, person, language, customer=customer.id)


def test_what_he_is_worth_and_why(people, customer):
    a_run(people.anna.board_id)
    seen = texts(overview(people.chen, customer))
    for part in ("still a customer, worth CN¥", "Usually buys every 28 days, silent for 5 days: within his rhythm."):
        assert part in seen, part
    for part in ("If he stays silent, he is more likely gone than not from", "Value at risk", "36 months", "Next order from"):
        assert part in seen, part
    drawn = [chart.proto.spec for chart in overview(people.chen, customer).get("plotly_chart")]
    assert [spec for spec in drawn if "Probability alive" in spec]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_outlook_in_both_languages(people, customer, language):
    a_run(people.anna.board_id)
    for each in (customer, a_customer(people.anna, name="新客户"), silent(people)):
        at = overview(people.dana, each, language)
        assert not at.exception
        if language == "zh":
            assert english_left(at) <= {unit for unit, _, _ in UNITS}


def silent(people):
    found = a_customer(people.anna, name="沉默")
    for days in (400, 390, 380):
        an_order(found, 100, on=TODAY - dt.timedelta(days))
    return found


def test_one_who_has_gone_silent(people, customer):
    a_run(people.anna.board_id)
    seen = texts(overview(people.anna, silent(people)))
    assert "silent for 380 days, 38 times as long" in seen
    assert "More likely gone than not since" in seen


def test_a_newcomer_is_no_riddle(people, customer):
    a_run(people.anna.board_id)
    seen = texts(overview(people.anna, a_customer(people.anna, name="New")))
    assert "Not bought yet" in seen
    assert "After it, a customer of this board orders" in seen
    assert "Potential: no order yet." in seen


def test_without_a_model_it_says_what_to_do(people, customer):
    for person, link in ((people.dana, True), (people.anna, False)):
        at = overview(person, customer)
        assert "there is no forecast" in texts(at)
        assert ("Choose a model" in [one.proto.label for one in at.get("page_link")]) is link
        assert ("A director or an analyst chooses it" in texts(at)) is not link
