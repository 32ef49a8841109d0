"""One server for each module, with the people of every test; each module says what else there is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from crm.access import SYSTEM
from crm.session import open_as
from tests.conftest import pointed_at
from tests.people import people_of
from tests.security_attacks.target import KEY, Target, serving


@pytest.fixture(scope="module")
def target(templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("attacked")
    shutil.copyfile(templates[True], folder / "crm.db")
    with pytest.MonkeyPatch.context() as patch, pointed_at(f"sqlite:///{folder / 'crm.db'}", folder):
        patch.setenv("CRM_SECRET_KEY", KEY)
        with open_as(SYSTEM) as session:
            people = people_of(session)
        with serving(people, folder) as started:
            yield started


@pytest.fixture
def compared(monkeypatch) -> list[str]:
    """The hashes with which a password was compared, in order."""
    seen: list[str] = []
    real = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        seen.append(hashed.decode())
        return real(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return seen
