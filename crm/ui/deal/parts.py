"""What hangs on a deal, one table and one dialog for all kinds: products, people, competitors, samples, expenses, assessments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from crm.catalogue.queries import product_choices
from crm.customers import queries as customers
from crm.office.queries import today
from crm.pipeline import commands, models, queries
from crm.pipeline.models import Opportunity, OpportunityState
from crm.staff.queries import colleagues
from crm.ui.compare import compare, save
from crm.ui.deal.closing import currency
from crm.ui.deal.customers import find_customer
from crm.ui.desk import act, figures, find, load
from crm.ui.dialog import open_dialog
from crm.ui.form import Choices, form
from crm.ui.show import empty
from crm.ui.table import records, table
from crm.words import label, say


@dataclass(frozen=True)
class Part:
    """One kind of part: its input, its command, its table, its query, its columns."""

    input: type[Any]
    command: Callable[..., Any]
    record: type[Any]
    query: Callable[..., pd.DataFrame]
    columns: tuple[str, ...]
    only_open: bool = False
    """A closed deal keeps them as they were."""


PARTS: dict[str, Part] = {
    "line": Part(
        commands.DealLine,
        commands.save_line,
        models.OpportunityLine,
        queries.lines,
        ("product", "description", "quantity", "unit_price", "discount_percent", "amount"),
        only_open=True,
    ),
    "contact": Part(
        commands.DealContact,
        commands.save_contact,
        models.OpportunityContact,
        queries.decision_makers,
        ("name", "position", "customer", "role", "attitude", "phone", "remark"),
    ),
    "member": Part(
        commands.DealMember, commands.save_member, models.OpportunityMember, queries.members, ("name", "unit", "part")
    ),
    "customer": Part(
        commands.DealCustomer, commands.save_customer, models.OpportunityCustomer, queries.further_customers, ("name", "part")
    ),
    "competitor": Part(
        commands.DealCompetitor,
        commands.save_competitor,
        models.OpportunityCompetitor,
        queries.competitors,
        ("name", "offer", "price", "threat", "strengths", "weaknesses"),
    ),
    "sample": Part(
        commands.DealSample,
        commands.save_sample,
        models.Sample,
        queries.samples,
        ("description", "product", "quantity", "sent_on", "returned_on", "answer"),
    ),
    "expense": Part(
        commands.DealExpense,
        commands.save_expense,
        models.Expense,
        queries.expenses,
        ("spent_on", "kind", "amount", "description", "by"),
    ),
    "assessment": Part(
        commands.DealAssessment,
        commands.save_assessment,
        models.Assessment,
        queries.assessments,
        ("assessed_on", "score", "budget", "authority", "need", "timing", "fit", "competition", "remark", "by"),
    ),
}

MARKS = {"budget": "budget_mark"}
"""A mark from 1 to 5, where other tables mean money."""

_ADD = {
    "line": "Add a product",
    "contact": "Add a person",
    "member": "Add a colleague",
    "customer": "Add a customer",
    "competitor": "Add a competitor",
    "sample": "Add a sample",
    "expense": "Add an expense",
    "assessment": "Assess anew",
}
_WIDTH: dict[str, Literal["small"]] = dict.fromkeys(("contact", "member", "customer", "expense"), "small")
_EMPTY = {
    "line": "No products yet: add what is to be sold, and the amount is their sum.",
    "contact": "Nobody knows yet who decides: add the people of the customer, their role and their attitude.",
    "member": "Nobody works on it besides the owner. Who is added sees and changes the deal, and reads its customer.",
    "customer": "One customer alone. Add the general contractor, the end user or the agent, where there are several.",
    "competitor": "No competitor known: add who else offers, and this deal tells later to whom and why it was lost.",
    "sample": "No samples sent. Add one when it goes out, and its answer when it comes.",
    "expense": "Nothing spent yet: travel, entertainment, samples, the bid. The sum shows what the deal costs to win.",
    "assessment": "Never assessed. Six marks say whether the deal is real, wanted and winnable; the score shows where it goes.",
}


def parts(deal: Opportunity, part: str, may: bool) -> pd.DataFrame:
    """The list of one kind; a row opens it, the button adds one. -> the rows."""
    spec = PARTS[part]
    rows = load(spec.query, opportunity_id=deal.id)
    may = may and not (spec.only_open and deal.state != OpportunityState.OPEN)
    if rows.empty:
        empty(_EMPTY[part])
    else:
        _rows(deal, part, rows, may)
    if may and st.button(say(_ADD[part]), icon=":material/add:", key=f"deal.{part}.add"):
        open_dialog(say(_ADD[part]), part_dialog, deal, part, None, width=_WIDTH.get(part, "large"))
    return rows


def _rows(deal: Opportunity, part: str, rows: pd.DataFrame, may: bool) -> None:
    shown = rows.rename(columns=MARKS)
    columns = [name for name in (MARKS.get(one, one) for one in PARTS[part].columns) if _tells(shown[name])]
    labels = {mark: label(name) for name, mark in MARKS.items()} | {"discount_percent": say("Discount")}
    chosen = table(shown, key=f"deal.{part}.table", columns=columns, labels=labels, currency=currency(deal), opens=may, once=True)
    if chosen.opened:
        one = rows.set_index("id", drop=False).loc[chosen.opened].to_dict()
        open_dialog(label(part), part_dialog, deal, part, one, width=_WIDTH.get(part, "large"))


def _tells(values: pd.Series[Any]) -> bool:
    """A column that is empty, or names the one customer in every row, says nothing."""
    return bool(values.nunique() > 1 if values.name == "customer" else values.notna().any())


def part_dialog(deal: Opportunity, part: str, current: dict[str, Any] | None) -> None:
    spec = PARTS[part]
    known: Any = {name: None if pd.isna(value) else value for name, value in current.items()} if current else None
    key = f"deal.{part}.{known['id'] if known else 'new'}"
    choices, ready = _choices(deal, part, known)
    if not ready:
        return
    details = form(spec.input, known or _first(part), key=f"{key}.form", choices=choices)
    if details is not None and known is None:
        act(spec.command, deal.id, details, done="Saved.")
    elif details is not None and known is not None:
        save(
            _with_version,
            spec.command,
            deal.id,
            details,
            known["id"],
            version=known["version"],
            now=lambda: _version(part, deal.id, known["id"]),
            key=key,
            done="Saved.",
        )
    compare(key, choices)
    if known is not None and st.button(say("Delete"), key=f"{key}.delete", type="tertiary", icon=":material/delete:"):
        act(commands.remove_part, spec.record, known["id"], done="Deleted.")


def _first(part: str) -> dict[str, Any]:
    """What a new one begins with."""
    day = figures(today)
    return {"expense": {"spent_on": day}, "sample": {"sent_on": day}, "assessment": {"assessed_on": day}}.get(part, {})


def _choices(deal: Opportunity, part: str, known: dict[str, Any] | None) -> tuple[Choices, bool]:
    """-> what the form chooses among, and whether there is anything to choose from."""
    if part in ("line", "sample"):
        return {"product_id": figures(product_choices)}, True
    if part == "member":
        people = load(colleagues)
        others = people[people["id"] != deal.owner_id]
        return {"user_id": dict(zip(others["id"], others["name"], strict=True))}, True
    if part == "contact":
        contacts = _contacts(deal)
        if not contacts:
            st.caption(say("The customers of this deal have no contacts yet: add them on the customer's page."))
        return {"contact_id": contacts}, bool(contacts)
    if part == "customer":
        return _customers(deal, known)
    return {}, True


def _contacts(deal: Opportunity) -> dict[int, str]:
    """Of the customer and of the further ones."""
    further = load(queries.further_customers, opportunity_id=deal.id)
    ids = [one for one in (deal.customer_id, *further["customer_id"].tolist()) if one is not None]
    several = len(ids) > 1
    found: dict[int, str] = {}
    for customer_id in ids:
        rows = load(customers.contacts, customer_id=customer_id)
        name = _name_of(deal, further, customer_id) if several else ""
        found |= {int(row.id): f"{row.name} · {name}" if name else str(row.name) for row in records(rows)}
    return found


def _name_of(deal: Opportunity, further: pd.DataFrame, customer_id: int) -> str:
    names = dict(zip(further["customer_id"], further["name"], strict=True))
    return str(deal.customer.name if deal.customer is not None and customer_id == deal.customer_id else names[customer_id])


def _customers(deal: Opportunity, known: dict[str, Any] | None) -> tuple[Choices, bool]:
    if known is not None:
        return {"customer_id": {known["customer_id"]: known["name"] or say("hidden")}}, True
    chosen = find_customer("deal.customer.find", deal.customer_id)
    if chosen is None:
        return {}, False
    customer = find(customers.customer, chosen)
    return {"customer_id": {chosen: customer.name if customer else ""}}, customer is not None


def _with_version(session: Any, command: Any, opportunity_id: int, details: Any, part_id: int, version: int) -> Any:
    return command(session, opportunity_id, details, part_id, version)


def _version(part: str, opportunity_id: int, part_id: int) -> int:
    rows = find(PARTS[part].query, opportunity_id)
    versions: dict[int, int] = {} if rows is None else dict(zip(rows["id"], rows["version"], strict=True))
    return versions.get(part_id, 0)
