"""The demo company: the same everywhere, real where it says so, and everybody sees what is his to see."""

import datetime as dt
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM, Actor, Role
from crm.catalogue.models import PriceList, Supplier, Supply
from crm.contracts.models import Allocation, Contract, ContractOrder, Invoice, Receipt, ReceiptPlan
from crm.contracts.queries import overdue_by_age
from crm.contracts.queries import renewals_due as contracts_due
from crm.customers.filters import CustomerFilter
from crm.customers.models import Contact, Customer, CustomerScore, Holding, Order, OrderLine, Ownership, Relation, ScoreSnapshot
from crm.customers.queries import attention, customer_list, customer_totals, renewals_due, states
from crm.demo import ACCOUNTS, LAST_DAY, PASSWORD, fill
from crm.errors import NotFound, Refused
from crm.insight.queries import published_run
from crm.marketing.models import Lead, LeadState, PoolEntry
from crm.marketing.queries import campaigns, pool_totals
from crm.office.models import Activity, Announcement, Notice, Setting
from crm.office.queries import setting, today
from crm.pipeline.models import (
    ForecastRecord,
    ForecastSnapshot,
    Opportunity,
    OpportunityChange,
    OpportunityLine,
    OpportunityState,
    Quote,
    QuoteLine,
    QuoteState,
    StageEvent,
)
from crm.pipeline.queries import quotes_to_approve, stuck
from crm.session import get, open_as
from crm.staff.attempts import SignInError, check
from crm.staff.models import Absence, OrgUnit, Presence, User
from crm.staff.queries import demo_accounts
from crm.staff.sign_in import actor_for
from crm.support.models import (
    Article,
    Case,
    CaseArticle,
    CaseComment,
    CaseEvent,
    Escalation,
    FeedbackInvitation,
    FieldVisit,
    SurveyAnswer,
)
from crm.targets.models import IncentiveStatement, Review, Target, TargetPlan, TargetRevision
from tests.conftest import new_database

DIGEST = "5417ae9a9e29b8362fa766eb42789b2786d7160e93316f0638e4b0a1906d2450"
"""Of the demo company on every machine; a change of the generator changes it, and every screenshot and example with it."""

MAIN_COLUMNS = (
    (User.username, User.name, User.role, User.unit_id),
    (Customer.code, Customer.name, Customer.kind, Customer.owner_id, Customer.region, Customer.phone, Customer.order_amount),
    (Customer.first_order_on, Customer.last_order_on, Customer.order_count, Customer.stage, Customer.search_text),
    (Contact.customer_id, Contact.name, Contact.reports_to_id, Contact.phone, Contact.birthday),
    (Order.customer_id, Order.number, Order.kind, Order.ordered_on, Order.seller_id, Order.amount),
    (OrderLine.order_id, OrderLine.product_id, OrderLine.quantity, OrderLine.unit_price, OrderLine.amount),
    (Activity.subject_id, Activity.author_id, Activity.kind, Activity.happened_on, Activity.text, Activity.planned_on),
    (Activity.previous_id, Activity.topic, Activity.outcome, Activity.minutes),
    (Ownership.customer_id, Ownership.owner_id, Ownership.started_at, Ownership.ended_at),
    (Relation.customer_id, Relation.other_id, Relation.kind),
    (Holding.customer_id, Holding.product_type, Holding.amount),
    (Opportunity.number, Opportunity.name, Opportunity.customer_id, Opportunity.owner_id, Opportunity.state, Opportunity.amount),
    (Opportunity.stage_id, Opportunity.created_on, Opportunity.closed_on, Opportunity.expected_close_on, Opportunity.lead_id),
    (StageEvent.opportunity_id, StageEvent.to_stage_id, StageEvent.state),
    (OpportunityChange.opportunity_id, OpportunityChange.field, OpportunityChange.before, OpportunityChange.after),
    (Quote.opportunity_id, Quote.revision, Quote.state, Quote.amount),
    (Contract.number, Contract.state, Contract.amount, Contract.opportunity_id),
    (Receipt.customer_id, Receipt.received_on, Receipt.amount),
    (Lead.name, Lead.state, Lead.owner_id, Lead.customer_id),
    (PoolEntry.name, PoolEntry.pool, PoolEntry.reason),
    (Case.number, Case.subject, Case.customer_id, Case.order_id, Case.owner_id, Case.state, Case.priority, Case.cause),
    (Case.opened_at, Case.answered_at, Case.solved_at, Case.closed_at, Case.made_sla, Case.worked_seconds, Case.merged_into_id),
    (CaseEvent.case_id, CaseEvent.at, CaseEvent.what, CaseEvent.state, CaseEvent.owner_id, CaseEvent.note),
    (CaseComment.case_id, CaseComment.at, CaseComment.text, CaseComment.public, CaseComment.by_customer),
    (FieldVisit.case_id, FieldVisit.technician_id, FieldVisit.planned_at, FieldVisit.state, FieldVisit.minutes),
    (Escalation.case_id, Escalation.clock, Escalation.level, Escalation.to_id, Escalation.at),
    (FeedbackInvitation.customer_id, FeedbackInvitation.item, FeedbackInvitation.token_hash, FeedbackInvitation.sent_at),
    (SurveyAnswer.invitation_id, SurveyAnswer.csat, SurveyAnswer.nps, SurveyAnswer.comment),
    (Article.name, Article.edition, Article.state, Article.search_text),
    (CaseArticle.case_id, CaseArticle.article_id, CaseArticle.helped),
    (Activity.starts_at, Activity.place, Activity.checked_in_at, Activity.latitude, Activity.longitude),
    (TargetPlan.name, TargetPlan.year, TargetPlan.state, TargetPlan.edition),
    (Target.plan_id, Target.measure, Target.subject_kind, Target.subject_id, Target.period, Target.starts_on, Target.base),
    (TargetRevision.target_id, TargetRevision.number, TargetRevision.base, TargetRevision.stretch, TargetRevision.challenge),
    (IncentiveStatement.owner_id, IncentiveStatement.starts_on, IncentiveStatement.actual, IncentiveStatement.amount),
    (Review.evaluation_id, Review.by_id, Review.score),
    (Announcement.name, Announcement.team_id, Announcement.from_on, Announcement.until_on),
    (Notice.user_id, Notice.category, Notice.about, Notice.text, Notice.due_on),
    (Absence.user_id, Absence.kind, Absence.starts_on, Absence.ends_on),
    (Presence.user_id, Presence.day),
)


def digest() -> str:
    found = sha256()
    with open_as(SYSTEM) as session:
        for columns in MAIN_COLUMNS:
            for row in session.execute(select(*columns).order_by(columns[0].class_.id)):
                found.update(repr(tuple(map(str, row))).encode())
    return found.hexdigest()


def actor(username: str) -> Actor:
    with open_as(SYSTEM) as session:
        return actor_for(session, session.scalars(select(User).where(User.username == username)).one())


def board_id(name: str) -> int:
    with open_as(SYSTEM) as session:
        return session.scalars(select(OrgUnit.id).where(OrgUnit.name == name)).one()


def seen_by(username: str) -> dict[str, int]:
    """Board -> customers that this person sees."""
    with open_as(actor(username)) as session:
        query = select(OrgUnit.name, func.count(Customer.id)).join(Customer, Customer.board_id == OrgUnit.id)
        return dict(session.execute(query.group_by(OrgUnit.name)).all())


def test_cdnow_is_whole(company):
    with open_as(actor("director2")) as session:
        totals = customer_totals(session, CustomerFilter())
        assert totals["customers"] == 2357
        assert totals["amounts"] == {"USD": 244_091.94}
        assert session.scalar(select(func.count(Order.id))) == 6919
        assert session.scalar(select(func.sum(Order.amount))) == session.scalar(select(func.sum(OrderLine.amount)))
        days = session.execute(select(func.min(Order.ordered_on), func.max(Order.ordered_on))).one()
        assert tuple(days) == (dt.date(1997, 1, 1), LAST_DAY)


def test_names_are_made_up_once_each(company):
    with open_as(actor("director2")) as session:
        assert session.scalar(select(func.count(Customer.name_key.distinct()))) == 2357


def test_it_is_the_same_on_every_machine(company):
    assert digest() == DIGEST


@pytest.mark.postgres
def test_it_is_the_same_on_postgresql(request, tmp_path):
    with new_database("postgres", False, request, tmp_path):
        fill()
        assert digest() == DIGEST


def test_days_shift_when_asked(request, tmp_path):
    with new_database("sqlite", False, request, tmp_path):
        fill(shift_dates=True)
        with open_as(SYSTEM) as session:
            assert session.scalar(select(func.max(Order.ordered_on))) == dt.date.today() - dt.timedelta(1)
            assert not setting(session, "demo_today")
            assert dict(states(session).set_index("life_cycle")["customers"])["active"] > 500


def test_nobody_who_works_in_a_database_finds_it_filled(company):
    with pytest.raises(Refused, match="empty database"):
        fill()


def test_today_is_the_last_day_of_the_orders(company):
    with open_as(SYSTEM) as session:
        assert today(session) == LAST_DAY


def test_everybody_can_sign_in_but_the_one_who_left(company):
    with open_as(SYSTEM) as session:
        assert {account.role for account in demo_accounts(session)} == set(Role) - {Role.SYSTEM}
        assert session.scalar(select(Setting.value).where(Setting.key == "demo")) == {"on": True, "password": PASSWORD}
        assert {user.username for user in session.scalars(select(User))} == {account.username for account in ACCOUNTS}
    assert check("rep", PASSWORD) == actor("rep").user_id
    with pytest.raises(SignInError):
        check("former", PASSWORD)


def test_each_role_sees_its_own(company):
    assert seen_by("executive") == seen_by("analyst") == {"Music Retail": 2357, "Machinery": 120, "Services": 80}
    assert seen_by("director2") == seen_by("lead3") == seen_by("analyst2") == {"Music Retail": 2357}
    assert seen_by("director") == seen_by("boardadmin") == {"Machinery": 120, "Services": 4}
    assert seen_by("admin") == {}
    assert seen_by("agent") == {"Machinery": 7, "Services": 80}
    team, one = seen_by("lead")["Machinery"], seen_by("rep")["Machinery"]
    assert 0 < one < team < 120


def test_a_rep_does_not_see_a_colleagues_customer(company):
    theirs = select(Customer.id).where(Customer.owner_id == actor("rep5").user_id)
    with open_as(SYSTEM) as session:
        hidden = session.scalars(theirs).first()
    with open_as(actor("rep")) as session, pytest.raises(NotFound):
        get(session, Customer, hidden)


def test_there_is_work_to_do(company):
    with open_as(actor("director")) as session:
        waiting = attention(session, LAST_DAY, board_id("Machinery"))
        assert waiting["valuable_silent"] > 0
        assert waiting["overdue"] > 0
    with open_as(actor("lead4")) as session:
        due = renewals_due(session, LAST_DAY + dt.timedelta(60))
        assert (due["ends_on"] >= LAST_DAY).any()


def test_a_firm_stands_there_twice(company):
    with open_as(actor("director")) as session:
        twice = session.scalars(select(Customer.name_key).group_by(Customer.name_key).having(func.count() > 1)).all()
        assert len(twice) == 4


def test_the_list_shows_the_custom_field(company):
    with open_as(actor("director")) as session:
        found = customer_list(session, columns=("name", "class", "custom:contract_form"))
        assert {"Framework", "Lease"} <= set(found["custom:contract_form"].dropna())
        assert {"Gold", "Silver"} <= set(found["class"].dropna())


def test_pages_have_something_to_show_on_the_first_day(company):
    with open_as(actor("executive")) as session:
        runs = {name: published_run(session, board_id(name)) for name in ("Music Retail", "Machinery", "Services")}
        by = {name: session.scalar(select(User.username).where(User.id == run.by_id)) for name, run in runs.items()}
        assert by == {"Music Retail": "analyst2", "Machinery": "analyst", "Services": None}
        assert all(run.cutoff_on == LAST_DAY for run in runs.values())
        scored = select(Customer.board_id, func.count(CustomerScore.id)).join(Customer, Customer.id == CustomerScore.customer_id)
        assert dict(session.execute(scored.group_by(Customer.board_id)).all())[board_id("Music Retail")] == 2349
        kept = session.execute(select(ScoreSnapshot.as_of, func.count(ScoreSnapshot.id)).group_by(ScoreSnapshot.as_of)).all()
        assert dict(kept)[LAST_DAY] == 2557
        assert len(kept) == 5
    with open_as(actor("rep")) as session:
        assert session.scalar(select(func.count(CustomerScore.id))) > 5


# ------------------------------------------------------------------------------------------------- from lead to cash


def counted(column, *where) -> dict:
    with open_as(SYSTEM) as session:
        return dict(session.execute(select(column, func.count()).where(*where).group_by(column)).all())


def test_the_machinery_board_has_a_pipeline_with_its_history(company):
    states = counted(Opportunity.state)
    assert sum(states.values()) == counted(StageEvent.state, StageEvent.from_stage_id.is_(None))["open"] == 820
    assert states["open"] > 80
    assert states["won"] > 120
    ended = counted(StageEvent.state, StageEvent.state != "open")
    assert ended == {state: count for state, count in states.items() if state != "open"}
    assert set(counted(OpportunityChange.field)) == {"amount", "expected_close_on", "forecast_category"}
    with open_as(SYSTEM) as session:
        of_deal = select(OpportunityLine.opportunity_id, func.sum(OpportunityLine.amount))
        lines = dict(session.execute(of_deal.group_by(OpportunityLine.opportunity_id)).all())
        assert lines == dict(session.execute(select(Opportunity.id, Opportunity.amount)).all())
        boards = session.scalars(select(Opportunity.board_id).distinct()).all()
    assert boards == [board_id("Machinery")]


def test_some_deals_rot_and_the_chances_are_the_models(company):
    with open_as(actor("director")) as session:
        assert len(stuck(session)) > 5
        chances = session.scalars(select(Opportunity.win_probability).where(Opportunity.state == OpportunityState.OPEN)).all()
    assert None not in chances
    assert max(chances) - min(chances) > 0.3


def test_what_was_forecast_is_kept_for_half_a_year(company):
    with open_as(actor("director")) as session:
        days = session.scalars(select(ForecastSnapshot.taken_on).distinct().order_by(ForecastSnapshot.taken_on)).all()
        assert (len(days), days[-1]) == (26, LAST_DAY - dt.timedelta(7))
        records = session.scalars(select(ForecastRecord)).all()
    assert len(records) == 52
    assert all(record.p10 <= record.p50 <= record.p90 for record in records)


def test_quotes_stand_in_every_state_and_one_waits_for_a_word(company):
    assert set(counted(Quote.state)) == {state.value for state in QuoteState}
    with open_as(actor("lead")) as session:
        assert len(quotes_to_approve(session)) > 0
    with open_as(SYSTEM) as session:
        sums = dict(session.execute(select(QuoteLine.quote_id, func.sum(QuoteLine.amount)).group_by(QuoteLine.quote_id)).all())
        assert sums == dict(session.execute(select(Quote.id, Quote.amount)).all())


def test_contracts_are_those_of_won_deals_and_of_orders_that_were_placed(company):
    with open_as(SYSTEM) as session:
        linked = select(Contract, Opportunity, Order).join(Opportunity, Opportunity.id == Contract.opportunity_id)
        linked = linked.join(ContractOrder, ContractOrder.contract_id == Contract.id).join(
            Order, Order.id == ContractOrder.order_id
        )
        rows = session.execute(linked.where(ContractOrder.returns_id.is_(None))).all()
        assert len(rows) > 100
        for contract, deal, order in rows:
            assert deal.state == OpportunityState.WON
            assert contract.customer_id == deal.customer_id == order.customer_id
            assert contract.amount == deal.amount == order.amount
            assert order.ordered_on >= deal.closed_on
    assert set(counted(Contract.state)) == {"draft", "running", "ended", "terminated"}
    with open_as(actor("director")) as session:
        assert 0 < len(contracts_due(session, LAST_DAY)) < 60


def test_money_came_in_was_written_off_and_is_overdue(company):
    with open_as(SYSTEM) as session:
        paid = select(Allocation.plan_id, func.sum(Allocation.amount)).group_by(Allocation.plan_id)
        planned = dict(session.execute(select(ReceiptPlan.id, ReceiptPlan.amount)).all())
        assert all(amount <= planned[plan_id] for plan_id, amount in session.execute(paid))
        used = dict(
            session.execute(select(Allocation.receipt_id, func.sum(Allocation.amount)).group_by(Allocation.receipt_id)).all()
        )
        receipts = session.scalars(select(Receipt)).all()
        assert all(used.get(one.id, 0) <= one.amount for one in receipts if one.kind == "receipt")
        assert [one.kind for one in receipts].count("refund") == 1
        assert max(one.received_on for one in receipts) <= LAST_DAY
        assert session.scalar(select(func.count(ContractOrder.id)).where(ContractOrder.returns_id.is_not(None))) >= 1
        assert session.scalar(select(func.count(Invoice.id)).where(Invoice.amount < 0)) >= 1
    with open_as(actor("director")) as session:
        assert (overdue_by_age(session, LAST_DAY)["lines"] > 0).sum() >= 3


def test_leads_stand_in_every_state_and_something_lies_in_every_pool(company):
    assert set(counted(Lead.state)) == {state.value for state in LeadState}
    assert set(counted(Opportunity.state, Opportunity.lead_id.is_not(None))) <= {state.value for state in OpportunityState}
    with open_as(actor("director")) as session:
        assert min(pool_totals(session, board_id("Machinery")).values()) > 0
        brought = campaigns(session)
        assert len(brought) == 6
        assert brought["leads"].sum() > 20
    with open_as(SYSTEM) as session:
        lying = select(PoolEntry.customer_id).where(PoolEntry.left_at.is_(None), PoolEntry.customer_id.is_not(None))
        owners = session.scalars(select(Customer.owner_id).where(Customer.id.in_(lying))).all()
        assert set(owners) == {None}
        assert session.scalar(select(func.count(Opportunity.id)).where(Opportunity.customer_id.in_(lying))) == 0


def test_there_are_suppliers_and_price_lists(company):
    with open_as(actor("director")) as session:
        assert (session.scalar(select(func.count(Supplier.id))), session.scalar(select(func.count(PriceList.id)))) == (2, 2)
        assert session.scalar(select(func.count(Supply.id))) > 15
