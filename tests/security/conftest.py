"""One firm for all the matrices of a kind: nothing here changes it, every call is rolled back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from crm.access import SYSTEM, Role
from crm.session import open_as
from tests.conftest import new_database, proof
from tests.people import STAFF, people_of
from tests.security import firm as firms
from tests.security.firm import Firm

ROLES = {role: username for username, _, role, _ in STAFF if username not in ("anna", "emil")}
"""Each role with the one who stands for it."""


def roles() -> list[Role]:
    """All nine, or a seller, a lead and an agent: own records, a team's, and a role that sees more than it changes."""
    return list(ROLES) if proof() else [Role.REP, Role.LEAD, Role.AGENT]


@pytest.fixture(autouse=True)
def the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are compared that are asked for one after the other: within working hours a promise ends later every second."""
    noon = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC)
    monkeypatch.setattr("crm.office.queries.settings.now", lambda: noon)


@dataclass(frozen=True)
class Built:
    firm: Firm
    records: dict[str, int]


@pytest.fixture(scope="module")
def built(database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with new_database(database_kind, True, request, tmp_path_factory.mktemp("firm")):
        with open_as(SYSTEM) as session:
            people = people_of(session)
        yield Built(*firms.build(people))


@pytest.fixture(scope="module")
def firm(built: Built) -> Firm:
    return built.firm
