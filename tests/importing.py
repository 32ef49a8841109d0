"""A file in one line of a test: read, mapped by its headings, tried or imported as somebody."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd

from crm.access import Actor
from crm.customers.imports import Imported, Preview, Progress, dry_run, run, suggested
from crm.exchange.mapping import Mapping
from crm.exchange.reading import Table, read_table
from crm.session import open_as
from tests.people import Person


def a_table(text: str) -> Table:
    """Lines of CSV, the first with the headings; spaces before a line do not count."""
    return read_table("\n".join(line.strip() for line in text.strip().splitlines()).encode(), "file.csv")


def a_mapping(actor: Actor, target: str, table: Table, **changes: Any) -> Mapping:
    with open_as(actor) as session:
        return suggested(session, target, table).model_copy(update=changes)


def bring(person: Person | Actor, target: str, text: str, progress: Progress | None = None, **changes: Any) -> Imported:
    actor = person.actor if isinstance(person, Person) else person
    table = a_table(text)
    mapping = a_mapping(actor, target, table, **changes)
    with open_as(actor) as session:
        return run(session, target, table, mapping, "file.csv", hashlib.sha256(text.encode()).hexdigest(), progress or Progress())


def tried(person: Person, target: str, text: str, **changes: Any) -> Preview:
    table = a_table(text)
    mapping = a_mapping(person.actor, target, table, **changes)
    with open_as(person.actor) as session:
        return dry_run(session, target, table, mapping, hashlib.sha256(text.encode()).hexdigest())


def reasons(problems: pd.DataFrame) -> dict[int, str]:
    """Row -> why it was refused, in English."""
    found = zip(problems["row"], problems["reason_template"], problems["reason_values"], strict=True)
    return {int(row): template.format(**values) if "|" not in template else template for row, template, values in found}
