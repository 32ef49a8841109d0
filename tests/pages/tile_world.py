"""A firm with something in every area, of several owners in two boards: so that no headline figure is nothing by chance."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from crm.access import SYSTEM
from crm.contracts.commands import ReceiptInput, add_receipt
from crm.customers.commands import refresh_base
from crm.customers.models import Customer, ScoreSnapshot
from crm.jobs import JOBS
from crm.marketing.commands import LeadDetails, add_lead
from crm.marketing.models import Campaign
from crm.office.commands import AnnouncementInput, DemoDay, MessageInput, announce, send_message, set_demo_today
from crm.session import open_as
from crm.staff.models import Absence, Presence
from crm.support.commands import Answer, Asking, answer_survey, ask_feedback
from crm.targets.commands import (
    Cell,
    Criterion,
    EvaluationInput,
    FormInput,
    IncentiveInput,
    PlanDetails,
    ReviewInput,
    TierInput,
    add_form,
    add_incentive,
    add_plan,
    approve_plan,
    make_statements,
    review,
    set_targets,
    start_evaluation,
)
from tests.factories import TODAY, a_case, a_contact, a_contract, a_customer, a_product, an_activity, an_opportunity, an_order
from tests.people import People, Person
from tests.scored import a_run, a_score

MEASURES = ("revenue", "won_deals", "receipts", "contracts", "new_customers", "activities", "solved_cases", "value_change")
PERIODS = (("month", dt.date(2026, 6, 1)), ("quarter", dt.date(2026, 4, 1)), ("year", dt.date(2026, 1, 1)))


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days)


def at(days: int, hour: int = 8) -> dt.datetime:
    return dt.datetime.combine(ago(days), dt.time(hour), dt.UTC)


def fill(people: People) -> dict[str, int]:
    """-> what the pages of one record are asked for"""
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=TODAY))
    runs = {person.board_id: a_run(person.board_id) for person in (people.anna, people.emil)}
    records: dict[str, int] = {}
    for number, person in enumerate((people.anna, people.chen, people.ben, people.emil, people.dana)):
        records |= _business(person, number, runs[person.board_id], {} if number else {"opportunity_kept": True})
    _free(people)
    _plans(people)
    _judged(people)
    _told(people)
    with open_as(SYSTEM) as session:
        refresh_base(session, TODAY)
    JOBS["reminders"](TODAY)
    return records


def _business(owner: Person, number: int, run: Any, wanted: dict[str, Any]) -> dict[str, int]:
    """Customers, orders, deals, contracts, receipts, cases and leads of one person; the first person's are looked at."""
    loyal, lost, fresh = (a_customer(owner, name=f"{name} {number}") for name in ("Aurora", "Borealis", "Corona"))
    for customer, days in ((loyal, (3, 40, 200, 410)), (lost, (300, 500, 620)), (fresh, (12,))):
        for day in days:
            an_order(customer, 700 + number * 10 + day, on=ago(day), seller_id=owner.id)
        a_score(customer, run, p_alive=0.2 if customer is lost else 0.8)
        _kept(customer, owner, 400, ago(31))
        _kept(customer, owner, 300 if customer is lost else 450, ago(1))
    a_contact(loyal, birthday=ago(365 * 40 - 10))
    deals = _deals(owner, loyal, lost)
    contract = a_contract(owner, loyal, 900, ago(20), ago(-3), ago(-40), signed_on=ago(25), ends_on=ago(-20))
    a_contract(owner, fresh, 500, ago(50), signed_on=ago(100), state="draft")
    with open_as(owner.actor) as session:
        add_receipt(session, loyal.id, ReceiptInput(received_on=ago(6), amount=Decimal(120), method="transfer"))
        lead = add_lead(session, LeadDetails(name=f"Lead {number}", phone=f"1390000111{number}"))
    an_activity(loyal, owner, minutes=5, outcome="reached")
    an_activity(lost, owner, happened_on=ago(9))
    an_activity(loyal, owner, topic="Send the quote", planned_on=ago(2))
    an_activity(fresh, owner, topic="Visit", kind="visit", planned_on=TODAY, starts_at=dt.time(9), checked_in_at=at(0, 9))
    an_activity(lost, owner, topic="Call", kind="call", planned_on=ago(-2), starts_at=dt.time(14))
    case = _cases(owner, loyal, fresh)
    made = {"customer": loyal.id, "opportunity": deals, "contract": contract.id, "case": case, "lead": lead.id}
    return made if wanted else {}


def _kept(customer: Customer, owner: Person, worth: int, day: dt.date) -> None:
    with open_as(SYSTEM) as session:
        about = {"board_id": customer.board_id, "owner_id": owner.id, "life_cycle": "active"}
        session.add(ScoreSnapshot(customer_id=customer.id, as_of=day, lifetime_value=Decimal(worth), **about))


def _deals(owner: Person, one: Customer, other: Customer) -> int:
    """-> the open one"""
    product = a_product()
    open_deal = an_opportunity(owner, one, amount=Decimal(4000), expected_close_on=ago(-20), forecast_category="commit")
    an_opportunity(owner, other, amount=Decimal(1500), expected_close_on=ago(5), forecast_category="best_case")
    for amount, day in ((2500, 8), (1100, 50), (900, 130)):
        closed = {"state": "won", "closed_on": ago(day), "created_on": ago(day + 40), "product_id": product.id}
        an_opportunity(owner, one, amount=Decimal(amount), expected_close_on=ago(day), **closed)
    gone = {"state": "lost", "closed_on": ago(15), "created_on": ago(80), "close_reason": "price"}
    an_opportunity(owner, other, amount=Decimal(700), expected_close_on=ago(15), **gone)
    return open_deal.id


def _cases(owner: Person, one: Customer, other: Customer) -> int:
    """-> an open one"""
    solved = {"state": "solved", "cause": "Cable"}
    kinds = (
        {"opened_at": at(20), "answered_at": at(20, 10), "solved_at": at(19), "made_sla": True} | solved,
        {"opened_at": at(15), "answered_at": at(15, 9), "solved_at": at(5), "made_sla": False} | solved,
        {"opened_at": at(50), "state": "waiting_customer"},
        {"opened_at": at(3), "kind": "complaint", "complaint_class": "product_quality"},
    )
    made = [a_case(owner, one if place % 2 else other, **changes) for place, changes in enumerate(kinds)]
    with open_as(SYSTEM) as session:
        asked = [ask_feedback(session, case.customer_id, Asking(case_id=case.id)) for case in made[:2]]
    answer_survey(asked[0].token, Answer(csat=5, nps=10))
    answer_survey(asked[1].token, Answer(csat=2, nps=3, comment="Slow"))
    return made[2].id


def _free(people: People) -> None:
    """What is nobody's or does not fit into the business of one person."""
    with open_as(SYSTEM) as session:
        for person in people:
            days = [ago(day) for day in range(1, 30) if (day + person.id) % 9]
            session.add_all(Presence(user_id=person.id, day=day) for day in days)
        session.add(Absence(user_id=people.chen.id, kind="leave", starts_on=ago(2), ends_on=ago(-3)))
        for board, amount in (("Music", 300), ("Machinery", 200)):
            about = {"board_id": people.units[board], "team_id": people.units[board], "owner_id": people.mia.id}
            session.add(Campaign(name=f"Fair {board}", starts_on=ago(40), ends_on=ago(1), cost=Decimal(amount), **about))


def _plans(people: People) -> None:
    subjects = [("person", one.id) for one in (people.anna, people.ben, people.chen, people.dana, people.gia)]
    subjects += [("team", people.units[name]) for name in ("Sales East", "Sales West")] + [("board", people.units["Music"])]
    cells = [
        Cell(measure=measure, subject_kind=kind, subject_id=one, period=period, starts_on=day, base=Decimal(100))
        for measure in MEASURES
        for kind, one in subjects
        for period, day in (*PERIODS, ("month", dt.date(2026, 5, 1)))
    ]
    with open_as(people.dana.actor) as session:
        plan = add_plan(session, PlanDetails(name="Music 2026", year=2026), people.units["Music"])
        set_targets(session, plan.id, cells)
        approve_plan(session, plan.id, plan.version)
        add_plan(session, PlanDetails(name="Music 2027", year=2027), people.units["Music"])


def _judged(people: People) -> None:
    with open_as(people.dana.actor) as session:
        form = add_form(
            session, FormInput(name="Half-year", kind="work", criteria=[Criterion(key="all", name="All", weight=100)])
        )
        for person in (people.anna, people.chen):
            told = EvaluationInput(form_id=form.id, user_id=person.id, starts_on=ago(180), ends_on=TODAY)
            judged = start_evaluation(session, told)
        review(session, judged.id, ReviewInput(marks={"all": 4}))
        about = {"measure": "revenue", "period": "month", "kind": "commission", "starts_on": dt.date(2026, 1, 1)}
        rule = IncentiveInput(name="Commission", tiers=[TierInput(from_share=Decimal(0), rate=Decimal("0.01"))], **about)
        make_statements(session, add_incentive(session, rule, people.units["Music"]).id, dt.date(2026, 5, 1))


def _told(people: People) -> None:
    with open_as(people.dana.actor) as session:
        announce(session, AnnouncementInput(name="Fair", text="In autumn.", team_id=people.units["Music"]))
        send_message(session, MessageInput(to=[people.anna.id, people.ben.id], text="Close dates, please."))
    with open_as(people.anna.actor) as session:
        send_message(session, MessageInput(to=[people.ben.id], text="May I?"))
