import datetime as dt

import pytest

from crm.access import SYSTEM
from crm.insight.models import Call
from crm.insight.queries.calls import call_settings
from crm.office.commands import DemoDay, set_demo_today
from crm.office.queries import activities_of
from crm.session import open_as
from tests.factories import TODAY, a_case, a_contact, a_customer, an_activity, an_order
from tests.insight.calling import a_run, at_risk, decided, drawn
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left
from tests.people import UNITS

PAGE = "pages/insight/call.py"
NAMES = {name for name, _, _ in UNITS}


@pytest.fixture
def run(people):
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    return a_run(people.anna.board_id)


@pytest.fixture
def three(people, run):
    """anna's: one planned, one with much at risk, one with less; nobody is left out."""
    decided(people.dana)
    rich = at_risk(run, people.anna, "Rich *Records*", 12_400, p_alive=0.62, preferences="No calls before ten")
    a_contact(rich, "Zhang Min", position="Buyer", phone="021 5550 1234", email="zhang@rich.example")
    an_activity(rich, people.anna, "Liked the sampler", kind="call", happened_on=TODAY - dt.timedelta(90))
    for days in (162, 131, 100):
        an_order(rich, 500, on=TODAY - dt.timedelta(days))
    poor, due = at_risk(run, people.anna, "Poor", 10), a_customer(people.anna, name="Duesberg")
    an_activity(due, people.ben, topic="Send the quote", planned_on=TODAY - dt.timedelta(2))
    return rich, poor, due


def press(at, label):
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


def stands(at):
    """Who stands on the card."""
    return at.subheader[0].value if at.subheader else None


def test_it_works(people, three):
    at = opened(PAGE, people.anna)
    assert stands(at) == "Duesberg"
    assert "3 customers to contact, about 30 minutes; 0 done today" in texts(at)
    assert "Planned: **Send the quote**" in texts(at) and "2 days ago" in texts(at) and "by Ben Okafor" in texts(at)
    at.button(key=f"call.choose.{three[0].id}").click().run()
    seen = texts(at)
    assert stands(at) == r"Rich \*Records\*"
    assert "Usually orders every 31 days; silent for **100 days**, 3.2 times as long." in seen
    assert "12,400** of lifetime value at risk; 62\u00a0% that he is still a customer." in seen
    for part in ("Zhang Min", "Buyer", "No calls before ten", "Liked the sampler"):
        assert part in seen, part
    ways = {link.proto.url for link in at.get("link_button")}
    assert ways == {"tel:02155501234", "mailto:zhang@rich.example"}


def test_an_open_complaint_comes_before_the_sale_and_leads_to_its_rows(people, three):
    a_case(people.gia, three[2], kind="complaint", complaint_class="product_quality")
    at = opened(PAGE, people.anna)
    assert "An open complaint: answer it first." in texts(at)
    at.button(key=f"call.choose.{three[0].id}").click().run()
    assert "call.careful" not in keys(at)
    assert "An open complaint" not in texts(at)


def test_log_and_next(people, three):
    at = opened(PAGE, people.anna)
    at.button(key=f"call.choose.{three[0].id}").click().run()
    key = f"call.log.{three[0].id}"
    at.pills(key=f"{key}.outcome").set_value("interested")
    at.text_area(key=f"{key}.text").set_value("Wants the list of July")
    at.text_input(key=f"{key}.next").set_value("Send the list")
    at.date_input(key=f"{key}.due").set_value(TODAY + dt.timedelta(3))
    press(at, "Log and next")
    assert stands(at) == "Duesberg"
    assert "2 customers to contact, about 20 minutes; 1 done today" in texts(at)
    with open_as(people.ben.actor) as session:
        planned, done, _ = activities_of(session, "customer", three[0].id).to_dict("records")
    assert (done["text"], done["outcome"], done["author"]) == ("Wants the list of July", "interested", "Anna Lindqvist")
    assert (planned["topic"], planned["planned_on"]) == ("Send the list", TODAY + dt.timedelta(3))


def test_what_is_planned_is_finished_and_the_next_one_stands_there(people, three):
    at = opened(PAGE, people.anna)
    at.text_area(key=f"call.log.{three[2].id}.text").set_value("Sent")
    press(at, "Log and next")
    assert stands(at) == r"Rich \*Records\*"
    with open_as(people.ben.actor) as session:
        (done,) = activities_of(session, "customer", three[2].id).to_dict("records")
    assert (done["text"], done["happened_on"], done["author"]) == ("Sent", TODAY, "Anna Lindqvist")


def test_nothing_said_is_nothing_logged(people, three):
    at = opened(PAGE, people.anna)
    at.button(key=f"call.choose.{three[1].id}").click().run()
    press(at, "Log and next")
    assert "say what happened" in at.error[0].value
    assert stands(at) == "Poor"


def test_put_off_it_comes_back_on_its_day(people, three):
    at = opened(PAGE, people.anna)
    for menu in (f"call.snooze.{three[2].id}", f"call.snooze.{three[0].id}"):
        at.menu_button(key=menu).click(7).run()
    assert stands(at) == "Poor"
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY + dt.timedelta(7)))
    at = opened(PAGE, people.anna)
    assert stands(at) == "Duesberg"
    assert f"call.choose.{three[0].id}" in keys(at)


def test_skipped_with_a_reason(people, three):
    at = opened(PAGE, people.anna)
    at.button(key=f"call.choose.{three[0].id}").click().run()
    at.menu_button(key=f"call.skip.{three[0].id}").click("not_now").run()
    assert stands(at) == "Duesberg"
    assert f"call.choose.{three[0].id}" not in keys(at)
    assert [row.reason for row in drawn() if row.customer_id == three[0].id] == ["not_now"]


def test_when_all_is_done(people, run):
    decided(people.dana)
    one = at_risk(run, people.anna, "Only", 100)
    at = opened(PAGE, people.anna)
    at.text_area(key=f"call.log.{one.id}.text").set_value("Talked")
    press(at, "Log and next")
    assert "Done for today." in texts(at)
    assert stands(at) is None


# ------------------------------------------------------------------------------------------------- who sees what


def test_whom_the_lot_leaves_out_the_rep_never_sees(people, run):
    decided(people.dana, control_percent=50)
    for number in range(12):
        at_risk(run, people.anna, f"Number {number:02}", 100 + number)
    at = opened(PAGE, people.anna)
    left_out = {row.customer_id for row in drawn() if row.arm == "control"}
    assert len(left_out) >= 2
    shown = {int(key.split(".")[-1]) for key in keys(at) if key.startswith("call.choose.")}
    assert len(shown) >= 2 and not shown & left_out
    assert "call.show" not in {one.key for one in at.segmented_control}
    assert stands(opened(PAGE, people.anna, show="effect")) == stands(at)


def test_the_lead_chooses_whose_day(people, three):
    opened(PAGE, people.anna)
    a_customer(people.ben)
    at = opened(PAGE, people.ben, who=people.anna.id)
    assert stands(at) == "Duesberg"
    assert at.selectbox(key="call.who").value == people.anna.id
    at.selectbox(key="call.who").set_value(people.ben.id).run()
    assert stands(at) is None


def test_a_day_that_is_not_drawn_yet_the_lead_draws(people, run):
    decided(people.dana)
    at_risk(run, people.anna, "Hers", 100)
    at = opened(PAGE, people.ben)
    assert stands(at) is None and drawn() == []
    at.button(key="call.draw").click().run()
    assert stands(at) == "Hers"


def test_a_reader_reads(people, three):
    opened(PAGE, people.anna)
    at = opened(PAGE, people.amir)
    assert stands(at) == "Duesberg"
    assert not at.text_area
    assert not at.menu_button


def test_a_stranger_sees_nobody(people, three):
    at = opened(PAGE, people.emil)
    assert "Nobody has customers in this board yet." in texts(at)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["anna", "ben", "dana", "amir", "mia", "eve"])
def test_for_everybody_in_both_languages(people, three, name, language):
    opened(PAGE, people.anna)
    measured(people)
    for show in ("queue", "effect"):
        at = opened(PAGE, getattr(people, name), language, show=show)
        assert [one.message for one in at.exception] == []
        if language == "zh":
            assert english_left(at) <= NAMES


def settings_body(board_id):
    from crm.ui.insight.calls import settings_dialog

    settings_dialog(board_id, 0)


def test_the_director_decides_the_minutes(people):
    at = dialog(settings_body, people.dana, people.dana.board_id)
    at.number_input(key="call.settings_form.minutes_a_day").set_value(45)
    press(at, "Save")
    with open_as(people.anna.actor) as session:
        assert call_settings(session, people.anna.board_id).minutes_a_day == 45
    assert "call.settings" not in keys(opened(PAGE, people.anna))
    assert "call.settings" not in keys(opened(PAGE, people.ben))


# ----------------------------------------------------------------------------------------------------- the effect


def measured(people, proposed=40, left_out=10, days=95):
    """Drawn 95 days ago: of those proposed half ordered within a month, of those left out nobody."""
    drawn_on = TODAY - dt.timedelta(days)
    customers = [a_customer(people.anna, name=f"Drawn {number:02}") for number in range(proposed + left_out)]
    with open_as(SYSTEM) as session:
        about = {"user_id": people.anna.id, "board_id": people.anna.board_id, "kind": "call", "minutes": 10, "rank_value": 1.0}
        about |= {"drawn_on": drawn_on, "until": drawn_on + dt.timedelta(27), "control_share": 0.2}
        for number, customer in enumerate(customers):
            session.add(Call(customer_id=customer.id, arm="call" if number < proposed else "control", **about))
    for customer in customers[: proposed // 2]:
        an_order(customer, 100, on=drawn_on + dt.timedelta(10))


def test_the_effect_is_told(people, run):
    measured(people)
    at = opened(PAGE, people.dana, show="effect")
    seen = texts(at)
    assert "50.0\u00a0% of those proposed ordered within 30 days, 0.0\u00a0% of those left out: +50.0 points" in seen
    found = {one.label: (one.value, one.delta) for one in at.metric}
    assert found["Drawn"] == ("50", "10 of them left out")
    assert found["Ordered, in points"][0] == "+50.0"
    assert found["Revenue each"][0] == "CN¥50.00"
    assert at.dataframe[0].value["arm"].value_counts().to_dict() == {"Proposed": 40, "Control": 10}


def test_too_few_to_tell_says_how_many_are_needed(people, run):
    measured(people, proposed=8, left_out=2)
    seen = texts(opened(PAGE, people.dana, show="effect"))
    assert "Too few to tell: 50.0\u00a0% against 0.0\u00a0% ordered within 30 days" in seen
    assert "more customers must be drawn" in seen


def test_too_early_to_tell_says_when(people, run):
    measured(people, days=12)
    at = opened(PAGE, people.dana, show="effect")
    assert "Too early to tell" in texts(at) and "18 Jul 2026" in texts(at)
    assert not at.metric


def test_before_anybody_was_drawn(people, run):
    assert "Nothing to measure yet" in texts(opened(PAGE, people.dana, show="effect"))


def test_a_curve_leads_to_its_customers(people, run):
    measured(people)
    at = opened(PAGE, people.dana, show="effect")
    at.session_state["effect.curves.30"] = {"selection": {"points": [{"customdata": ["control", 0.0, 0.1]}]}}
    at.run()
    assert "10 customers drawn" in texts(at)
    assert set(at.dataframe[0].value["arm"]) == {"Control"}
