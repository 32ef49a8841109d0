"""Maven's sales: targets from the quarter before plus 10 %, and what each agent, manager and office reached."""

import datetime as dt
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from crm.access import SYSTEM
from crm.office.commands import DemoDay, set_demo_today
from crm.pipeline.imports import run_folder
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.models import OrgUnit, User
from crm.targets.commands import Copying, PlanDetails, add_plan, copy_targets
from crm.targets.queries import TargetFilter, attainment, leaderboard

DATA = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data") / "maven_crm_sales_opportunities"
THIRD, FOURTH = dt.date(2017, 7, 1), dt.date(2017, 10, 1)


def won_by(column):
    deals = pd.read_csv(DATA / "sales_pipeline.csv").merge(pd.read_csv(DATA / "sales_teams.csv"), on="sales_agent")
    won = deals[deals["deal_stage"] == "Won"].assign(close_date=pd.to_datetime(deals["close_date"]))
    quarter = won["close_date"].dt.quarter
    return won.groupby([column, quarter])["close_value"].sum().unstack(fill_value=0)


@pytest.mark.real_data
def test_attainment_is_the_sum_of_the_won_deals(people, tmp_path):
    if not DATA.exists():
        pytest.skip("the real data are absent (set CRM_REAL_DATA)")
    shutil.copytree(DATA, tmp_path / "maven")
    run_folder(tmp_path / "maven", speak=str)
    with open_as(SYSTEM) as session:
        set_demo_today(session, DemoDay(day=dt.date(2017, 12, 31)))
        offices = {
            unit.name: unit for unit in session.scalars(select(OrgUnit).where(OrgUnit.name.in_(["Central", "East", "West"])))
        }
        board_id = offices["Central"].parent_id
        agents = list(session.scalars(select(User).where(User.unit_id.in_([unit.id for unit in offices.values()]))))
    with open_as(people.eve.actor) as session:
        plan = add_plan(session, PlanDetails(name="Fourth quarter", year=2017), board_id)
        about = {"measure": "won_deals", "period": "quarter", "from_day": THIRD, "to_day": FOURTH, "percent": Decimal(10)}
        wanted = {"person": [one.id for one in agents], "team": [one.id for one in offices.values()], "board": [board_id]}
        for kind, ids in wanted.items():
            copy_targets(session, plan.id, Copying(source="actuals", subject_kind=kind, subject_ids=tuple(ids), **about))
        told = attainment(session, TargetFilter(plan_id=plan.id)).set_index(["subject_kind", "subject"])
        managers = {one.name: [other.name for other in agents if other.manager_id == one.id] for one in agents}
        best = leaderboard(session, plan.id, "won_deals", "quarter", FOURTH)
    by_agent, by_office, by_manager = won_by("sales_agent"), won_by("regional_office"), won_by("manager")
    persons = told.loc["person"]
    for agent, quarters in by_agent.iterrows():
        assert persons.loc[agent, "actual"] == quarters[4]
        assert persons.loc[agent, "base"] == round(quarters[3] * 1.1, 2)
    for office, quarters in by_office.iterrows():
        assert told.loc[("team", office), ["actual", "base"]].tolist() == [quarters[4], round(quarters[3] * 1.1, 2)]
    for manager, quarters in by_manager.iterrows():
        team = persons.loc[managers[manager]]
        assert team["actual"].sum() == quarters[4]
        assert round(team["base"].sum(), 2) == round(quarters[3] * 1.1, 2)
    board = told.loc["board"].iloc[0]
    assert board["actual"] == 2_802_496
    assert board["base"] == round(2_982_255 * 1.1, 2)
    assert len(by_manager) == 6 and len(by_agent) == 30
    assert best.mine["share"].is_monotonic_decreasing or best.mine["share"].isna().any()
