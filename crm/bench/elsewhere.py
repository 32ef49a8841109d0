"""The firm of a benchmark in another database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from crm import migrations
from crm.access import SYSTEM
from crm.bench.place import Place
from crm.customers.models import Customer
from crm.session import open_as
from crm.upkeep.copying import copy_database


def fill(source: Place, target: Place, tell: Callable[[str], None] = print) -> None:
    """The same firm in another database, unless one is there already."""
    with target.opened():
        if migrations.is_current() and _holds_customers():
            return
    tell("Copying the database ...")
    with source.opened():
        copy_database(f"sqlite:///{source.folder / 'crm.db'}", target.url, lambda table, told: tell(f"  {table} {told.rows:,}"))


def _holds_customers() -> bool:
    with open_as(SYSTEM) as session:
        return bool(session.scalar(select(func.count(Customer.id))))


__all__ = ["fill"]
