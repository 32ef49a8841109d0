"""Imports go down only. The list is exhaustive: a new package has no floor until it is named here."""

from __future__ import annotations

from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]

FLOORS = [
    {"errors", "settings", "table_versions"},
    {"database", "outage"},
    {"access"},
    {"audit", "driver", "scope"},
    {"session"},
    {"bulk", "editing"},
    {"staff"},
    {"office"},
    {"catalogue"},
    {"customers"},
    {"insight"},
    {"marketing"},
    {"pipeline"},
    {"contracts"},
    {"support"},
    {"targets"},
    {"tables"},
    {"migrations"},
    {"jobs", "demo"},
    {"upkeep"},
    {"bench"},
    {"ui", "__main__"},
]
"""From the ground up; those of one floor do not import each other."""
BESIDE = {"analytics", "charts", "words", "exchange"}
"""Pure: anybody may import them, they import nothing of crm."""
AREAS = ["staff", "office", "catalogue", "customers", "insight", "marketing", "pipeline", "contracts", "support", "targets"]

HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}


@pytest.fixture(scope="module")
def imports() -> list[tuple[str, str]]:
    """(who, whom), whole dotted names within crm."""
    graph = grimp.build_graph("crm", cache_dir=None)
    return [(who, whom) for who in graph.modules for whom in graph.find_modules_directly_imported_by(who) if who != "crm"]


def package(module: str) -> str:
    return module.split(".")[1]


def test_every_package_has_a_floor():
    found = {file.stem for file in (ROOT / "crm").iterdir() if file.suffix == ".py" or (file / "__init__.py").exists()}
    assert found - {"__init__"} == HEIGHT.keys() | BESIDE


def test_imports_go_down_only(imports):
    def goes_down(who: str, whom: str) -> bool:
        if package(who) == package(whom):
            return True
        return package(who) not in BESIDE and (package(whom) in BESIDE or HEIGHT[package(whom)] < HEIGHT[package(who)])

    assert [f"{who} imports {whom}" for who, whom in sorted(imports) if not goes_down(who, whom)] == []


@pytest.mark.parametrize("area", AREAS)
def test_inside_an_area_commands_ask_queries_and_queries_ask_models(area, imports):
    ranks = {"models": 0, "queries": 1, "commands": 2}

    def rank(module: str) -> int | None:
        parts = module.split(".")
        return ranks.get(parts[2]) if parts[1] == area and len(parts) > 2 else None

    inside = [(who, whom) for who, whom in imports if rank(who) is not None and rank(whom) is not None]
    assert [f"{who} imports {whom}" for who, whom in inside if rank(whom) > rank(who)] == []


LIBRARIES = {
    "streamlit": {"crm.ui", "pages", "Home", "asgi", "crm.__main__", "crm.bench.client"},  # the last speaks its protocol
    "plotly": {"crm.charts", "crm.ui.show"},
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_stays_in_its_place(library):
    files = [*ROOT.glob("crm/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("*.py")]
    users = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files if imports_library(file, library)]
    assert [user for user in users if not any(f"{user}.".startswith(f"{place}.") for place in LIBRARIES[library])] == []


def imports_library(file: Path, library: str) -> bool:
    lines = file.read_text(encoding="utf-8").splitlines()
    return any(line.strip().startswith((f"import {library}", f"from {library}")) for line in lines)


def test_no_page_stands_directly_in_pages():
    """Streamlit would run it without Home.py, and so without the sign-in."""
    assert [file.name for file in (ROOT / "pages").glob("*.py")] == []
