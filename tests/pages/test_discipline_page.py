"""Who keeps the policy, as those see it who lead, and each of himself; absences; the policy and its versions."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.office.models import Announcement
from crm.pipeline.models import Opportunity
from crm.session import open_as
from crm.staff.absences import AbsenceDetails, add_absence
from crm.staff.models import Absence, Presence
from crm.targets.commands import PolicyInput, set_policy
from crm.targets.models import PolicyVersion
from tests.factories import TODAY, a_customer, an_opportunity
from tests.pages.opened import dialog, keys, opened, texts
from tests.pages.reading import english_left

PAGE = "pages/performance/team.py"
MAY = dt.date(2026, 5, 1)


def shown(person, language="en", **query):
    return opened(PAGE, person, language, **{"show": "discipline", "day": "2026-05-15", **query})


def tiles(at):
    return {one.label: one.value for one in at.metric}


@pytest.fixture
def may(people):
    """Anna was here all May but on its last Friday and did nothing with a deal; Ben was not here at all."""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
        days = [MAY + dt.timedelta(number) for number in range(28)]
        session.add_all(Presence(user_id=people.anna.id, day=day) for day in days)
    deal = an_opportunity(people.anna, a_customer(people.anna), name="Organ for the town hall")
    with open_as(SYSTEM) as session:
        session.get(Opportunity, deal.id).created_on = dt.date(2026, 3, 1)
    return deal


@pytest.fixture
def written(people, may):
    """Two versions of a policy, the second from June on."""
    values = {"name": "How we work", "reason": "First", "starts_on": MAY, "text": "Sign in daily."}
    with open_as(people.eve.actor) as session:
        first = set_policy(session, PolicyInput(**values))
        changed = {"reason": "More on the road", "starts_on": dt.date(2026, 6, 1), "text": "Sign in **daily**, be kind."}
        set_policy(session, PolicyInput(**values | changed, travel_per_week=3))
    return first


def test_a_lead_sees_his_people(people, may):
    at = shown(people.ben)
    assert tiles(at) == {
        "Broke a rule": "2 of 2",
        "Days missing": "22",
        "Idle opportunities": "1",
        "Idle leads": "0",
        "Silent people": "1",
    }
    assert at.dataframe[0].value["person"].tolist() == ["Ben Okafor", "Anna Lindqvist"]
    assert "0 of 2 missed no day; Ben Okafor missed 21 days" in texts(at)
    assert at.session_state["_totals"]["team"]["missing"] == 22
    assert not at.exception and not at.error


@pytest.mark.parametrize(("name", "count"), [("not_kept", 2), ("missing", 22), ("deals", 1), ("leads", 0), ("silent", 1)])
def test_every_figure_leads_to_its_rows(people, may, name, count):
    at = shown(people.ben)
    at.button(key=f"lead.{name}").click().run()
    assert at.session_state["_totals"]["team"] == pytest.approx(at.session_state["_totals"]["team"] | {"count": count})
    assert at.session_state["_tiles"][name].value == count
    rows = len(at.dataframe[0].value) if len(at.dataframe) else 0
    assert rows == count and not at.exception


def test_the_way_back(people, may):
    at = shown(people.ben, rows="missing")
    at.button(key="discipline.back").click().run()
    assert at.dataframe[0].value["person"].tolist() == ["Ben Okafor", "Anna Lindqvist"]


def test_one_person_with_the_proof(people, may):
    at = shown(people.ben, who=people.anna.id)
    said = texts(at)
    assert "1 day is missing" in said and "1 opportunity open all month without an action" in said
    assert "last here on 28 May 2026" in said
    assert at.dataframe[1].value["name"].tolist() == ["Organ for the town hall"]


def test_a_rep_sees_himself(people, may):
    at = shown(people.anna, who=people.ben.id, team=people.units["Music"])
    assert tiles(at)["Days missing"] == "1" and "Anna Lindqvist" in texts(at) and "Ben Okafor" not in texts(at)
    assert "discipline.team" not in {one.key for one in at.selectbox}


def test_the_director_has_sums_by_team(people, may):
    at = shown(people.dana)
    teams = at.dataframe[1].value
    assert teams["team"].tolist() == ["Sales East", "Sales West", "Service"]
    assert teams["missing"].tolist() == [22, 21, 21] and tiles(at)["Days missing"] == "64"
    narrowed = shown(people.dana, team=people.units["Sales West"])
    assert tiles(narrowed)["Days missing"] == "21"


def test_by_week(people, may):
    at = shown(people.ben, period="week", day="2026-05-27")
    assert tiles(at)["Days missing"] == "6"
    at.button(key="discipline.before").click().run()
    assert tiles(at)["Days missing"] == "5"


def test_what_makes_no_sense_in_the_address_is_dropped(people, may):
    at = shown(people.ben, day="soon", rows="none", period="year", who="me", team="all")
    assert not at.exception and tiles(at)["Broke a rule"].endswith("of 2")


def test_whom_nobody_is_in_reach_of(people, may):
    at = shown(people.amir)
    assert "in your reach" in texts(at) and not at.metric
    assert not shown(people.ada).metric


@pytest.mark.parametrize("view", ["kept", "absences", "policy"])
def test_in_chinese(people, written, view):
    with open_as(people.anna.actor) as session:
        add_absence(session, AbsenceDetails(user_id=people.anna.id, kind="travel", starts_on=MAY, ends_on=MAY))
    at = shown(people.ben, "zh", view=view)
    assert not at.exception
    assert english_left(at) == set()


# ---------------------------------------------------------------------------------------------------- announcing


def test_silent_people_are_announced_by_who_may(people, may):
    assert "discipline.announce" in keys(shown(people.ben, rows="silent"))
    assert "discipline.announce" not in keys(shown(people.anna, rows="silent"))


def test_what_is_announced(people, may):
    def body(unit_id):
        from crm.ui.inbox.announcements import announce_dialog

        announce_dialog({"name": "Not signed in", "text": "These colleagues: Ben", "team_id": unit_id})

    at = dialog(body, people.dana, people.units["Music"])
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        assert session.scalars(select(Announcement.text)).one() == "These colleagues: Ben"


# ------------------------------------------------------------------------------------------------------ absences


def test_absences_of_the_team(people, may):
    for one, kind in ((people.anna, "travel"), (people.chen, "leave")):
        with open_as(one.actor) as session:
            add_absence(session, AbsenceDetails(user_id=one.id, kind=kind, starts_on=MAY, ends_on=MAY + dt.timedelta(3)))
    rows = shown(people.ben, view="absences").dataframe[0].value
    assert rows[["name", "absence", "days"]].values.tolist() == [["Anna Lindqvist", "Travel", 4]]
    assert "Nobody is away" in texts(shown(people.ben, view="absences", day="2026-04-01"))


def test_enter_an_absence(people, may):
    def body(people):
        from crm.ui.team.absences import add_dialog

        add_dialog(people)

    at = dialog(body, people.anna, {people.anna.id: "Anna"})
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        found = session.scalars(select(Absence)).one()
        assert (found.user_id, found.kind, found.starts_on, found.ends_on) == (people.anna.id, "leave", TODAY, TODAY)


def test_my_own_on_my_account(people, may):
    with open_as(people.anna.actor) as session:
        add_absence(session, AbsenceDetails(user_id=people.anna.id, kind="sickness", starts_on=TODAY, ends_on=TODAY))
    at = opened("pages/work/account.py", people.anna)
    assert at.dataframe[0].value["absence"].tolist() == ["Sickness"] and not at.exception
    assert "my_absences.add" in keys(at)


# -------------------------------------------------------------------------------------------------- the policy


def test_everybody_reads_the_policy(people, written):
    at = shown(people.anna, view="policy")
    assert "Sign in **daily**, be kind." in texts(at) and "Version 2, in force from 1 Jun 2026, approved by Eve Tanaka" in texts(
        at
    )
    assert "policy.new" not in keys(at) and "policy.new" in keys(shown(people.eve, view="policy"))


def test_old_versions_are_read_and_compared(people, written):
    at = shown(people.anna, view="policy", version=written.id)
    assert "Sign in daily." in texts(at) and "Version 1" in texts(at)
    at = shown(people.anna, view="policy")
    at.selectbox(key="policy.compare").set_value(written.id).run()
    said = texts(at)
    assert "Against version 1" in said and ":red[2] → :green[3]" in said and ":red[- Sign in daily.]" in said


def test_before_there_is_one(people, may):
    at = shown(people.anna, view="policy")
    assert "No policy is written down yet" in texts(at) and "every working day" in texts(at)


def test_a_new_version(people, written):
    def body(day):
        from crm.targets.queries import policy_version, policy_versions
        from crm.ui.desk import figures, load
        from crm.ui.team.policy import new_version

        new_version(figures(policy_version, version_id=int(load(policy_versions)["id"].iloc[0])), day)

    at = dialog(body, people.eve, TODAY)
    at.text_area(key="policy.form.text").set_value("Sign in, be kind, and rest.")
    at.text_input(key="policy.form.reason").set_value("Rest matters")
    at.button[0].click().run()
    with open_as(people.anna.actor) as session:
        newest = session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc())).first()
        assert (newest.text, newest.reason, newest.rules["travel_per_week"]) == ("Sign in, be kind, and rest.", "Rest matters", 3)


def test_opening_a_page_is_being_here(people, may):
    shown(people.chen)
    with open_as(people.chen.actor) as session:
        assert session.scalars(select(Presence.day)).all() == [TODAY]
