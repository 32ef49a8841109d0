"""The people, units, products and accounts that a file of opportunities names: found by name, or added."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import select

from crm.access import Role
from crm.catalogue.models import Product, ProductCategory
from crm.customers.imports.customer_writing import insert_customers, new_customers
from crm.customers.models import CorporateProfile, Customer, CustomerShare, Relation
from crm.pipeline.imports.reading import Source
from crm.session import WITH_DELETED, ScopedSession
from crm.staff.models import OrgUnit, UnitKind, User


def board(session: ScopedSession, source: Source) -> OrgUnit:
    """The board of the plan, below the group."""
    wanted = source.plan.board
    found = session.scalars(select(OrgUnit).where(OrgUnit.kind == UnitKind.BOARD, OrgUnit.name == wanted.name)).first()
    if found is None:
        group = session.scalars(select(OrgUnit.id).where(OrgUnit.kind == UnitKind.GROUP).order_by(OrgUnit.id)).first()
        found = OrgUnit(name=wanted.name, kind=UnitKind.BOARD, parent_id=group, currency=wanted.currency)
        session.add(found)
        session.flush()
    return found


def sellers(session: ScopedSession, source: Source, board_id: int) -> dict[str, User]:
    """Name -> person: each office a department, its managers leads, its agents reps. None of them can sign in before an
    administrator gives them a password."""
    offices = {name: _office(session, name, board_id) for name in source.teams["regional_office"].unique()}
    here = [board_id, *(unit.id for unit in offices.values())]
    known = {user.name: user for user in session.scalars(select(User).where(User.unit_id.in_(here)))}
    taken = set(session.scalars(select(User.username), execution_options={WITH_DELETED: True}))
    for row in _each(source.teams.drop_duplicates("manager")):
        if row.manager not in known:
            known[row.manager] = _person(session, row.manager, Role.LEAD, offices[row.regional_office], None, taken)
    for row in _each(source.teams):
        if row.sales_agent not in known:
            above = known[row.manager].id
            known[row.sales_agent] = _person(session, row.sales_agent, Role.REP, offices[row.regional_office], above, taken)
    return known


def _office(session: ScopedSession, name: str, board_id: int) -> OrgUnit:
    found = session.scalars(select(OrgUnit).where(OrgUnit.parent_id == board_id, OrgUnit.name == name)).first()
    if found is None:
        found = OrgUnit(name=name, kind=UnitKind.DEPARTMENT, parent_id=board_id)
        session.add(found)
        session.flush()
    return found


def _person(session: ScopedSession, name: str, role: Role, unit: OrgUnit, manager_id: int | None, taken: set[str]) -> User:
    plain = re.sub(r"[^a-z0-9]+", ".", name.lower()).strip(".")[:36]
    username = next(one for one in (plain, *(f"{plain}.{number}" for number in range(2, 1000))) if one not in taken)
    taken.add(username)
    person = User(username=username, name=name, role=role, unit_id=unit.id, manager_id=manager_id)
    session.add(person)
    session.flush()
    return person


def products(session: ScopedSession, source: Source) -> dict[str, int]:
    """Name -> id; a series is a category."""
    codes = {name: re.sub(r"\s+", "-", name.upper())[:40] for name in source.products["product"]}
    known = {product.code: product.id for product in session.scalars(select(Product).where(Product.code.in_(codes.values())))}
    for row in _each(source.products):
        if codes[row.product] not in known:
            price, category_id = Decimal(str(row.sales_price)), _category(session, row.series)
            added = Product(code=codes[row.product], name=row.product, category_id=category_id, price=price)
            session.add(added)
            session.flush()
            known[added.code] = added.id
    return {name: known[code] for name, code in codes.items()}


def _category(session: ScopedSession, name: str) -> int:
    found = session.scalars(select(ProductCategory).where(ProductCategory.code == name.upper())).first()
    if found is None:
        found = ProductCategory(code=name.upper(), name=name)
        session.add(found)
        session.flush()
    return found.id


def accounts(session: ScopedSession, source: Source, board_id: int, people: dict[str, User], job_id: int) -> dict[str, int]:
    """Name -> id of the customer, who belongs to the agent with most deals there; the other agents with deals may read him."""
    query = select(Customer.name, Customer.id).where(Customer.board_id == board_id)
    known: dict[str, int] = {row.name: row.id for row in session.execute(query)}
    busiest = source.deals.groupby("account")["sales_agent"].agg(lambda agents: agents.value_counts().index[0])
    new = source.accounts[~source.accounts["account"].isin(known)].reset_index(drop=True)
    if new.empty:
        return known
    first = source.teams["sales_agent"].iloc[0]
    owners = [people[busiest.get(name, first)] for name in new["account"]]
    rows = pd.DataFrame({"name": new["account"], "industry": new["sector"], "region": new["office_location"]}).assign(
        owner_id=[owner.id for owner in owners], team_id=[owner.unit_id for owner in owners], board_id=board_id
    )
    ids = insert_customers(session, new_customers(rows, session), job_id)
    known |= dict(zip(new["account"], ids.astype(int).tolist(), strict=True))
    for row in _each(new):
        staff = int(row.employees) if pd.notna(row.employees) else None
        revenue = Decimal(str(row.revenue)) if pd.notna(row.revenue) else None
        session.add(CorporateProfile(customer_id=known[row.account], employees=staff, annual_revenue=revenue))
        if isinstance(row.subsidiary_of, str) and row.subsidiary_of in known:
            session.add(Relation(customer_id=known[row.subsidiary_of], other_id=known[row.account], kind="parent_company"))
    added = dict(zip(new["account"], (owner.id for owner in owners), strict=True))
    for account, agent in source.deals[["account", "sales_agent"]].dropna().drop_duplicates().itertuples(index=False):
        if account in added and people[agent].id != added[account]:
            session.add(CustomerShare(customer_id=known[account], user_id=people[agent].id, reason=source.plan.name))
    session.flush()
    return known


def _each(table: pd.DataFrame) -> Iterable[Any]:
    """Rows by the names of their columns."""
    return table.itertuples()
