"""What hangs on a customer in all areas follows him when two records become one, and comes back when that is undone."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM, Attached
from crm.contracts.models import Contract, Receipt
from crm.customers.commands import merge, merge_preview, undo_merge
from crm.customers.commands.merging import moves
from crm.database import Base, now
from crm.insight.models import Call
from crm.marketing.models import Lead, PoolEntry, PoolWarning
from crm.pipeline.commands import seed_pipelines
from crm.pipeline.models import Opportunity, OpportunityCustomer
from crm.pipeline.queries import stages_of
from crm.session import open_as
from crm.support.models import Case, FeedbackInvitation
from tests.factories import TODAY, a_customer

FOLLOW = {
    "activity.subject_id",
    "attachment.subject_id",
    "call.customer_id",
    "contact.customer_id",
    "contract.customer_id",
    "corporate_profile.customer_id",
    "customer_competitor.customer_id",
    "customer_interest.customer_id",
    "customer_share.customer_id",
    "feedback_invitation.customer_id",
    "holding.customer_id",
    "lead.customer_id",
    "loss.customer_id",
    "opportunity.customer_id",
    "opportunity_customer.customer_id",
    "order.customer_id",
    "pool_entry.customer_id",
    "pool_warning.customer_id",
    "receipt.customer_id",
    "relation.customer_id",
    "relation.other_id",
    "retail_profile.customer_id",
    "service_case.customer_id",
    "tagging.subject_id",
}
STAY = {
    "customer.merged_into_id",
    "customer_score.customer_id",  # made anew by the job
    "group_member.customer_id",  # a fact: a list holds whom it held
    "merge.customer_id",
    "merge.merged_id",
    "ownership.customer_id",  # a fact: who had which record
    "score_snapshot.customer_id",  # a fact: how it stood
}
"""A new table with a key to customer must be named in one of the two."""


def named() -> set[str]:
    """Every column that names a customer."""
    tables = Base.metadata.sorted_tables
    links = [key for table in tables for key in table.foreign_keys if key.column.table.name == "customer"]
    keys = {f"{key.parent.table.name}.{key.parent.name}" for key in links}
    attached = {mapper.class_.__table__.name for mapper in Base.registry.mappers if issubclass(mapper.class_, Attached)}
    return keys | {f"{name}.subject_id" for name in attached}


def test_every_table_that_names_a_customer_is_decided():
    assert named() == FOLLOW | STAY
    assert {f"{kind.__table__.name}.{column}" for kind, column in moves()} == FOLLOW


@pytest.fixture
def twin(people):
    """Of anna, as the customer it is merged into; what hangs on it belongs to several people."""
    return a_customer(people.anna, name="Aurora Records")


@pytest.fixture
def hanging(people, twin, day):
    """One row of each kind above the customers' area -> the kinds."""
    third = a_customer(people.chen, name="Third Ltd")
    with open_as(SYSTEM) as session:
        stage = stages_of(session, seed_pipelines(session).id)[0]
    mine = {"owner_id": people.anna.id, "team_id": people.anna.unit_id, "board_id": people.anna.board_id}
    theirs = mine | {"owner_id": people.chen.id, "team_id": people.chen.unit_id}
    deal = {"pipeline_id": stage.pipeline_id, "stage_id": stage.id, "created_on": TODAY, "stage_since": TODAY}
    of_unit = {"board_id": people.anna.board_id, "team_id": people.anna.board_id}
    rows = [
        Opportunity(number="OP1", name="A deal of a colleague in another team", customer_id=twin.id, **theirs, **deal),
        Contract(number="CT1", name="A contract", customer_id=twin.id, starts_on=TODAY, amount=Decimal(90), **theirs),
        Receipt(customer_id=twin.id, board_id=people.anna.board_id, received_on=TODAY, amount=Decimal(30), by_id=people.anna.id),
        Lead(name="Aurora", customer_id=twin.id, name_key="aurora", **theirs),
        PoolEntry(customer_id=twin.id, name="Aurora", entered_at=now(), reason="released", left_at=now(), **of_unit),
        PoolWarning(customer_id=twin.id, name="Aurora", reason="silent", warned_on=TODAY, due_on=TODAY, **theirs),
        Call(
            customer_id=twin.id, user_id=people.anna.id, board_id=people.anna.board_id, drawn_on=TODAY, until=TODAY,
            arm="treated", kind="call", minutes=5, rank_value=1.0,
        ),
        Case(number="SC1", subject="The pump drips", customer_id=twin.id, opened_at=now(), **theirs),
        FeedbackInvitation(
            customer_id=twin.id, team_id=people.chen.unit_id, token_hash="0" * 64, sent_at=now(), expires_at=now(),
            by_id=people.anna.id,
        ),
    ]  # fmt: skip
    with open_as(SYSTEM) as session:
        session.add_all(rows)
        session.flush()
        other = Opportunity(number="OP2", name="With a third", customer_id=third.id, **theirs, **deal)
        session.add(other)
        session.flush()
        session.add(OpportunityCustomer(opportunity_id=other.id, customer_id=twin.id))
    return [type(row) for row in rows] + [OpportunityCustomer]


def of(kind, customer_id: int) -> int:
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(kind.id)).where(kind.customer_id == customer_id))


def test_all_follow_and_come_back(people, customer, twin, hanging):
    with open_as(people.ben.actor) as session:
        merged = merge(session, customer.id, twin.id)
    assert {kind.__tablename__: of(kind, customer.id) for kind in hanging} == {kind.__tablename__: 1 for kind in hanging}
    with open_as(people.ben.actor) as session:
        undo_merge(session, merged.id)
    assert {kind.__tablename__: of(kind, twin.id) for kind in hanging} == {kind.__tablename__: 1 for kind in hanging}


def test_the_preview_counts_also_what_is_another_persons(people, customer, twin, hanging):
    with open_as(people.ben.actor) as session:
        counts = merge_preview(session, customer.id, twin.id)["moves"]
    assert counts == {kind.__tablename__: 1 for kind in hanging}


def test_a_further_customer_of_his_own_deal_stays_behind(people, customer, twin, hanging):
    with open_as(SYSTEM) as session:
        deal = session.scalars(select(Opportunity).where(Opportunity.number == "OP1")).one()
        deal.customer_id = customer.id
        session.add(OpportunityCustomer(opportunity_id=deal.id, customer_id=twin.id))
    with open_as(people.ben.actor) as session:
        merge(session, customer.id, twin.id)
    assert of(OpportunityCustomer, customer.id) == 1
    assert of(OpportunityCustomer, twin.id) == 1


def test_the_same_day_is_not_drawn_twice(people, customer, twin, hanging):
    with open_as(SYSTEM) as session:
        drawn = session.scalars(select(Call)).one()
        names = ("user_id", "board_id", "drawn_on", "until", "arm", "kind", "minutes", "rank_value")
        session.add(Call(customer_id=customer.id, **{name: getattr(drawn, name) for name in names}))
    with open_as(people.ben.actor) as session:
        merge(session, customer.id, twin.id)
    assert (of(Call, customer.id), of(Call, twin.id)) == (1, 1)
