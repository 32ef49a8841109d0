"""Every file that a page offers, pressed by every role: just his rows, whatever the address says; and logged."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from crm.access import AREAS, SYSTEM, Role
from crm.office.models import ExportEvent
from crm.session import open_as
from crm.settings import ROOT
from crm.ui.menu import BY_PATH, PageSpec
from tests.people import Person
from tests.security.asking import Asker
from tests.security.conftest import ROLES, Built, roles
from tests.security.firm import MARK, NAMES
from tests.security.offering import Offered, inside, noted, places
from tests.security.parameters import sides
from tests.security.test_pages_by_role import GUARDED, foreign, signed_in, visit

Stop = tuple[PageSpec, dict[str, Any]]

OF_A_RECORD = {"customer"}
FURTHER: list[tuple[str, dict[str, Any]]] = [
    ("roi", {"show": "ledger", "metric": "cac"}),
    ("targets", {"show": "plans", "plan": 1}),
    ("team", {"show": "discipline", "rows": "silent"}),
]
"""Where a file waits deeper than on a side of a page."""

PROVED_ELSEWHERE = {
    "crm/ui/attachments.py": "tests/pages/test_attachments_page.py",
    "crm/ui/director/sending.py": "tests/pages/test_director_screen.py",
    "crm/ui/import_found.py": "tests/pages/test_exchange.py",
    "crm/ui/insight/about.py": "tests/pages/test_churn.py",
    "crm/ui/insight/selected.py": "tests/pages/test_selected.py",
    "crm/ui/quotes/document.py": "tests/pages/test_quotes.py",
}
"""Behind a panel that must be open, a chart that must be clicked, or a file that must be there."""


def all_stops() -> list[Stop]:
    found: list[Stop] = [
        (page, side) for page in GUARDED for side in ({}, *({"show": one, "view": one} for one in sides(page.path)))
    ]
    return found + [(BY_PATH[name], query) for name, query in FURTHER]


def offers(at: AppTest, stop: Stop, ids: dict[str, Any]) -> list[Offered]:
    page, side = stop
    with noted() as found:
        visit(at, page, **(ids | side))
    return found


@dataclass(frozen=True)
class Walked:
    """A stop where something is offered; `whole` are the marks that whoever sees everything finds in each file."""

    stop: Stop
    by: set[str]
    whole: dict[str, set[tuple[str, int]]]


@pytest.fixture(scope="module")
def walked(built: Built) -> list[Walked]:
    """What the executive is offered; the products are for the administrator to take along."""
    at, ada, found = signed_in(built.firm.people.eve), signed_in(built.firm.people.ada), []
    for stop in all_stops():
        mine = offers(at, stop, built.records if stop[0].url_path in OF_A_RECORD and not stop[1] else {})
        mine += offers(ada, stop, {}) if stop[0].url_path == "products" and stop[1] else []
        if mine:
            found.append(Walked(stop, {one.place for one in mine}, {one.name: marks(one.make()) for one in mine}))
    return found


def marks(made: bytes) -> set[tuple[str, int]]:
    return {(NAMES[int(number)], int(record_id)) for number, record_id in MARK.findall(inside(made))}


def events(person: Person) -> list[Any]:
    with open_as(SYSTEM) as session:
        query = select(ExportEvent.format, ExportEvent.rows).where(ExportEvent.user_id == person.id).order_by(ExportEvent.id)
        return [tuple(one) for one in session.execute(query)]


def pressed(person: Person, offered: Offered) -> tuple[bytes, list[str]]:
    """-> the file, and what is wrong with its line in the log."""
    before = len(events(person))
    made = offered.make()
    noted_down = events(person)[before:]
    if len(noted_down) != 1:
        return made, [f"logged {len(noted_down)} times"]
    format, rows = noted_down[0]
    if format == "csv" and rows != len(pd.read_csv(BytesIO(made), dtype=str)):
        return made, [f"{rows} rows logged"]
    return made, [] if offered.name.endswith(f".{format}") else [f"logged as {format}"]


def test_every_offer_is_pressed_here_or_proved_elsewhere(walked: list[Walked]) -> None:
    """A new export is found by itself: where it does not stand on a side of a page, say in FURTHER how to get there."""
    assert places() - {place for one in walked for place in one.by} == set(PROVED_ELSEWHERE)
    assert all((ROOT / file).is_file() for file in PROVED_ELSEWHERE.values())


@pytest.mark.parametrize("role", roles())
def test_a_file_holds_just_what_is_his(role: Role, built: Built, walked: list[Walked]) -> None:
    person, firm, wrong, seen = getattr(built.firm.people, ROLES[role]), built.firm, {}, 0
    at, others = signed_in(person), foreign(firm, person)
    own = {"customer": Asker(firm, person).own("customer", "customer")}
    for one in walked:
        mine = own if one.stop[0].url_path in OF_A_RECORD else {}
        for ids in (mine, others):
            for offered in offers(at, one.stop, ids):
                if ids is others and offered.name.endswith("xlsx"):
                    continue
                made, problems = pressed(person, offered)
                found = marks(made)
                problems += [f"foreign: {table} {number}" for table, number in found if not firm.sees(person, table, number)]
                seen += 1
                if not ids:
                    rest = one.whole.get(offered.name, set()) - found
                    problems += [f"missing: {table} {number}" for table, number in rest if firm.sees(person, table, number)]
                if problems:
                    wrong[one.stop[0].url_path, str(one.stop[1]), len(ids), offered.name] = problems
    assert wrong == {}
    assert bool(seen) is any(person.actor.may("export", area) for area in AREAS)
