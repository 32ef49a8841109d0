"""One file, one transaction: what it would do, and the doing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from crm.bulk import hold
from crm.catalogue.models import Product
from crm.customers.imports import contacts, customers, fields, orders, products, standing
from crm.customers.imports.rows import Incoming, Plan, Preview, Progress
from crm.customers.models import Contact, Customer, Order
from crm.database import Base
from crm.errors import Invalid, told_of_files
from crm.exchange.fields import Checked, Field
from crm.exchange.mapping import Mapping, apply, suggest
from crm.exchange.reading import Table
from crm.office.models import ImportJob
from crm.session import ScopedSession, data_version


@dataclass(frozen=True)
class Target:
    """A kind of record that can come from a file. `keys`: the fields by which records can be found again, best first."""

    area: str
    """Whose right to import it takes."""
    fields: Callable[[ScopedSession], list[Field]]
    keys: tuple[str, ...]
    plan: Callable[[Incoming], Plan]
    held: tuple[type[Base], ...]
    """The tables that nobody else writes while the file comes in, in the order in which everybody takes them."""
    keyless: bool = False
    """May every row be a new record?"""


TARGETS = {
    "customers": Target(
        "customers", fields.customer_fields, ("code", "phone", "name"), customers.plan, (Customer,), keyless=True
    ),
    "contacts": Target("customers", fields.contact_fields, ("name", "phone", "email"), contacts.plan, (Contact,)),
    "orders": Target("customers", fields.order_fields, ("customer_code", "customer_name"), orders.plan, (Order, Customer)),
    "products": Target("catalogue", fields.product_fields, ("code",), products.plan, (Product,)),
}


def suggested(session: ScopedSession, target: str, table: Table) -> Mapping:
    """A mapping from the headings and the first rows of the file; the key is the best one that is filled."""
    columns = suggest(table.frame.columns, TARGETS[target].fields(session), table.frame)
    key = next((key for key in TARGETS[target].keys if key in columns), None)
    return Mapping(name="", target=target, columns=columns, key=key)


def dry_run(
    session: ScopedSession,
    target: str,
    table: Table,
    mapping: Mapping,
    sha256: str | None = None,
    progress: Progress = Progress(),  # noqa: B008 - frozen
) -> Preview:
    """What an import of the table would do; writes nothing."""
    incoming, checked = _incoming(session, target, table, mapping, progress)
    plan = TARGETS[target].plan(incoming)
    _warn_of_earlier(incoming, sha256)
    problems = incoming.all_problems()
    return Preview(
        target=target,
        read=len(table.frame),
        new=plan.new,
        changed=plan.changed,
        unchanged=plan.unchanged,
        refused=problems["row"].nunique(),
        differences=plan.differences,
        sample=plan.sample,
        problems=problems,
        warnings=incoming.all_warnings(),
        questions=checked.questions,
        detail=plan.detail,
    )


@dataclass(frozen=True)
class Imported:
    """What came in: the entry of the log, and what was refused and remarked on, as in Preview."""

    job: ImportJob
    problems: pd.DataFrame
    warnings: pd.DataFrame


def run(
    session: ScopedSession,
    target: str,
    table: Table,
    mapping: Mapping,
    file_name: str,
    sha256: str,
    progress: Progress = Progress(),  # noqa: B008 - frozen
) -> Imported:
    """Import the table in the session's transaction.

    Raises Cancelled when `progress` says so, and whatever ends the transaction: then nothing of the file is there.
    """
    version = data_version(session)
    incoming, plan = _planned(session, target, table, mapping, progress)
    for kind in TARGETS[target].held:
        hold(session, kind)
    if data_version(session) != version:
        # Somebody wrote while the rows were checked: look again, now that nobody can.
        incoming, plan = _planned(session, target, table, mapping, progress)
    _warn_of_earlier(incoming, sha256)
    problems = incoming.all_problems()
    job = ImportJob(
        user_id=session.actor.user_id,
        target=target,
        file_name=file_name[-200:],
        sha256=sha256,
        mapping=mapping.model_dump(mode="json"),
        read=len(table.frame),
        added=plan.new,
        changed=plan.changed,
        unchanged=plan.unchanged,
        refused=problems["row"].nunique(),
        detail=plan.detail,
    )
    session.add(job)
    session.flush()
    plan.write(job.id, progress)
    return Imported(job, problems, incoming.all_warnings())


def _planned(session: ScopedSession, target: str, table: Table, mapping: Mapping, progress: Progress) -> tuple[Incoming, Plan]:
    incoming, _ = _incoming(session, target, table, mapping, progress)
    return incoming, TARGETS[target].plan(incoming)


def _incoming(
    session: ScopedSession, target: str, table: Table, mapping: Mapping, progress: Progress
) -> tuple[Incoming, Checked]:
    session.actor.must("import", TARGETS[target].area)
    _check_key(target, mapping)
    progress.at(0, len(table.frame), "Checking the rows")
    with told_of_files():
        checked = apply(table, mapping, TARGETS[target].fields(session))
    incoming = Incoming.of(session, table, mapping, checked, progress)
    incoming.checking(0.2)
    return incoming, checked


def _check_key(target: str, mapping: Mapping) -> None:
    if mapping.key is None and not TARGETS[target].keyless:
        raise Invalid("Choose the column by which records are found again.")
    if mapping.key is not None and mapping.key not in TARGETS[target].keys:
        raise Invalid("{target} cannot be found again by {key}.", target=target, key=mapping.key)


def _warn_of_earlier(incoming: Incoming, sha256: str | None) -> None:
    earlier = standing.earlier_imports(sha256) if sha256 else pd.DataFrame()
    if len(earlier):
        last = earlier.iloc[0]
        day = last["created_at"].date()
        incoming.warn_of_file("{name} brought in this file on {day} already.", name=last["name"], day=day)
