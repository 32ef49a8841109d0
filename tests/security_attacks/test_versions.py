"""Every version that comes along is written down exactly, and is the one that these tests ran with."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution

from packaging.requirements import Requirement

from crm.settings import ROOT

LISTS = ("requirements.txt", "requirements-postgres.txt", "requirements-dev.txt", "requirements-oracle.txt")


def same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lines(file: str) -> list[str]:
    return [line for line in (ROOT / file).read_text().splitlines() if line and line[0] not in "#-"]


def pinned() -> dict[str, str]:
    return dict(line.split("==") for line in lines("constraints.txt"))


def asked_for(names: list[str]) -> set[str]:
    """These and whatever they bring along on this machine."""
    found: set[str] = set()
    waiting = [(Requirement(name).name, frozenset(Requirement(name).extras)) for name in names]
    while waiting:
        name, extras = waiting.pop()
        if same(name) in found and not extras:
            continue
        found.add(same(name))
        needs = [Requirement(text) for text in distribution(name).requires or []]
        fitting = (need for need in needs if not need.marker or any(need.marker.evaluate({"extra": e}) for e in {"", *extras}))
        waiting += [(need.name, frozenset(need.extras)) for need in fitting]
    return found


def test_what_is_installed_is_what_was_tried():
    told = subprocess.run([sys.executable, "scripts/versions"], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_every_version_is_exact():
    for file in LISTS:
        assert [line for line in lines(file) if not re.match(r"^[\w.\-\[\]]+==[\w.]+(;.*)?$", line)] == [], file
    for file in ("requirements.txt", "requirements-postgres.txt"):
        assert "-c constraints.txt" in (ROOT / file).read_text().splitlines()


def test_nothing_comes_along_that_is_not_written_down():
    running = asked_for([line for file in LISTS[:3] for line in lines(file)])
    assert running - set(pinned()) == set()
    assert {same(Requirement(line).name) for file in LISTS for line in lines(file)} <= set(pinned())


def test_the_two_lists_name_the_same_versions():
    for file in LISTS:
        for line in lines(file):
            need = Requirement(line)
            assert str(need.specifier) == f"=={pinned()[same(need.name)]}"
