"""What must hold in the database at any time: each as a query that finds the rows where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, inspect, or_, select

from crm.access import Attached, subjects
from crm.contracts.models import Allocation, Receipt, ReceiptPlan
from crm.customers.models import Customer, Order, OrderLine, Ownership
from crm.customers.models.orders import BOUGHT
from crm.database import Base, Record
from crm.tables import metadata
from crm.targets.models import Target, TargetPlan, TargetRevision

Broken = Select[int]
"""-> ids of the rows in which it does not hold."""


def references() -> Iterator[tuple[str, str, Broken]]:
    """Whatever a row names is there -> what is wrong, the table, the query."""
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda one: one.parent.key):
            parent = key.column.table.alias()
            gone = ~exists(select(parent.c.id).where(parent.c.id == key.parent))
            yield (
                f"names a {key.column.table.name} that is not there ({key.parent.key})",
                table.name,
                select(table.c.id).where(key.parent.is_not(None), gone),
            )
    for kind in _kinds():
        if issubclass(kind, Attached):
            table = inspect(kind).local_table
            yield "hangs on a record that is not there", table.name, _hanging(table.c)


def _kinds() -> list[type[Any]]:
    return sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda kind: str(kind.__tablename__))


def _hanging(columns: Any) -> Broken:
    there: list[ColumnElement[bool]] = [
        and_(columns.subject_type == name, exists(select(kind.__table__.c.id).where(kind.__table__.c.id == columns.subject_id)))
        for name, kind in subjects().items()
    ]
    return select(columns.id).where(~or_(*there))


def _overlapping() -> Broken:
    one, other = Ownership.__table__.alias(), Ownership.__table__.alias()
    later = (other.c.customer_id == one.c.customer_id) & (other.c.id > one.c.id)
    meets = or_(one.c.ended_at.is_(None), other.c.started_at < one.c.ended_at)
    meets &= or_(other.c.ended_at.is_(None), one.c.started_at < other.c.ended_at)
    return select(other.c.id).join(one, later & meets).distinct()


def _backwards() -> Broken:
    table = Ownership.__table__.c
    return select(table.id).where(table.ended_at < table.started_at)


def _owner() -> Broken:
    """The open interval of a customer is that of its owner; without an owner none is open."""
    customer, owned = Customer.__table__.c, Ownership.__table__.c
    is_open = select(owned.id).where(owned.customer_id == customer.id, owned.ended_at.is_(None))
    others = is_open.where(owned.owner_id.is_distinct_from(customer.owner_id))
    missing = customer.owner_id.is_not(None) & customer.deleted_at.is_(None) & ~exists(is_open)
    return select(customer.id).where(or_(exists(others), missing))


def _order_sums() -> Broken:
    order, line = Order.__table__.c, OrderLine.__table__.c
    lines = select(line.order_id, func.sum(line.amount).label("amount")).where(line.deleted_at.is_(None))
    summed = lines.group_by(line.order_id).subquery()
    return select(order.id).join(summed, summed.c.order_id == order.id).where(order.amount != summed.c.amount)


def _customer_sums() -> Broken:
    """How many purchases, how much with returns, the first and the last day."""
    customer, order = Customer.__table__.c, Order.__table__
    bought = func.sum(func.cast(BOUGHT, order.c.id.type))
    when = func.min(order.c.ordered_on).filter(BOUGHT), func.max(order.c.ordered_on).filter(BOUGHT)
    orders: Any = select(order.c.customer_id, bought.label("count"), func.sum(order.c.amount).label("amount"))
    orders = orders.add_columns(when[0].label("first"), when[1].label("last")).where(order.c.deleted_at.is_(None))
    summed = orders.group_by(order.c.customer_id).subquery()
    differs = or_(
        customer.order_count != func.coalesce(summed.c.count, 0),
        customer.order_amount != func.coalesce(summed.c.amount, 0),
        customer.first_order_on.is_distinct_from(summed.c.first),
        customer.last_order_on.is_distinct_from(summed.c.last),
    )
    return (
        select(customer.id).outerjoin(summed, summed.c.customer_id == customer.id).where(customer.deleted_at.is_(None), differs)
    )


def _allocated(parent: type[Record], link: str) -> Broken:
    """No more of a receipt, and no more to a line of a plan, than there is."""
    whole, part = parent.__table__.c, Allocation.__table__.c
    used = select(part[link].label("parent"), func.sum(part.amount).label("amount")).group_by(part[link]).subquery()
    return select(whole.id).join(used, used.c.parent == whole.id).where(func.abs(used.c.amount) > func.abs(whole.amount))


def _targets() -> Broken:
    """What is approved is what its newest version says."""
    target, plan, revision = Target.__table__.c, TargetPlan.__table__.c, TargetRevision.__table__
    each = revision.alias()
    newest = select(func.max(each.c.number)).where(each.c.target_id == target.id).scalar_subquery()
    query = select(target.id).join(TargetPlan.__table__, plan.id == target.plan_id)
    query = query.join(revision, (revision.c.target_id == target.id) & (revision.c.number == newest))
    return query.where(plan.state == "approved", target.deleted_at.is_(None), revision.c.base != target.base)


INVARIANTS: dict[str, tuple[str, Callable[[], Broken]]] = {
    "has two owners at the same time": ("ownership", _overlapping),
    "ends before it begins": ("ownership", _backwards),
    "has another owner than its history says": ("customer", _owner),
    "is not the sum of its lines": ("order", _order_sums),
    "does not agree with its orders": ("customer", _customer_sums),
    "is given out more than once": ("receipt", lambda: _allocated(Receipt, "receipt_id")),
    "has received more than was due": ("receipt_plan", lambda: _allocated(ReceiptPlan, "plan_id")),
    "differs from the newest version of its plan": ("target", _targets),
}
"""What is wrong -> the table, the query."""

__all__ = ["INVARIANTS", "Broken", "references"]
