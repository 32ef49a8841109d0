"""Files whose form is known beforehand: they come in whole, or a sentence names the file, the column and the row."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.errors import CrmError
from crm.exchange.errors import ExchangeError
from crm.office.models import ImportJob
from crm.pipeline.imports import run_folder
from crm.pipeline.imports.reading import COLUMNS, read_folder, read_plan
from crm.session import open_as
from crm.support.imports import run_log
from crm.support.imports.reading import read_log
from crm.support.imports.reading import read_plan as read_log_plan
from crm.upkeep.checking import check
from tests.fuzz.mangling import as_csv, mangle, mangled, tables
from tests.fuzz.test_fuzz_imports import FUZZ, said

FOLDER = {
    "accounts": [["Acme", "retail", "1999", "12.5", "100", "Japan", ""], ["Bolt", "", "", "", "", "", "Acme"]],
    "products": [["GTX Pro", "GTX", "4821"], ["MG Special", "MG", "55"]],
    "teams": [["Rosa Lee", "Max Roy", "East"], ["Ida Oh", "Max Roy", "East"], ["Lin Su", "Ada Ott", "West"]],
    "deals": [
        ["D1", "Rosa Lee", "GTX Pro", "Acme", "Won", "2026-01-03", "2026-02-01", "4500"],
        ["D2", "Ida Oh", "MG Special", "", "Prospecting", "", "", ""],
        ["D3", "Lin Su", "GTX Pro", "Bolt", "Lost", "2026-01-05", "2026-03-01", "0"],
    ],
}
LOG_HEAD = [
    *("number", "incident_state", "reopen_count", "made_sla", "caller_id", "opened_at", "sys_updated_at", "contact_type"),
    *("category", "subcategory", "u_symptom", "impact", "priority", "assignment_group", "assigned_to", "problem_id"),
    *("closed_code", "resolved_at", "closed_at"),
]
END = ["code 5", "1/3/2016 12:00", "6/3/2016 12:00"]
KIND = ["Phone", "Cat 1", "Sub 2", "?", "2 - Medium", "3 - Moderate", "Group 1"]
LOG = [
    ["I1", "New", "0", "true", "Caller 1", "1/3/2016 08:00", "1/3/2016 08:05", *KIND, "?", "?", *END],
    ["I1", "Active", "0", "true", "Caller 1", "1/3/2016 08:00", "1/3/2016 11:00", *KIND, "Res 7", "?", *END],
    ["I1", "Closed", "1", "false", "Caller 1", "1/3/2016 08:00", "6/3/2016 12:00", *KIND, "Res 7", "?", *END],
    ["I2", "Active", "0", "true", "?", "2/3/2016 08:00", "2/3/2016 08:30", *KIND, "?", "P 1", "?", "?", "?"],
]


def _kept(folder: Path, name: str, data: bytes | None = None) -> None:
    files = read_plan(folder).files
    for table, rows in FOLDER.items():
        (folder / files[table]).write_bytes(data if data is not None and table == name else as_csv([[*COLUMNS[table]], *rows]))


@FUZZ
@given(drawn=st.data(), name=st.sampled_from(sorted(FOLDER)), broken=st.integers(0, 2))
def test_a_folder_is_read_or_says_which_cell_is_wrong(tmp_path_factory, drawn, name: str, broken: int):
    folder = tmp_path_factory.mktemp("folder")
    data = as_csv(drawn.draw(tables([[*COLUMNS[name]], *FOLDER[name]])))
    _kept(folder, name, drawn.draw(mangled(data)) if broken == 0 else data)
    try:
        source = read_folder(folder)
    except CrmError as error:
        said(error.template, error.values)
    else:
        assert source.deals["opportunity_id"].is_unique and set(source.deals["product"]) <= set(source.products["product"])


@FUZZ
@given(drawn=st.data(), broken=st.integers(0, 2))
def test_a_log_is_read_or_says_which_cell_is_wrong(tmp_path_factory, drawn, broken: int):
    file = tmp_path_factory.mktemp("log") / "log.csv"
    data = as_csv(drawn.draw(tables([LOG_HEAD, *LOG])))
    file.write_bytes(drawn.draw(mangled(data)) if broken == 0 else data)
    try:
        log = read_log(file, read_log_plan("incident_log"))
    except CrmError as error:
        said(error.template, error.values)
    else:
        assert log.cases["number"].is_unique and set(log.events["number"]) == set(log.cases["number"])


@pytest.mark.parametrize("database_kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_came_in_is_sound_and_what_did_not_left_nothing(database_kind, people, tmp_path: Path):
    """Good files first, then broken ones over them: each is in the log of imports, or left no row at all."""
    chance, taken = random.Random(5), 0
    for number in range(16):
        folder = tmp_path / str(number)
        folder.mkdir()
        name = chance.choice(sorted(FOLDER))
        good = as_csv([[*COLUMNS[name]], *FOLDER[name]])
        _kept(folder, name, mangle(good, chance) if number else good)
        log = as_csv([LOG_HEAD, *LOG])
        (folder / "log.csv").write_bytes(mangle(log, chance) if number else log)
        for bring in (lambda place: run_folder(place, speak=len), lambda place: run_log(place / "log.csv", speak=len)):
            before = _jobs()
            try:
                bring(folder)
                taken += 1
                assert _jobs() == before + 1
            except (CrmError, ExchangeError) as error:
                said(error.template, error.values)
                assert _jobs() == before
    assert taken >= 4 and [str(finding) for finding in check()] == []


def _jobs() -> int:
    with open_as(SYSTEM) as session:
        return session.scalar(select(func.count(ImportJob.id))) or 0
