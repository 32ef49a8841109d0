"""A log of incidents: the figures that its source prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.__main__ import main
from crm.access import SYSTEM
from crm.customers.models import Customer
from crm.database import frame
from crm.errors import CrmError, Invalid
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.models import User
from crm.support.imports import read_plan, run_log
from crm.support.imports.reading import BUILT_IN
from crm.support.models import Case, CaseEvent, Problem
from crm.support.queries.cases import events

FOLDER = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data") / "uci_incident_event_log"

HEAD = (
    "number,incident_state,reopen_count,made_sla,caller_id,opened_at,sys_updated_at,contact_type,category,subcategory,u_symptom,"
    "impact,priority,assignment_group,assigned_to,problem_id,closed_code,resolved_at,closed_at"
)
ONE = "Phone,Cat 1,Sub 2,?,2 - Medium"
END = "code 5,1/3/2016 12:00,6/3/2016 12:00"
ROWS = f"""{HEAD}
I1,New,0,true,Caller 1,1/3/2016 08:00,1/3/2016 08:05,{ONE},3 - Moderate,Group 1,?,?,{END}
I1,Awaiting User Info,0,true,Caller 1,1/3/2016 08:00,1/3/2016 09:00,{ONE},3 - Moderate,Group 1,Res 7,?,{END}
I1,-100,0,true,Caller 1,1/3/2016 08:00,1/3/2016 10:00,{ONE},3 - Moderate,Group 1,Res 7,?,{END}
I1,Active,0,true,Caller 1,1/3/2016 08:00,1/3/2016 11:00,{ONE},2 - High,Group 1,Res 7,?,{END}
I1,Resolved,0,true,Caller 1,1/3/2016 08:00,1/3/2016 12:00,{ONE},2 - High,Group 2,Res 7,?,{END}
I1,Closed,0,false,Caller 1,1/3/2016 08:00,6/3/2016 12:00,{ONE},2 - High,Group 2,Res 7,?,{END}
I2,Active,0,true,?,2/3/2016 08:00,2/3/2016 08:30,{ONE},3 - Moderate,?,?,P 1,?,?,?
"""


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


def test_it_works(people, log):
    lines: list[str] = []
    outcome = run_log(log, "incident_log", speak=lines.append)
    assert (outcome.rows, outcome.read, outcome.added, outcome.events) == (7, 2, 2, 7)
    assert "1 row with an unknown state change nothing." in lines
    with open_as(SYSTEM) as session:
        one, two = session.scalars(select(Case).order_by(Case.number)).all()
        told = events(session, one.id)
        agent = session.scalars(select(User).where(User.name == "Res 7")).one()
        assert session.scalars(select(Customer.name)).all() == ["Caller 1"]
        assert session.scalars(select(Problem.name)).all() == ["P 1"]
    assert (one.subject, one.state, one.priority, one.cause) == ("Cat 1 · Sub 2", "closed", "high", "code 5")
    assert (one.made_sla, one.worked_seconds, one.owner_id) == (False, 2 * 3600, agent.id)
    assert told["what"].tolist() == ["opened", "state", "state", "state", "state"]
    assert told["state"].tolist() == ["new", "waiting_customer", "in_progress", "solved", "closed"]
    assert told["at"].dt.strftime("%d %H:%M").tolist() == ["01 08:00", "01 09:00", "01 11:00", "01 12:00", "06 12:00"]
    assert told["team"].tolist() == ["Group 1"] * 3 + ["Group 2"] * 2
    assert (two.state, two.solved_at, two.worked_seconds, two.made_sla) == ("in_progress", None, None, None)
    assert agent.role == "agent"


def test_a_second_time_changes_nothing_and_trying_neither(people, log):
    assert run_log(log, only_try=True, speak=str).read == 2
    run_log(log, speak=str)
    again = run_log(log, speak=str)
    assert (again.added, again.unchanged, again.events) == (0, 2, 0)
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(CaseEvent.id))) == 7


def test_what_cannot_be_right_is_named(people, log, tmp_path):
    text = log.read_text()
    log.write_text(text.replace("2 - High", "9 - Huge"))
    with pytest.raises(Invalid, match="priority holds 9 - Huge in row 5"):
        run_log(log, speak=str)
    log.write_text(text.replace("1/3/2016 11:00", "soon"))
    with pytest.raises(Invalid, match="changed_at holds soon"):
        run_log(log, speak=str)
    log.write_text("number\n1\n")
    with pytest.raises(CrmError, match="has no column"):
        run_log(log, speak=str)
    with pytest.raises(CrmError, match="missing"):
        run_log(tmp_path / "nothing.csv", speak=str)
    with pytest.raises(Invalid, match="no mapping called other"):
        read_plan("other")


def test_a_mapping_of_ones_own(people, log, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text((BUILT_IN / "incident_log.toml").read_text("utf-8").replace('kind = "fault"', 'kind = "inquiry"'), "utf-8")
    run_log(log, str(own), speak=str)
    with open_as(SYSTEM) as session:
        assert set(session.scalars(select(Case.kind))) == {"inquiry"}


@pytest.mark.real_data
def test_the_real_log_gives_the_figures_that_are_printed_with_it(people):
    if not FOLDER.exists():
        pytest.skip("the real data are absent (set CRM_REAL_DATA)")
    outcome = run_log(FOLDER / "incident_event_log.csv.gz", "incident_log", speak=str)
    assert (outcome.rows, outcome.added) == (141_712, 24_918)
    columns = (Case.opened_at, Case.solved_at, Case.closed_at, Case.made_sla, Case.reopened)
    with open_as(SYSTEM) as session:
        found = frame(session, select(*columns))
        assert session.scalar(select(func.count(Customer.id))) == 5_244
    hours = (found["closed_at"] - found["opened_at"]).dt.total_seconds() / 3600
    solved = (found["solved_at"] - found["opened_at"]).dt.total_seconds() / 3600
    assert (round(hours.mean(), 2), round(hours.median(), 2)) == (315.33, 145.87)
    assert (solved.notna().sum(), round(solved.mean(), 2), round(solved.median(), 2)) == (23_362, 178.17, 22.10)
    assert round(100 * found["made_sla"].astype(bool).mean(), 2) == 63.42
    assert int((found["reopened"] > 0).sum()) == 275


def test_from_the_command_line(people, log, capsys):
    assert main(["import", "cases", str(log), "--mapping", "incident_log", "--owner", "anna"]) == 0
    assert "7 rows read, 2 cases: 2 new with 7 events, 0 unchanged." in capsys.readouterr().out
    with open_as(people.ben.actor) as session:
        assert session.scalars(select(Customer.owner_id)).all() == [people.anna.id]
    assert main(["import", "cases", str(log), "--mapping", "other"]) == 1
