"""One migrated database is made per run; each test gets its own copy, on SQLite and, where it matters, on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import event

from crm import database as crm_database
from crm import migrations
from crm.access import SYSTEM
from crm.session import open_as
from crm.settings import settings
from tests.people import People, hire, people_of
from tests.postgres import server as postgres

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)
HERE = Path(__file__).parent
ON_BOTH = {
    "staff",
    "office",
    "catalogue",
    "customers",
    "insight",
    "marketing",
    "pipeline",
    "contracts",
    "support",
    "targets",
    "upkeep",
    "faults",
}
"""Folders whose tests run on SQLite and on PostgreSQL; of the others only the modules named next."""
MODULES_ON_BOTH = {"test_table_versions", "test_session", "test_bulk", "test_migrations", "test_access", "test_guessing"}
LONGEST = (
    "test_bench_load",
    "test_access",
    "test_queries_by_role",
    "test_copy_database",
    "test_check",
    "test_import_real_data",
    "test_many_writers",
    "test_demo",
    "test_service_desk",
    "test_bench",
    "test_every_page",
)
"""Files that begin first, so that at the end no worker is left alone with one of them; of the others those with many tests."""

_numbers = count(1)
_known: dict[str, People] = {}
"""database -> its people, who come out of the template with the same numbers in every test"""

# A test that forgets its fixture must not find anybody's real database.
os.environ["CRM_DATA_DIR"] = str(HERE / "a database that no test asked for")
os.environ["DATABASE_URL"] = ""
os.environ["CRM_SECRET_KEY"] = "only-for-tests-" + "x" * 40


def proof() -> bool:
    """All of it, as `make proof` asks; else what tells most for its time."""
    return os.environ.get("CRM_PROOF") == "1"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: an archive holds the second it was packed in, and no two collections would agree."""
    return argname if isinstance(val, bytes) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = {name for marker in metafunc.definition.iter_markers("parametrize") for name in (*marker.args[:1], *marker.args[0])}
    if "database_kind" not in metafunc.fixturenames or "database_kind" in chosen:
        return
    path = metafunc.definition.path
    if path.stem in MODULES_ON_BOTH or ON_BOTH & set(path.relative_to(HERE).parts[:-1]):
        metafunc.parametrize("database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="module")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The workers take whole files in this order (`--no-loadscope-reorder`)."""
    many = Counter(item.path for item in items)
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (places.get(item.path.stem, len(places)), -many[item.path], item.path))


def missing(reason: str) -> None:
    """Skip here; in CI what is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} CI needs it.")
    pytest.skip(reason)


@contextmanager
def pointed_at(url: str, data_dir: Path, *, keep: bool = False) -> Iterator[None]:
    """The product works on this database, in every thread. keep: its connections wait for the next test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        patch.setenv("CRM_DATA_DIR", str(data_dir))
        _forget()
        yield
        if not keep:
            crm_database.engine().dispose()
    _forget()


def _forget() -> None:
    """What the product keeps of a database, and knows it by its place."""
    settings.cache_clear()
    if kept := sys.modules.get("crm.ui.kept"):
        kept.KEPT.clear()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """with people? -> the SQLite file to copy"""
    folder = tmp_path_factory.mktemp("templates")
    files = {False: folder / "empty.db", True: folder / "people.db"}
    with pointed_at(f"sqlite:///{files[False]}", folder):
        migrations.upgrade()
    shutil.copyfile(files[False], files[True])
    with pointed_at(f"sqlite:///{files[True]}", folder):
        hire()
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
        server.create("empty")
        with pointed_at(server.url("empty"), server.folder):
            migrations.upgrade()
        server.create("people", "empty")
        with pointed_at(server.url("people"), server.folder):
            hire()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that one test after the other works on: the engine of one place keeps its compiled statements."""
    file = tmp_path_factory.mktemp("work") / "files" / "crm.db"
    kept = crm_database.engine(f"sqlite:///{file}")
    event.listen(kept, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return file


@pytest.fixture(scope="session")
def postgres_work(postgres_server: postgres.Server) -> Iterator[dict[bool, tuple[str, psycopg.Connection]]]:
    """with people? -> the database that one test after the other works on, and the connection that resets it"""
    work = {}
    for with_people, name in [(False, "empty"), (True, "people")]:
        postgres_server.create(f"work_{name}", name)
        work[with_people] = (f"work_{name}", postgres_server.remember(f"work_{name}"))
    yield work
    for name, remembered in work.values():
        remembered.close()
        crm_database.engine(postgres_server.url(name)).dispose()


@pytest.fixture(scope="session")
def database_kind() -> str:
    """sqlite or postgres: both for the tests named in ON_BOTH."""
    return "sqlite"


@contextmanager
def new_database(kind: str, with_people: bool, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The product works on a copy of the migrated database -> its url."""
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("templates")[with_people], folder / "crm.db")
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
def reset_database(kind: str, with_people: bool, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A test that leaves the tables as they are gets the database of the test before, reset: a new one would cost the engine and
    all its compiled statements, on PostgreSQL a copy and new connections as well."""
    if kind == "sqlite":
        file: Path = request.getfixturevalue("sqlite_work")
        shutil.rmtree(file.parent, ignore_errors=True)
        file.parent.mkdir()
        shutil.copyfile(request.getfixturevalue("templates")[with_people], file)
        with pointed_at(f"sqlite:///{file}", folder):
            yield f"sqlite:///{file}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name, remembered = request.getfixturevalue("postgres_work")[with_people]
    server.reset(remembered)
    with pointed_at(server.url(name), folder, keep=True):
        yield server.url(name)


@pytest.fixture
def database(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of this test alone (with the people, where the test asks for them) -> its url."""
    with_people = "people" in request.fixturenames
    make = new_database if request.path.stem == "test_migrations" else reset_database
    with make(database_kind, with_people, request, tmp_path) as url:
        yield url


@pytest.fixture
def people(database: str) -> People:
    """anna (rep), ben (her lead), chen (another unit), dana (director), amir (analyst), ada (administrator), ..."""
    if database not in _known:
        with open_as(SYSTEM) as session:
            _known[database] = people_of(session)
    return _known[database]


def installed_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = installed_chromium()
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            missing("No Chromium is installed.")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()
