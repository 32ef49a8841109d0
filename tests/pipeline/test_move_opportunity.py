import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.errors import Invalid, NotFound, Refused, Stale
from crm.office.commands import LoggedActivity, log_activity, remove_activity
from crm.pipeline.commands import (
    DealLine,
    FilledMove,
    Losing,
    Move,
    PipelineDetails,
    Review,
    Winning,
    add_pipeline,
    edit_review,
    fill_and_move,
    lose,
    move_opportunity,
    reopen,
    save_line,
    tick_criteria,
    win,
)
from crm.pipeline.models import Stage, StageEvent
from crm.pipeline.queries import MoveNeeds, held_by, may_change, move_needs, opportunity, stage_events, stages_of
from crm.session import get, open_as
from tests.factories import TODAY, an_opportunity


@pytest.fixture
def deal(people, customer, stages):
    return an_opportunity(people.anna, customer, amount=Decimal(100), created_on=TODAY - dt.timedelta(20))


def move(person, deal, stage_id, *criteria):
    with open_as(person.actor) as session:
        return move_opportunity(session, deal.id, Move(stage_id=stage_id, criteria_met=list(criteria)))


def way(person, deal):
    with open_as(person.actor) as session:
        return stage_events(session, deal.id)[["stage", "state"]].values.tolist()


def test_it_works_and_back_is_always_allowed(people, deal, stages):
    assert move(people.anna, deal, stages["need_confirmed"]).stage_since == TODAY
    move(people.anna, deal, stages["follow_up"])
    move(people.anna, deal, stages["follow_up"])
    assert way(people.anna, deal) == [["lead", "open"], ["need_confirmed", "open"], ["follow_up", "open"]]


def test_refused_for_a_stranger(people, deal, stages):
    with pytest.raises(NotFound):
        move(people.chen, deal, stages["follow_up"])


def test_refused_for_a_reader(people, deal, stages):
    with pytest.raises(Refused):
        move(people.amir, deal, stages["follow_up"])


def test_required_fields_of_every_stage_left_behind(people, deal, stages):
    with pytest.raises(Invalid) as refusal:
        move(people.anna, deal, stages["bid"])
    assert refusal.value.field == "need"
    with open_as(SYSTEM) as session:
        get(session, Stage, stages["need_confirmed"]).required_fields = []
    with pytest.raises(Invalid) as refusal:
        move(people.anna, deal, stages["bid"])
    assert (refusal.value.field, str(refusal.value)) == ("expected_close_on", "Fill in first: Expected close on.")
    assert move(people.anna, deal, stages["solution"]).stage_id == stages["solution"]


def test_exit_criteria_are_ticked_before_or_with_the_move(people, deal, stages):
    with open_as(SYSTEM) as session:
        get(session, Stage, stages["lead"]).exit_criteria = ["Budget known", "Met the boss"]
    with pytest.raises(Invalid, match=r"Not ticked yet: Met the boss\."):
        move(people.anna, deal, stages["follow_up"], "Budget known")
    with open_as(people.anna.actor) as session:
        assert tick_criteria(session, deal.id, ["Met the boss", "Else"]).criteria_met == ["Met the boss"]
    assert move(people.anna, deal, stages["follow_up"], "Budget known").criteria_met == []


def test_not_into_another_pipeline(people, deal):
    with open_as(SYSTEM) as session:
        other = stages_of(session, add_pipeline(session, PipelineDetails(name="Service")).id)[1].id
    with pytest.raises(Invalid, match="another pipeline"):
        move(people.anna, deal, other)


def test_won_for_the_sum_of_its_lines_and_open_again(people, deal, stages):
    with open_as(people.anna.actor) as session:
        save_line(session, deal.id, DealLine(description="Piano", quantity=Decimal(2), unit_price=Decimal(80)))
        with pytest.raises(Invalid):
            win(session, deal.id, Winning(reason="price", amount=Decimal(5)))
        won = win(session, deal.id, Winning(reason="price", review="Be early"))
        assert (won.state, won.amount, won.closed_on, won.close_reason) == ("won", 160, TODAY, "price")
        with pytest.raises(Invalid, match="reopen it first"):
            save_line(session, deal.id, DealLine(description="Stool", unit_price=Decimal(8)))
        with pytest.raises(Invalid, match="reopen it first"):
            win(session, deal.id, Winning(reason="price"))
        again = reopen(session, deal.id)
        assert (again.state, again.closed_on, again.close_reason, again.review) == ("open", None, None, "Be early")
        with pytest.raises(Invalid):
            reopen(session, deal.id)
    assert way(people.anna, deal) == [["lead", "open"], ["lead", "won"], ["lead", "open"]]


def test_without_lines_won_for_what_is_said(people, deal):
    with open_as(people.anna.actor) as session:
        assert win(session, deal.id, Winning(reason="other", amount=Decimal(70))).amount == 70


def test_lost_to_whom_and_why_on_an_earlier_day(people, deal, stages):
    day = TODAY - dt.timedelta(3)
    with open_as(people.anna.actor) as session:
        for wrong in (TODAY + dt.timedelta(1), TODAY - dt.timedelta(21)):
            with pytest.raises(Invalid):
                lose(session, deal.id, Losing(reason="price", closed_on=wrong))
        lost = lose(session, deal.id, Losing(reason="competitor", lost_to="Forte", review="Too dear", closed_on=day))
        assert (lost.close_reason, lost.lost_to, lost.review) == ("competitor", "Forte", "Too dear")
        assert stage_events(session, deal.id)["at"].dt.date.tolist()[-1] == day
    with pytest.raises(Invalid):
        move(people.anna, deal, stages["follow_up"])


@pytest.mark.parametrize("act", [win, lose])
def test_closing_refused_for_strangers_and_readers(people, deal, act):
    input = Winning(reason="other") if act is win else Losing(reason="other")
    for person, error in ((people.chen, NotFound), (people.gia, Refused)):
        with pytest.raises(error), open_as(person.actor) as session:
            act(session, deal.id, input)


def test_an_activity_moves_the_day_of_the_last_one_and_no_version(people, deal):
    yesterday = TODAY - dt.timedelta(1)
    with open_as(people.anna.actor) as session:
        known = opportunity(session, deal.id)
        done = log_activity(session, "opportunity", deal.id, LoggedActivity(happened_on=yesterday, text="Called"))
        assert (known.last_activity_on, known.version) == (yesterday, deal.version)
    with open_as(people.anna.actor) as session:
        assert opportunity(session, deal.id).last_activity_on == yesterday
        remove_activity(session, done.id)
    with open_as(people.anna.actor) as session:
        assert opportunity(session, deal.id).last_activity_on is None


def test_what_a_move_needs(people, deal, stages):
    with open_as(SYSTEM) as session:
        get(session, Stage, stages["lead"]).exit_criteria = ["Budget known", "Met the boss"]
    with open_as(people.anna.actor) as session:
        tick_criteria(session, deal.id, ["Budget known"])
        needs = move_needs(session, deal.id, stages["bid"])
        assert (needs.criteria, needs.fields) == (("Met the boss",), ("need", "expected_close_on"))
        assert move_needs(session, deal.id, stages["lead"]) == MoveNeeds()
    with pytest.raises(NotFound), open_as(people.chen.actor) as session:
        move_needs(session, deal.id, stages["bid"])


def fill(person, deal, version, **values):
    with open_as(person.actor) as session:
        return fill_and_move(session, deal.id, FilledMove(**values), version)


def test_filled_and_moved_in_one_step_or_not_at_all(people, deal, stages):
    with open_as(SYSTEM) as session:
        get(session, Stage, stages["follow_up"]).required_fields = ["strengths"]
    given = {"stage_id": stages["bid"], "need": "Two grands", "strengths": "We tune at home"}
    with pytest.raises(Invalid, match="Expected close"):
        fill(people.anna, deal, deal.version, **given)
    with open_as(people.anna.actor) as session:
        assert opportunity(session, deal.id).need is None
    moved = fill(people.anna, deal, deal.version, **given, expected_close_on=TODAY)
    assert (moved.stage_id, moved.need, moved.strengths) == (stages["bid"], "Two grands", "We tune at home")
    with pytest.raises(Stale):
        fill(people.anna, deal, deal.version, stage_id=stages["signed"], need="Three")


@pytest.mark.parametrize(("name", "error"), [("chen", NotFound), ("amir", Refused)])
def test_filled_and_moved_is_refused_for_strangers_and_readers(people, deal, stages, name, error):
    with pytest.raises(error):
        fill(getattr(people, name), deal, deal.version, stage_id=stages["solution"], need="Mine")


def look_back(person, deal, **values):
    with open_as(person.actor) as session:
        return edit_review(session, deal.id, Review(**values), opportunity(session, deal.id).version)


def test_the_review_is_written_afterwards(people, deal):
    with pytest.raises(Invalid, match="no review"):
        look_back(people.anna, deal, reason="price")
    with open_as(people.anna.actor) as session:
        lose(session, deal.id, Losing(reason="price"))
    found = look_back(people.anna, deal, reason="competitor", lost_to="Borealis", review="Call earlier")
    assert (found.close_reason, found.lost_to, found.review) == ("competitor", "Borealis", "Call earlier")
    with pytest.raises(Invalid, match="Choose the reason"):
        look_back(people.anna, deal, reason="service")
    for person, error in ((people.chen, NotFound), (people.amir, Refused)):
        with pytest.raises(error):
            look_back(person, deal, reason="budget")


def test_who_may_change_it_and_whose_it_is(people, deal):
    for person, may in ((people.anna, True), (people.ben, True), (people.amir, False)):
        with open_as(person.actor) as session:
            assert may_change(session, deal.id) is may
            assert held_by(session, deal.id) == {"owner": "Anna Lindqvist", "unit": "Sales East"}


def test_an_event_knows_how_long_the_stage_was_held(people, deal, stages):
    move(people.anna, deal, stages["follow_up"])
    with open_as(people.anna.actor) as session:
        lose(session, deal.id, Losing(reason="timing"))
    with open_as(people.anna.actor) as session:
        reopen(session, deal.id)
    with open_as(people.anna.actor) as session:
        held = session.scalars(select(StageEvent.stayed_days).order_by(StageEvent.id)).all()
    assert held[0] is None and held[1] in (20, 21) and held[2] == 0
    assert held[3] is None, "while it was lost it stood in no stage"
