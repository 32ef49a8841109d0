import datetime as dt

import pytest

from crm.office.commands import CustomFieldInput, TagInput, add_custom_field, add_tag
from crm.office.queries import custom_fields, tag_choices, thresholds, today
from crm.session import open_as
from tests.factories import a_customer
from tests.pages.opened import dialog, keys, opened, texts

PAGE = "pages/admin/settings.py"


@pytest.fixture
def settled(people):
    """A field and a tag, and what carries a value of the field"""
    with open_as(people.ada.actor) as session:
        field = CustomFieldInput(label="Card", label_zh="会员卡", kind="choice", choices=["gold", "silver"])
        made = add_custom_field(session, "customer", field).id, add_tag(session, TagInput(name="Key account")).id
    a_customer(people.anna, custom={"card": "gold"})
    return made


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("view", ["fields", "tags", "thresholds", "today"])
def test_the_administrator_sees_every_part(people, settled, view, language):
    at = opened(PAGE, people.ada, language, view=view)
    assert not at.exception
    assert at.title[0].value == {"en": "Settings", "zh": "设置"}[language]


def test_the_administrator_who_sees_no_case_sets_what_is_promised(people):
    at = opened(PAGE, people.ada, view="promises")
    at.button(key="promises.seed").click().run()
    assert [one.message for one in at.exception] == []
    assert "5 policies: the first that fits a case holds for it" in texts(at)
    assert "policy.new" in keys(at)


@pytest.mark.parametrize("name", ["anna", "dana"])
def test_the_page_stays_closed_to_others(people, settled, name):
    at = opened(PAGE, getattr(people, name))
    assert "Your role does not open this page." in at.error[0].value
    assert not at.dataframe
    assert "field.new" not in keys(at)


def test_empty_parts_say_what_they_are_for(people):
    assert "No custom fields yet." in texts(opened(PAGE, people.ada, view="fields"))
    assert "No tags yet." in texts(opened(PAGE, people.ada, view="tags"))


def new_field_body():
    from crm.ui.settings import new_field

    new_field()


def test_a_field_is_added(people):
    at = dialog(new_field_body, people.ada)
    at.text_input(key="field.add.label").set_value("Contract form")
    at.selectbox(key="field.add.kind").set_value("choice")
    at.text_area(key="field.add.choices").set_value("frame\nsingle")
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        (spec,) = custom_fields(session, "customer")
        assert (spec.key, spec.choices) == ("contract_form", ("frame", "single"))


def test_a_choice_without_choices_is_told(people):
    at = dialog(new_field_body, people.ada)
    at.text_input(key="field.add.label").set_value("Contract form")
    at.selectbox(key="field.add.kind").set_value("choice")
    at.button[0].click().run()
    assert at.error[0].value == "Give the choices, one a line."


def edit_field_body(field_id):
    from crm.ui.settings import edit_field

    edit_field(field_id)


def test_before_a_field_goes_it_says_how_many_customers_keep_a_value(people, settled):
    at = dialog(edit_field_body, people.ada, settled[0])
    assert at.text_area[0].value == "gold\nsilver"
    assert "1 customer keeps a value." in texts(at)
    at.button(key="field.remove_yes").click().run()
    with open_as(people.ada.actor) as session:
        assert custom_fields(session, "customer") == []


def edit_tag_body(tag_id):
    from crm.ui.settings import edit_tag

    edit_tag(tag_id, 3)


def test_a_tag_is_renamed(people, settled):
    at = dialog(edit_tag_body, people.ada, settled[1])
    at.text_input[0].set_value("Main account")
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert tag_choices(session) == {settled[1]: "Main account"}


def number(at, label):
    return next(one for one in at.number_input if one.label == label)


def test_thresholds_are_saved(people):
    at = opened(PAGE, people.ada, view="thresholds")
    number(at, "Active up to (days)").set_value(90)
    number(at, "A from").set_value(2_000_000.0)
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception
    with open_as(people.anna.actor) as session:
        assert (thresholds(session).active_days, thresholds(session).asset_cuts[0]) == (90, 2_000_000)


def test_thresholds_out_of_order_are_told_and_stay_typed(people):
    at = opened(PAGE, people.ada, view="thresholds")
    number(at, "Active up to (days)").set_value(365)
    next(button for button in at.button if button.label == "Save").click().run()
    assert at.error[0].value == "Dormant must end later than active: after more than 365 days."
    assert number(at, "Active up to (days)").value == 365
    with open_as(people.anna.actor) as session:
        assert thresholds(session).active_days == 180


def test_the_day_everything_is_counted_from_is_set_and_taken_back(people):
    at = opened(PAGE, people.ada, view="today")
    for day, counted in ((dt.date(1998, 6, 30), dt.date(1998, 6, 30)), (None, dt.date.today())):
        at.date_input[0].set_value(day)
        next(button for button in at.button if button.label == "Save").click().run()
        with open_as(people.anna.actor) as session:
            assert today(session) == counted
