"""One migrated database is made per run; each test gets its own copy, on SQLite and, where it matters, on PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from crm import database as crm_database
from crm import migrations
from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import settings
from tests.people import People, hire, people_of
from tests.postgres import server as postgres

HERE = Path(__file__).parent
ON_BOTH = {"staff", "office", "catalogue", "customers", "insight", "marketing", "pipeline", "contracts", "support", "targets"}
"""Folders whose tests run on SQLite and on PostgreSQL; of the others only the modules named next."""
MODULES_ON_BOTH = {"test_session", "test_bulk", "test_migrations", "test_access"}

_numbers = count(1)

# A test that forgets its fixture must not find anybody's real database.
os.environ["CRM_DATA_DIR"] = str(HERE / "a database that no test asked for")
os.environ["DATABASE_URL"] = ""
os.environ["CRM_SECRET_KEY"] = "only-for-tests-" + "x" * 40


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = {name for marker in metafunc.definition.iter_markers("parametrize") for name in (*marker.args[:1], *marker.args[0])}
    if "database_kind" not in metafunc.fixturenames or "database_kind" in chosen:
        return
    path = metafunc.definition.path
    if path.stem in MODULES_ON_BOTH or ON_BOTH & set(path.relative_to(HERE).parts[:-1]):
        metafunc.parametrize("database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module")


def missing(reason: str) -> None:
    """Skip here; in CI what is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} CI needs it.")
    pytest.skip(reason)


@contextmanager
def pointed_at(url: str, data_dir: Path) -> Iterator[None]:
    """The product works on this database, in every thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("CRM_DATA_DIR", str(data_dir))
        _forget()
        yield
        crm_database.engine().dispose()
    _forget()


def _forget() -> None:
    settings.cache_clear()
    crm_database.engine.cache_clear()
    if streamlit := sys.modules.get("streamlit"):
        streamlit.cache_data.clear()
        streamlit.cache_resource.clear()


def _prepare(url: str, folder: Path, with_people: bool) -> None:
    with pointed_at(url, folder):
        migrations.upgrade()
        if with_people:
            hire()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """with people? -> the SQLite file to copy"""
    folder = tmp_path_factory.mktemp("templates")
    files = {False: folder / "empty.db", True: folder / "people.db"}
    for with_people, file in files.items():
        _prepare(f"sqlite:///{file}", folder, with_people)
    return files


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One server per worker, with the databases `empty` and `people` to copy."""
    try:
        server = postgres.start()
    except postgres.MissingError as error:
        missing(str(error))
        raise
    try:
        for name in ("empty", "people"):
            server.create(name)
            _prepare(server.url(name), server.folder, name == "people")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_work(postgres_server: postgres.Server) -> dict[bool, tuple[str, str]]:
    """with people? -> the database that one test after the other works on, and the statements that reset it"""
    work = {}
    for with_people, name in [(False, "empty"), (True, "people")]:
        postgres_server.create(f"work_{name}", name)
        work[with_people] = (f"work_{name}", postgres_server.remember(f"work_{name}"))
    return work


@pytest.fixture(scope="session")
def database_kind() -> str:
    """sqlite or postgres: both for the tests named in ON_BOTH."""
    return "sqlite"


@contextmanager
def new_database(kind: str, with_people: bool, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The product works on a copy of the migrated database -> its url."""
    if kind == "sqlite":
        _copy(request.getfixturevalue("templates")[with_people], folder / "crm.db")
        with pointed_at(f"sqlite:///{folder / 'crm.db'}", folder):
            yield f"sqlite:///{folder / 'crm.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = f"test_{next(_numbers)}"
    server.create(name, "people" if with_people else "empty")
    with pointed_at(server.url(name), folder):
        yield server.url(name)
    server.drop(name)


@contextmanager
def reset_database(with_people: bool, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """On PostgreSQL a copy takes long; a test that leaves the tables as they are gets the database of the test before, reset."""
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name, statements = request.getfixturevalue("postgres_work")[with_people]
    server.reset(name, statements)
    with pointed_at(server.url(name), folder):
        yield server.url(name)


@pytest.fixture
def database(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of this test alone (with the people, where the test asks for them) -> its url."""
    with_people = "people" in request.fixturenames
    if database_kind == "sqlite" or request.path.stem == "test_migrations":
        opened = new_database(database_kind, with_people, request, tmp_path)
    else:
        opened = reset_database(with_people, request, tmp_path)
    with opened as url:
        yield url


def _copy(source: Path, target: Path) -> None:
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    origin.backup(copy)
    origin.close()
    copy.close()


@pytest.fixture
def people(database: str) -> People:
    """anna (rep), ben (her lead), chen (another unit), dana (director), amir (analyst), ada (administrator), ..."""
    with open_as(SYSTEM) as session:
        return people_of(session)
