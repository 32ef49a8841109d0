"""Maven's "CRM Sales Opportunities": the figures that its source prints."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select

from crm.access import SYSTEM
from crm.customers.models import Customer, Relation
from crm.errors import CrmError, Invalid
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.imports import read_folder, run_folder
from crm.pipeline.imports.reading import BUILT_IN
from crm.pipeline.models import Opportunity
from crm.pipeline.queries import deals, funnel_counts, opportunity_list, totals, win_rates
from crm.session import open_as
from crm.settings import ROOT
from crm.staff.models import OrgUnit, User

DATA = Path(os.environ.get("CRM_REAL_DATA") or ROOT.parent / "shared" / "data") / "maven_crm_sales_opportunities"

ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme,technolgy,1996,1.5,20,Philipines,
Beta,medical,1999,2,30,Kenya,Acme
"""
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
TEAMS = "sales_agent,manager,regional_office\nMoses Frase,Dustin Brinkmann,Central\nLiu Yang,Rocco Neubert,East\n"
DEALS = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
D1,Moses Frase,GTXPro,Acme,Won,2017-01-01,2017-01-31,4800
D2,Liu Yang,MG Special,Acme,Lost,2017-01-05,2017-02-01,0
D3,Moses Frase,MG Special,,Prospecting,,,
D4,Liu Yang,MG Special,Beta,Engaging,2017-02-10,,
"""


@pytest.fixture
def folder(tmp_path):
    files = {"accounts": ACCOUNTS, "products": PRODUCTS, "sales_teams": TEAMS, "sales_pipeline": DEALS}
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_it_works(people, folder):
    lines: list[str] = []
    outcome = run_folder(folder, speak=lines.append)
    assert (outcome.read, outcome.added, outcome.unchanged) == (4, 4, 0)
    assert "Repaired by the mapping: product: GTXPro → GTX Pro (1 row)" in lines
    with open_as(SYSTEM) as session:
        found = opportunity_list(session, sort="number", descending=False)
        sector, region = session.execute(select(Customer.industry, Customer.region).where(Customer.name == "Acme")).one()
        manager = session.scalars(select(User).where(User.name == "Dustin Brinkmann")).one()
        assert session.scalars(select(Relation.kind)).all() == ["parent_company"]
    assert (sector, region, manager.role) == ("technology", "Philippines", "lead")
    columns = ["number", "customer", "product", "stage", "state", "amount", "owner", "unit", "currency"]
    assert found[columns].fillna("").values.tolist() == [
        ["D1", "Acme", "GTX Pro", "follow_up", "won", 4800, "Moses Frase", "Central", "USD"],
        ["D2", "Acme", "MG Special", "follow_up", "lost", 55, "Liu Yang", "East", "USD"],
        ["D3", "", "MG Special", "lead", "open", 55, "Moses Frase", "Central", "USD"],
        ["D4", "Beta", "MG Special", "follow_up", "open", 55, "Liu Yang", "East", "USD"],
    ]
    assert pd.to_datetime(found["created_on"]).dt.strftime("%Y-%m-%d").tolist()[2] == "2017-02-10"


def test_a_second_time_changes_nothing(people, folder):
    run_folder(folder, speak=str)
    outcome = run_folder(folder / "sales_pipeline.csv", speak=str)
    assert (outcome.added, outcome.unchanged) == (0, 4)
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Customer.id))) == 2


def test_trying_changes_nothing(people, folder):
    assert run_folder(folder, only_try=True, speak=str).read == 4
    with open_as(SYSTEM) as session:
        assert session.scalar(select(func.count(Opportunity.id))) == 0


def test_each_agent_sees_his_deals_and_their_customers(people, folder):
    run_folder(folder, speak=str)
    with open_as(SYSTEM) as session:
        from crm.staff.sign_in import actor_for

        liu = actor_for(session, session.scalars(select(User).where(User.name == "Liu Yang")).one())
    with open_as(liu) as session:
        assert {"Acme", "Beta"} == set(opportunity_list(session)["customer"])


def test_a_name_that_leads_nowhere_is_refused_and_a_mapping_of_ones_own_repairs_it(people, folder):
    file = folder / "sales_pipeline.csv"
    file.write_text(file.read_text().replace("MG Special", "MG Speciale"))
    with pytest.raises(Invalid, match=r"product holds MG Speciale in row 3 \(3 in all\)"):
        run_folder(folder, speak=str)
    text = BUILT_IN.read_text("utf-8").replace('"GTXPro"', '"MG Speciale" = "MG Special"\n"GTXPro"')
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    assert run_folder(folder, speak=str).added == 4


def test_a_missing_file_or_column_is_named(people, folder):
    (folder / "products.csv").write_text("product,series\n")
    with pytest.raises(CrmError, match=r"products\.csv has no column sales_price"):
        read_folder(folder)
    (folder / "products.csv").unlink()
    with pytest.raises(CrmError, match="missing"):
        read_folder(folder)


@pytest.mark.real_data
def test_the_real_files_give_the_figures_that_are_printed_with_them(people, tmp_path):
    if not DATA.exists():
        pytest.skip("the real data are absent (set CRM_REAL_DATA)")
    shutil.copytree(DATA, tmp_path / "maven")
    outcome = run_folder(tmp_path / "maven", speak=str)
    assert outcome.added == 8_800
    with open_as(SYSTEM) as session:
        sums = totals(session)
        counts = {name: sums[name] for name in ("opportunities", "won", "lost", "open")}
        assert counts == {"opportunities": 8_800, "won": 4_238, "lost": 2_473, "open": 2_089}
        assert sums["won_amounts"] == {"USD": 10_005_534.0}
        offices = win_rates(session, "team").set_index("name")["win_rate"]
        quarters = {}
        for number, (since, until) in enumerate(
            [("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31")], 1
        ):
            of_quarter = totals(session, OpportunityFilter(closed_from=f"2017-{since}", closed_to=f"2017-{until}"))
            closed = of_quarter["won"] + of_quarter["lost"]
            quarters[number] = (closed, of_quarter["won"], of_quarter["won_amounts"]["USD"])
        facts = deals(session, by=("owner",))
        best = win_rates(session).iloc[0]
        assert funnel_counts(session)["deals"].sum() == 8_800
        assert session.scalar(select(func.count(OrgUnit.id)).where(OrgUnit.name.in_(["Central", "East", "West"]))) == 3
    assert quarters == {
        1: (647, 531, 1_134_672.0),
        2: (2_032, 1_254, 3_086_111.0),
        3: (2_047, 1_257, 2_982_255.0),
        4: (1_985, 1_196, 2_802_496.0),
    }
    assert (offices * 100).round(2).to_dict() == {"Central": 62.56, "East": 63.02, "West": 63.94}
    assert (best["name"], best["won_amount"]) == ("Darcel Schlecht", 1_153_214)
    days = (facts["closed_on"] - facts["created_on"]).dt.days
    assert round(100 * 4_238 / 6_711, 2) == 63.15
    assert (round(days[facts["state"] == "won"].mean(), 2), days[facts["state"] == "won"].median()) == (51.78, 57)
    assert round(days[facts["state"] == "lost"].mean(), 2) == 41.48
