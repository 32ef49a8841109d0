"""One statement: every line of its reckoning, and those that it replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.targets import queries
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, money, number, percent


@dataclass(frozen=True)
class Statement:
    id: int
    person_id: int
    rule: str
    starts_on: Any
    measure: str
    base: float
    actual: float
    share: float
    amount: float
    currency: str
    lines: list[dict[str, str]]

    @classmethod
    def of(cls, row: Any) -> Statement:
        names = ("id", "person_id", "rule", "starts_on", "measure", "base", "actual", "share", "amount", "currency", "lines")
        return cls(*(getattr(row, name) for name in names))


def statement_dialog(one: Statement) -> None:
    heading(
        "{share} of the target reached earns {amount}",
        share=percent(one.share),
        amount=money(one.amount, one.currency),
        about=say("Each part of the attainment earns at the rate of its tier; each line is rounded to the cent."),
    )
    st.caption(
        say(
            "{rule} · {measure}: {actual} of {base}",
            rule=one.rule,
            measure=one.measure,
            actual=number(one.actual, 2),
            base=number(one.base, 2),
        )
    )
    rows = reckoned(one.lines)
    total = {"step": say("Sum"), "id": len(rows), "line_amount": rows["line_amount"].sum()}
    shown = pd.concat([rows, pd.DataFrame([total])], ignore_index=True)
    labels = {name: label(name) for name in ("from_share", "to_share", "rate", "line_amount")}
    labels |= {"step": say("Line of the reckoning"), "part": say("Amount in it")}
    columns = ["step", "from_share", "to_share", "part", "rate", "line_amount"]
    table(shown, key=f"statement.{one.id}", columns=columns, labels=labels, opens=False)
    _replaced(one)


def reckoned(lines: list[dict[str, str]]) -> pd.DataFrame:
    """-> step (in words), from_share, to_share, rate (percent), part, line_amount: the amounts add up to the statement's."""
    rows = [
        {
            "step": label(line["step"], of="pay_step"),
            "from_share": float(line["from_share"]) * 100,
            "to_share": float(line["to_share"]) * 100,
            "part": float(line["part"]),
            "rate": float(line["rate"]) * 100,
            "line_amount": float(line["amount"]),
        }
        for line in lines
    ]
    return pd.DataFrame(rows, columns=["step", "from_share", "to_share", "part", "rate", "line_amount"]).assign(
        id=range(len(rows))
    )


def _replaced(one: Statement) -> None:
    """Earlier statements of the same person, rule and period."""
    found = load(queries.statements, since=one.starts_on, until=one.starts_on, owner_id=one.person_id, all_of=True)
    earlier = found[(found["rule"] == one.rule) & (found["id"] != one.id)]
    if earlier.empty:
        return
    heading("It replaced {count:statement|statements}", count=len(earlier))
    made = [one_.date() for one_ in earlier["created_at"]]
    shares: dict[str, Any] = {"attained": earlier["share"].astype("float64") * 100, "created_on": made}
    shown = earlier.assign(amount=earlier["amount"].astype("float64"), **shares)
    labels = {"created_on": label("created_on", of="head"), "attained": label("attained", of="head")}
    table(
        shown, key=f"statement.{one.id}.earlier", columns=["created_on", "attained", "amount", "by"], labels=labels, opens=False
    )
    st.caption(say("Statements stay as they were made; this one was made on {day}.", day=date_short(found["created_at"].max())))


__all__ = ["Statement", "reckoned", "statement_dialog"]
