"""A folder of files -> checked tables, read by a plan that the user can see and change; knows no database."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from crm.errors import Invalid, told_of_files
from crm.exchange.columns import read_columns

BUILT_IN = Path(__file__).parents[1] / "mappings" / "maven_crm_sales_opportunities.toml"
OWN = "mapping.toml"

COLUMNS = {
    "accounts": ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"),
    "products": ("product", "series", "sales_price"),
    "teams": ("sales_agent", "manager", "regional_office"),
    "deals": ("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"),
}
"""What each file must have."""
NEEDED = {
    "accounts": ("account",),
    "products": ("product", "series", "sales_price"),
    "teams": ("sales_agent", "manager", "regional_office"),
}
"""What no row may lack; the first of them no two rows may share."""
MOST = 1e11
"""Of money and of people: more is a slip of the keyboard."""


class BoardPlan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    currency: str


class Plan(BaseModel):
    """The mapping, as it stands in a TOML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    files: dict[str, str]
    board: BoardPlan
    repairs: dict[str, dict[str, str]]
    units: dict[str, float]
    stages: dict[str, tuple[str, str]]
    assumed: dict[str, str]


@dataclass(frozen=True)
class Source:
    """The tables with the columns of COLUMNS, as text but for numbers and days; what was repaired and assumed."""

    plan: Plan
    sha256: str
    accounts: pd.DataFrame
    products: pd.DataFrame
    teams: pd.DataFrame
    deals: pd.DataFrame
    repaired: dict[str, int]
    """ "column: as it stood → as it is" -> rows"""
    undated: int
    """Deals that were given the last day of the files."""


def read_plan(folder: Path) -> Plan:
    """The mapping beside the data, or the one that comes with the product."""
    own = folder / OWN
    path = own if own.exists() else BUILT_IN
    try:
        return Plan.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise Invalid(
            "The mapping {file} cannot be understood: {why}.", file=str(path), why=str(error).splitlines()[0]
        ) from error


def read_folder(path: Path) -> Source:
    """A folder, or any file in it. Raises Invalid for a missing file or column, and for values that cannot be right."""
    folder = path if path.is_dir() else path.parent
    plan = read_plan(folder)
    tables = {name: _read(folder / plan.files.get(name, f"{name}.csv"), columns) for name, columns in COLUMNS.items()}
    repaired: dict[str, int] = {}
    for table in tables.values():
        _repair(table, plan, repaired)
    accounts = _with_numbers(tables["accounts"], "revenue", "employees")
    products, deals = _with_numbers(tables["products"], "sales_price"), _with_numbers(tables["deals"], "close_value")
    accounts["revenue"] *= plan.units.get("revenue", 1)
    deals = _with_days(deals, "engage_date", "close_date")
    _check(deals, products, tables["teams"], accounts, plan)
    last = deals[["engage_date", "close_date"]].max().max()
    undated = deals["engage_date"].isna()
    deals["engage_date"] = deals["engage_date"].fillna(last)
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in sorted(plan.files.values()))).hexdigest()
    return Source(plan, digest, accounts, products, tables["teams"], deals, repaired, int(undated.sum()))


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    with told_of_files():
        return read_columns(path, columns)


def _repair(table: pd.DataFrame, plan: Plan, repaired: dict[str, int]) -> None:
    for column, values in plan.repairs.items():
        for wrong, right in values.items():
            if column in table and (count := int((table[column] == wrong).sum())):
                repaired[f"{column}: {wrong} → {right}"] = repaired.get(f"{column}: {wrong} → {right}", 0) + count
                table[column] = table[column].replace(wrong, right)


def _with_numbers(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        numbers = pd.to_numeric(table[name], errors="coerce")
        _refuse(table, ~numbers.between(0, MOST) & table[name].notna(), name)
        table[name] = numbers
    return table


def _with_days(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        days = pd.to_datetime(table[name], format="%Y-%m-%d", errors="coerce")
        _refuse(table, days.isna() & table[name].notna(), name)
        table[name] = days
    return table


def _check(deals: pd.DataFrame, products: pd.DataFrame, teams: pd.DataFrame, accounts: pd.DataFrame, plan: Plan) -> None:
    """Every name leads somewhere; a repair in the mapping helps where one does not."""
    for name, table in (("accounts", accounts), ("products", products), ("teams", teams)):
        for column in NEEDED[name]:
            _refuse(table, table[column].isna(), column)
        _refuse(table, table[NEEDED[name][0]].duplicated(), NEEDED[name][0])
    _refuse(deals, deals["opportunity_id"].isna() | deals["opportunity_id"].duplicated(), "opportunity_id")
    _refuse(deals, ~deals["product"].isin(products["product"]), "product")
    _refuse(deals, ~deals["sales_agent"].isin(teams["sales_agent"]), "sales_agent")
    _refuse(deals, deals["account"].notna() & ~deals["account"].isin(accounts["account"]), "account")
    _refuse(deals, ~deals["deal_stage"].isin(list(plan.stages)), "deal_stage")
    closed = deals["deal_stage"].map(lambda stage: plan.stages[stage][1]) != "open"
    _refuse(deals, closed & (deals["close_date"].isna() | (deals["close_date"] < deals["engage_date"])), "close_date")


def _refuse(table: pd.DataFrame, wrong: pd.Series[bool], column: str) -> None:
    if wrong.any():
        first = table.index[wrong][0]
        value = str(table.loc[first, column])
        raise Invalid(
            "Column {column} holds {value} in row {row} ({count} in all): correct it, or add a repair to the mapping.",
            column=column,
            value=value,
            row=int(first) + 2,
            count=int(wrong.sum()),
        )
