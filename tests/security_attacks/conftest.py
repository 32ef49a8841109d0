"""One server for each module, with the people of every test; each module says what else there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from tests.security_attacks.target import Target, attacked, serving


@pytest.fixture(scope="module")
def target(templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("attacked")
    with attacked(templates[True], folder) as people, serving(people, folder) as started:
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
