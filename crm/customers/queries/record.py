"""One customer: the file, who follows him, who else may see him, whom he is tied to."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from crm.access import SYSTEM
from crm.catalogue.models import Product
from crm.customers.models import (
    Contact,
    CorporateProfile,
    Customer,
    CustomerCompetitor,
    CustomerInterest,
    CustomerShare,
    Holding,
    Kind,
    Merge,
    Ownership,
    Relation,
    RetailProfile,
    name_key,
    phone_key,
)
from crm.database import frame
from crm.errors import NotFound
from crm.session import WITH_DELETED, ScopedSession, get, open_as, through_parent
from crm.staff.models import OrgUnit, User

PROFILES: dict[str, type[RetailProfile] | type[CorporateProfile]] = {Kind.RETAIL: RetailProfile, Kind.CORPORATE: CorporateProfile}


COLLISIONS = ["id", "name", "owner", "board", "because", "in_pool"]


def customer(session: ScopedSession, customer_id: int, deleted: bool = False) -> Customer:
    return get(session, Customer, customer_id, with_deleted=deleted)


def profile(session: ScopedSession, customer_id: int) -> RetailProfile | CorporateProfile | None:
    """The extended file, of the kind the customer is."""
    kind: Any = PROFILES[customer(session, customer_id).kind]
    return session.scalars(select(kind).where(kind.customer_id == customer_id)).first()


def _part(kind: Any, query: Any, customer_id: int) -> Any:
    """The rows of one table that belong to a customer whom I see."""
    query = query.join(Customer, Customer.id == kind.customer_id).where(kind.customer_id == customer_id)
    return through_parent(query, kind)


def contacts(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    query = select(
        Contact.id,
        Contact.name,
        Contact.position,
        Contact.department,
        Contact.influence,
        Contact.phone,
        Contact.email,
        Contact.wechat,
        Contact.birthday,
        Contact.reports_to_id,
        Contact.is_main,
        Contact.interests,
        Contact.remark,
        Contact.version,
    )
    return frame(session, _part(Contact, query, customer_id).order_by(Contact.is_main.desc(), Contact.id))


def competitors(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    kind = CustomerCompetitor
    query = select(kind.id, kind.name, kind.products, kind.share_percent, kind.strengths, kind.weaknesses, kind.version)
    return frame(session, _part(kind, query, customer_id).order_by(kind.id))


def holdings(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    query = select(
        Holding.id,
        Holding.side,
        Holding.product_type,
        Holding.place,
        Holding.institution,
        Holding.amount,
        Holding.as_of,
        Holding.version,
    )
    return frame(session, _part(Holding, query, customer_id).order_by(Holding.side, Holding.amount.desc()))


def interests(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """Products the customer asks about -> id, code, name."""
    query = select(Product.id, Product.code, Product.name).join(CustomerInterest, CustomerInterest.product_id == Product.id)
    return frame(session, _part(CustomerInterest, query, customer_id).order_by(Product.name))


def owners(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """The history of ownership, newest first -> owner, unit, started_at, ended_at, reason."""
    query = (
        select(
            Ownership.id,
            User.name.label("owner"),
            OrgUnit.name.label("unit"),
            Ownership.started_at,
            Ownership.ended_at,
            Ownership.reason,
        )
        .join(User, User.id == Ownership.owner_id)
        .join(OrgUnit, OrgUnit.id == Ownership.team_id)
    )
    query = _part(Ownership, query, customer_id)
    return frame(session, query.order_by(Ownership.started_at.desc(), Ownership.id.desc()))


def shares(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """Whom the customer is open to beyond his owner -> with (a person or a unit), may_change, reason."""
    query = (
        select(
            CustomerShare.id, func.coalesce(User.name, OrgUnit.name).label("with"), CustomerShare.may_change, CustomerShare.reason
        )
        .outerjoin(User, User.id == CustomerShare.user_id)
        .outerjoin(OrgUnit, OrgUnit.id == CustomerShare.unit_id)
    )
    return frame(session, _part(CustomerShare, query, customer_id).order_by(CustomerShare.id))


def relations(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """Ties of one customer -> id, customer_id, other_id, kind, remark, from_name, to_name; a hidden end has no name."""
    query = select(Relation.id, Relation.customer_id, Relation.other_id, Relation.kind, Relation.remark)
    found = frame(session, query.where(or_(Relation.customer_id == customer_id, Relation.other_id == customer_id)))
    return _named(session, found)


def neighbours(session: ScopedSession, customer_id: int, steps: int = 2, limit: int = 60) -> pd.DataFrame:
    """The net around a customer, a few steps out -> the same columns as `relations`."""
    known, edge, found = {customer_id}, {customer_id}, pd.DataFrame()
    for _ in range(steps):
        query = select(Relation.id, Relation.customer_id, Relation.other_id, Relation.kind, Relation.remark)
        query = query.where(or_(Relation.customer_id.in_(edge), Relation.other_id.in_(edge))).limit(limit)
        found = pd.concat([found, frame(session, query)]).drop_duplicates("id") if len(found) else frame(session, query)
        ends = set(found["customer_id"]) | set(found["other_id"])
        edge, known = ends - known, known | ends
        if not edge or len(found) >= limit:
            break
    return _named(session, found)


def _named(session: ScopedSession, found: pd.DataFrame) -> pd.DataFrame:
    ends = set(found["customer_id"]) | set(found["other_id"]) if len(found) else set()
    names = dict(session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ends))).all()) if ends else {}
    return found.assign(from_name=found["customer_id"].map(names), to_name=found["other_id"].map(names)) if len(found) else found


def followed_by(session: ScopedSession, customer_id: int) -> dict[str, Any]:
    """Owner and unit of a customer by name; the owner is None of one who lies in a pool. NotFound where there is none to see."""
    query = (
        select(User.name, User.state, OrgUnit.name)
        .select_from(Customer)
        .outerjoin(User, User.id == Customer.owner_id)
        .join(OrgUnit, OrgUnit.id == Customer.team_id)
    )
    found = session.execute(query.where(Customer.id == customer_id)).one_or_none()
    if found is None:
        raise NotFound()
    return dict(zip(("owner", "owner_state", "unit"), found, strict=True))


def collisions(
    session: ScopedSession, name: str, phone: str | None = None, email: str | None = None, but: int | None = None
) -> pd.DataFrame:
    """Who else has this customer, in the whole group -> id (None where it is not mine to see), name, owner, board, because,
    in_pool (nobody has it now).

    Of records that are not mine nothing shows but a masked name and the board.
    """
    key, digits = name_key(name), phone_key(phone)
    tests = [Customer.name_key == key] if key else []
    if digits:
        tests.append(Customer.phone_key == digits)
        tests.append(Customer.id.in_(select(Contact.customer_id).where(Contact.phone_key == digits)))
    if email:
        tests.append(func.lower(Customer.email) == email.lower())
    if not tests:
        return pd.DataFrame(columns=COLLISIONS)
    mine = set(session.scalars(select(Customer.id).where(or_(*tests))))
    with open_as(SYSTEM) as everything:
        query = (
            select(
                Customer.id,
                Customer.name,
                Customer.name_key,
                Customer.phone_key,
                Customer.owner_id,
                User.name.label("owner"),
                OrgUnit.name.label("board"),
            )
            .outerjoin(User, User.id == Customer.owner_id)
            .join(OrgUnit, OrgUnit.id == Customer.board_id)
        )
        rows = everything.execute(query.where(or_(*tests), Customer.id != (but or 0)).limit(20)).all()
    found = [
        {
            "id": row.id if row.id in mine else None,
            "name": row.name if row.id in mine else masked(row.name),
            "owner": row.owner if row.id in mine else None,
            "board": row.board,
            "in_pool": row.owner_id is None,
            "because": "name" if key and row.name_key == key else "phone" if digits and row.phone_key == digits else "contact",
        }
        for row in rows
    ]
    return pd.DataFrame(found, columns=COLLISIONS)


def masked(name: str) -> str:
    """First and last character; short names keep the first alone."""
    return name[0] + "＊" * 2 + (name[-1] if len(name) > 3 else "")


def merges(session: ScopedSession, customer_id: int) -> pd.DataFrame:
    """Merges into this customer that stand -> id, name of the merged record, created_at."""
    query = select(Merge.id, Customer.name, Merge.created_at).join(Customer, Customer.id == Merge.merged_id)
    query = query.where(Merge.customer_id == customer_id, Merge.undone_at.is_(None))
    return frame(session, query.execution_options(**{WITH_DELETED: True}))
