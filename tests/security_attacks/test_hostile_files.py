"""Files for the import that are no tables: refused with a sentence, within bounded memory and time, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.imports import run_file
from crm.customers.models import Customer
from crm.errors import CrmError
from crm.exchange.errors import ExchangeError
from crm.office.models import ImportJob
from crm.session import open_as
from crm.settings import ROOT
from tests.conftest import proof
from tests.security_attacks.bombs import BOMBS, HARMLESS
from tests.security_attacks.opening import SECONDS

SLOW = {
    *("three gigabytes", "three gigabytes of csv, packed", "a list of texts of 400 MB", "cells within cells"),
    *("a row of 60 million cells", "a csv of a million columns", "a csv row of a million columns"),
    *("wide rows of nothing", "rows that are all the same"),
}
"""Seconds each; one of their kind is among the others."""
ASKED = [name for name in (*BOMBS, *HARMLESS) if proof() or name not in SLOW]


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, object]]:
    """What the import said of each, in processes that may take 700 MB and 40 s of processor time."""
    command = [sys.executable, "-m", "tests.security_attacks.opening", *ASKED]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert run.returncode == 0, run.stderr[-2000:]
    return {one["name"]: one for one in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize("name", [name for name in BOMBS if name in ASKED])
def test_a_bomb_gets_a_sentence(told, name):
    found = told[name]
    assert str(found.get("said", "")).endswith((".", "?")), found
    assert float(str(found["seconds"])) < SECONDS / 2


@pytest.mark.parametrize("name", [name for name in HARMLESS if name in ASKED])
def test_what_is_only_odd_is_read(told, name):
    assert told[name].get("rows") == HARMLESS[name][1], told[name]


def test_each_is_refused_for_what_it_is(told):
    overfull = "This Excel file is built to unpack to far more than a table: save it anew, or as CSV."
    for name in {"blanks for a gigabyte", "a cell of half a gigabyte", "a row of 60 million cells", "20,000 sheets"} & set(ASKED):
        assert told[name]["said"] == overfull, name
    if "three gigabytes" in ASKED:
        assert "2048 MB" in str(told["three gigabytes"]["said"])
    assert "password" in str(told["protected by a password"]["said"])
    assert "more than 2000 columns" in str(told["a cell far to the right"]["said"])


@pytest.mark.parametrize("name", ["a thousand laughs", "a cell far to the right", "zeros within", "20,000 sheets"])
def test_nothing_is_written(people, tmp_path, name):
    file = tmp_path / "customers.xlsx"
    file.write_bytes(BOMBS[name]())
    with pytest.raises((CrmError, ExchangeError)):
        run_file(file, "customers", None, as_username="anna", owner=None, only_try=False, refused_path=None)
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Customer.id))) == session.scalar(select(func.count(ImportJob.id))) == 0
