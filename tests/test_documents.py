"""README and docs are true: their commands run, their links lead somewhere, their names exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.__main__ import main, parser
from crm.bench import _parser as bench_parser
from crm.demo import people as demo
from crm.jobs import JOBS
from crm.settings import ROOT, Settings
from tests.conftest import pointed_at

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"(?:\.venv/bin/)?python -m crm (?P<rest>[^`&\n#]+)")
FILLED = {
    "FILE": "a.db",
    "NAME": "root",
    "FOLDER": "folder",
    "JOB": "scores",
    "SOURCE": "sqlite:///a.db",
    "TARGET": "sqlite:///b.db",
}
"""What stands for something in a command -> something."""
EVERY = "serve | setup | user | import | export | run JOB | jobs | backup | restore | check | copy-database | bench"
NEED_MORE = {"user", "import", "export", "backup", "restore", "copy-database", "bench"}


def commands() -> Iterator[tuple[str, str]]:
    """(document, what follows `python -m crm`), the enumeration of all of them taken apart."""
    for path in DOCUMENTS:
        for found in COMMAND.finditer(path.read_text("utf-8")):
            rest = found["rest"].strip().rstrip(".")
            yield from ((path.name, one.strip()) for one in rest.split(" | ")) if " | " in rest else [(path.name, rest)]


def filled(command: str) -> list[str]:
    return [FILLED.get(word, word) for word in shlex.split(command.replace("[", "").replace("]", "").replace("...", ""))]


def parsed(words: list[str]) -> None:
    bench_parser().parse_args(words[1:]) if words[0] == "bench" else parser().parse_args(words)


@pytest.mark.parametrize(("document", "command"), sorted(set(commands())))
def test_a_command_in_the_documents_is_understood(document: str, command: str, capsys):
    words = filled(command)
    if len(words) == 1 and words[0] in NEED_MORE:
        words.append("--help")
    try:
        parsed(words)
    except SystemExit as stopped:
        assert stopped.code == 0, f"{document}: python -m crm {command}\n{capsys.readouterr().err}"


def test_the_documents_name_every_command():
    known = next(action.choices for action in parser()._actions if action.choices)
    assert {command.split()[0] for _, command in commands()} >= set(known)
    assert EVERY in (ROOT / "README.md").read_text("utf-8")


def test_the_commands_of_a_firm_s_first_days_run(tmp_path: Path, monkeypatch, capsys):
    """As README and docs/operations.md tell them, one after the other; `serve` and `jobs` do not end."""
    monkeypatch.setenv("CRM_ADMIN_PASSWORD", "a pass phrase for one test")
    monkeypatch.setenv("CRM_USER_PASSWORD", "another pass phrase of it")
    monkeypatch.delenv("CRM_SECRET_KEY")
    with pointed_at(f"sqlite:///{tmp_path}/crm.db", tmp_path):
        for line in (
            "setup --empty --admin root",
            "setup",
            "user add second --role executive --unit Group",
            "user list",
            "check",
            f"export {tmp_path}/customers.xlsx --as second",
            *(f"run {job}" for job in sorted(JOBS)),
            f"backup {tmp_path}/saved.db",
            f"restore {tmp_path}/saved.db",
            f"copy-database sqlite:///{tmp_path}/crm.db sqlite:///{tmp_path}/copy.db",
            "check",
        ):
            assert main(shlex.split(line)) == 0, f"{line}\n{capsys.readouterr().err}"
        told = capsys.readouterr().out
        assert told.count("Nothing is wrong.") == 2 and "second can sign in." in told


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_path_leads_somewhere(path: Path):
    text = path.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    named = re.findall(r"`((?:crm|pages|tests|docs|scripts|static|\.streamlit)/[\w./-]+)`", text)
    missing = [link for link in links if not (path.parent / link).exists()]
    missing += [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_the_settings_that_are_told_are_those_there_are():
    told = set(re.findall(r"`((?:CRM|DATABASE)_\w+)`", (ROOT / "docs" / "operations.md").read_text("utf-8")))
    known = {"DATABASE_URL" if name == "database_url" else f"CRM_{name.upper()}" for name in Settings.model_fields}
    assert told == known


def test_jobs_and_demo_accounts_of_the_readme_exist():
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.search(r"Jobs: `python -m crm jobs` runs them when they are due \((.+?)\);", text, re.DOTALL)
    assert named and all(job in named[1] for job in JOBS)
    accounts = set(re.findall(r"^\|[^|]+\| `(\w+)` \|", text, re.MULTILINE))
    assert len(accounts) > 7 and accounts <= {account.username for account in (*demo._FIRST, *demo._SERVICE)}


def test_make_knows_the_targets_of_the_readme():
    told = set(re.findall(r"^make (\w+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    environment = os.environ | {"PYTHON": sys.executable}
    dry = subprocess.run(["make", "--dry-run", *sorted(told)], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert told == {"run", "test"} and dry.returncode == 0 and "python -m crm serve" in dry.stdout, dry.stderr
