"""`python -m crm import`: a file from the command line, by the same rules and in the same log as from the page."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crm.access import SYSTEM, Actor
from crm.customers.commands import assign_classes, refresh_base
from crm.customers.imports.answering import answering
from crm.customers.imports.mappings import find_mapping
from crm.customers.imports.rows import Progress, reasons
from crm.customers.imports.run import dry_run, run, suggested
from crm.errors import CrmError, told_of_files
from crm.exchange.mapping import Mapping
from crm.exchange.reading import Table, read_table
from crm.exchange.refused import refused_file
from crm.exchange.writing import to_csv
from crm.office.queries import today
from crm.session import open_as
from crm.settings import settings
from crm.words import label, say

Speak = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Counts in rows of the file; `refused_path`: where the refused rows went, if there are any."""

    read: int
    added: int
    changed: int
    unchanged: int
    refused: int
    refused_path: Path | None = None


def run_file(
    path: Path,
    target: str,
    mapping_name: str | None = None,
    *,
    as_username: str | None = None,
    owner: str | None = None,
    only_try: bool = False,
    refused_path: Path | None = None,
    speak: Speak = print,
) -> Outcome:
    """Import a file, or with `only_try` say what an import would do; without a mapping the columns are told by their headings.

    `speak` gets what happens line by line. Without `as_username` the command line acts with all rights in the name of `owner`, or
    of the head of the first board, who answers for the import and gets the new customers. Raises CrmError: then nothing is there.
    """
    actor = answering(as_username, owner)
    speak(say("In the name of {name}, who becomes the owner of new customers.", name=actor.name))
    table = _read(path, speak)
    mapping = _mapping(actor, target, mapping_name, owner, table)
    speak(say("Columns: {columns}", columns=[f"{header} → {label(field)}" for field, header in mapping.columns.items()]))
    counts, problems, warnings = _bring_in(actor, target, table, mapping, path, only_try, Progress(_Lines(speak).tell))
    for template, values in zip(warnings["reason_template"], warnings["reason_values"], strict=True):
        speak(say(template, **values))
    outcome = _summed_up(counts, table, problems, refused_path or _beside(path), speak)
    if not only_try:
        refresh_scores(target)
    return outcome


def _read(path: Path, speak: Speak) -> Table:
    speak(say("Reading {file}", file=path.name))
    try:
        with told_of_files():
            return read_table(path, path.name)
    except OSError as error:
        raise CrmError("The file {file} cannot be read: {why}.", file=str(path), why=error.strerror or "") from error


def _mapping(actor: Actor, target: str, name: str | None, owner: str | None, table: Table) -> Mapping:
    with open_as(actor) as session:
        mapping = find_mapping(session, target, name) if name else suggested(session, target, table)
    takes_owner = owner and target in ("customers", "orders") and "owner" not in mapping.columns
    return mapping.model_copy(update={"constants": {**mapping.constants, "owner": owner}}) if takes_owner else mapping


def _bring_in(
    actor: Actor, target: str, table: Table, mapping: Mapping, path: Path, only_try: bool, progress: Progress
) -> tuple[Outcome, pd.DataFrame, pd.DataFrame]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with open_as(actor) as session:
        if only_try:
            would = dry_run(session, target, table, mapping, digest, progress)
            counts = Outcome(would.read, would.new, would.changed, would.unchanged, would.refused)
            return counts, would.problems, would.warnings
        done = run(session, target, table, mapping, path.name, digest, progress)
        job = done.job
        counts = Outcome(job.read, job.added, job.changed, job.unchanged, job.refused)
    return counts, done.problems, done.warnings


def refresh_scores(target: str) -> None:
    """After the commit: what compares all customers of a board (RFM) or sorts them into classes, whoever may see them."""
    with open_as(SYSTEM) as everything:
        if target == "orders":
            refresh_base(everything, today(everything))
        elif target == "customers":
            assign_classes(everything)


class _Lines:
    """Tells each step once, with how many there are."""

    def __init__(self, speak: Speak) -> None:
        self._speak, self._told = speak, ""

    def tell(self, done: int, total: int, what: str) -> None:
        if what != self._told:
            self._told = what
            self._speak(f"{say(what)}: {total:,}")


def _beside(path: Path) -> Path:
    """Next to the file, or among the product's own data where the folder is not for writing."""
    folder = path.resolve().parent
    open_to_me = os.access(folder, os.W_OK) and bool(folder.stat().st_mode & stat.S_IWUSR)
    return (folder if open_to_me else settings().data_dir) / f"{path.name.split('.')[0]}.refused.csv"


def _summed_up(counts: Outcome, table: Table, problems: pd.DataFrame, target: Path, speak: Speak) -> Outcome:
    speak(
        say(
            "{read:row|rows} read: {added} new, {changed} changed, {unchanged} unchanged, {refused} refused.",
            read=counts.read,
            added=counts.added,
            changed=counts.changed,
            unchanged=counts.unchanged,
            refused=counts.refused,
        )
    )
    if problems.empty:
        return counts
    for line in reasons(problems):
        speak(line)
    refused = refused_file(table, problems, say)
    target.write_bytes(to_csv(refused, {str(name): str(name) for name in refused}))
    speak(say("The refused rows, each with its reason: {file}", file=str(target)))
    return Outcome(counts.read, counts.added, counts.changed, counts.unchanged, counts.refused, target)
