"""Whatever the file: what came in and what was refused add up to what was read, or a sentence says why nothing was taken."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.catalogue.models import Product
from crm.customers.imports import dry_run, run, suggested
from crm.customers.models import Contact, Customer
from crm.errors import CrmError
from crm.exchange.errors import ExchangeError
from crm.exchange.fields import Field
from crm.exchange.mapping import Mapping
from crm.exchange.reading import Table, read_table
from crm.exchange.refused import refused_file
from crm.exchange.writing import to_csv
from crm.marketing.models import Lead
from crm.office.models import ImportJob
from crm.session import ScopedSession, open_as
from crm.settings import ROOT
from crm.targets.commands.plans import PlanDetails, add_plan
from crm.targets.imports import TARGETS
from crm.upkeep.checking import check
from crm.words import say, speaking
from tests.conftest import new_database
from tests.factories import a_customer, a_product
from tests.fuzz.mangling import files, mangle
from tests.people import People, people_of

EXAMPLES = int(os.environ.get("CRM_FUZZ", "20"))
"""Per kind of record; more of them at night: CRM_FUZZ=5000."""
DATA = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data") / "salesforce_dataloader"
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES < 100,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TEXTS = {"plan": "Plan", "subject": "anna", "customer_code": "C-1", "owner": "anna", "seller": "anna", "board": "Music"}
TEXTS |= {"code": "C-{row}", "phone": "+8621555501{row:02}", "email": "a{row}@example.com", "product_code": "P-1"}


COUNTED = {"customers": Customer, "contacts": Contact, "products": Product, "leads": Lead}
"""A new row of the file is a new record of these."""


class Undone(Exception):  # noqa: N818 - not a fault: the next example begins where this one began
    pass


@pytest.fixture(scope="module")
def firm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A customer, a product and a plan, for the files to find."""
    with new_database("sqlite", True, request, tmp_path_factory.mktemp("firm")):
        with open_as(SYSTEM) as session:
            found = people_of(session)
        a_customer(found.anna, code="C-1", name="Known company")
        a_product(code="P-1")
        with open_as(found.dana.actor) as session:
            add_plan(session, PlanDetails(name="Plan", year=2026), found.units["Music"])
        yield found


def _value(field: Field, row: int) -> str:
    if field.name in TEXTS:
        return TEXTS[field.name].format(row=row)
    match field.kind:
        case "date" | "datetime":
            return (dt.date(2026, 1, 3) + dt.timedelta(days=row)).isoformat()
        case "integer" | "decimal":
            return str(max(field.minimum or 0, 1) + row) if not isinstance(field.minimum, dt.date) else "1"
        case "choice":
            return list(field.choices)[row % len(field.choices)]
        case "bool":
            return "yes"
        case _:
            return f"{field.name} {row}"[: field.max_length or 40]


@st.composite
def sent(draw: st.DrawFn, fields: list[Field], keys: tuple[str, ...]) -> tuple[str, bytes]:
    needed = [field for field in fields if field.required or field.name in (*keys, "unit_price", "whole_year")]
    more = draw(st.lists(st.sampled_from(fields), max_size=6, unique_by=lambda field: field.name))
    chosen = list({field.name: field for field in (*needed, *more)}.values())
    rows = [[_value(field, row) for field in chosen] for row in range(draw(st.integers(1, 5)))]
    return draw(files([[field.aliases[0] for field in chosen], *rows]))


def read(name: str, data: bytes) -> Table | None:
    try:
        return read_table(data, name)
    except ExchangeError as error:
        said(error.template, error.values)
        return None


def said(template: str, values: dict) -> None:
    """A sentence for people in both languages, not a word of Python."""
    for language in ("en", "zh"):
        with speaking(language):
            sentence = say(template, **values)
        assert sentence.strip() and "Traceback" not in sentence and "Error(" not in sentence, sentence
    with speaking("zh"):
        assert say(template, **values) != template or not template.isascii(), template


def brought(person, target: str, name: str, data: bytes, *, keep: bool = False) -> None:
    """Tried and imported; all that must hold, whatever the file."""
    table = read(name, data)
    if table is None:
        return
    with open_as(person.actor) as session:
        mapping = suggested(session, target, table)
    try:
        with open_as(person.actor) as session:
            _import(session, target, table, mapping, data)
            if not keep:
                raise Undone
    except Undone:
        pass
    except CrmError as error:
        said(error.template, error.values)


def _import(session: ScopedSession, target: str, table: Table, mapping: Mapping, data: bytes) -> None:
    would = dry_run(session, target, table, mapping)
    before = _count(session, target)
    assert not session.new and not session.dirty
    done = run(session, target, table, mapping, "file.csv", hashlib.sha256(data).hexdigest())
    session.flush()
    job = done.job
    assert (job.added, job.changed, job.unchanged, job.refused) == (would.new, would.changed, would.unchanged, would.refused)
    assert job.added + job.changed + job.unchanged + job.refused == job.read == len(table.frame)
    assert _count(session, target) == before + job.added or target not in COUNTED
    for template, values in zip(done.problems["reason_template"], done.problems["reason_values"], strict=True):
        said(template, values)
    _comes_back(table, done.problems)


def _count(session: ScopedSession, target: str) -> int:
    return session.scalar(select(func.count()).select_from(COUNTED.get(target, ImportJob))) or 0


def _comes_back(table: Table, problems) -> None:
    """The refused rows as a file: every one of them with its reason, to be read again."""
    refused = refused_file(table, problems, say)
    assert set(refused.index) == set(problems["row"]) and refused.iloc[:, -1].str.len().gt(0).all()
    if len(refused):
        again = read_table(to_csv(refused, {name: str(name) for name in refused.columns}), "refused.csv")
        assert len(again.frame) <= len(refused)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_any_file_adds_up_or_says_why_not(firm: People, target: str):
    with open_as(firm.dana.actor) as session:
        fields = TARGETS[target].fields(session)

    @FUZZ
    @given(file=sent(fields, TARGETS[target].keys[:1]))
    def one(file: tuple[str, bytes]) -> None:
        brought(firm.dana, target, *file)

    one()


@FUZZ
@given(data=st.binary(max_size=200), name=st.sampled_from(("a.csv", "a.xlsx", "a.csv.gz", "a.tsv", "a")))
def test_any_bytes_are_a_table_or_a_sentence(data: bytes, name: str):
    table = read(name, data)
    assert table is None or table.frame.index.is_unique


def test_what_broken_files_leave_behind_is_sound(firm: People, request: pytest.FixtureRequest, tmp_path: Path):
    """Files that came in for good, one after the other: nothing in the database contradicts itself."""
    with new_database("sqlite", True, request, tmp_path):
        for target, seed in product(("customers", "contacts", "orders", "products", "leads"), range(6)):
            with open_as(firm.dana.actor) as session:
                fields = TARGETS[target].fields(session)
            heads = [field for field in fields if field.required or field.name in (*TARGETS[target].keys, "quantity", "amount")]
            rows = [",".join(_value(field, row) for field in heads) for row in range(8)]
            data = "\n".join([",".join(field.aliases[0] for field in heads), *rows]).encode()
            brought(firm.dana, target, "file.csv", mangle(data, random.Random(seed)) if seed else data, keep=True)
        assert [str(finding) for finding in check()] == []
        with open_as(firm.dana.actor) as session:
            assert session.scalar(select(func.sum(ImportJob.added))) > 20


@pytest.mark.real_data
def test_files_of_another_crm_broken_by_chance(firm: People):
    if not DATA.exists():
        pytest.skip("salesforce_dataloader of the real data is absent (set CRM_REAL_DATA)")
    whole = [path for path in sorted(DATA.rglob("*.csv")) if path.stat().st_size < 200_000]
    assert len(whole) > 40
    chance = random.Random(20261122)
    for path in whole:
        data = path.read_bytes()
        for broken in (data, *(mangle(data, chance) for _ in range(max(1, EXAMPLES // 20)))):
            brought(firm.dana, chance.choice(("customers", "contacts", "leads")), path.name, broken)
