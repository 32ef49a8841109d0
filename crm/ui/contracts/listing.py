"""The list of contracts: filters in the address, the money of what is shown, fifty rows, a file of all of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import streamlit as st

from crm.contracts import queries
from crm.contracts.models import ContractState
from crm.contracts.queries import EVERY_CONTRACT, ContractFilter
from crm.contracts.queries.contracts import Sort
from crm.office.queries import today
from crm.staff.queries import colleagues
from crm.ui.address import read_filter, write_filter
from crm.ui.contracts.new import new_contract
from crm.ui.contracts.sums import Figure, figures_line
from crm.ui.desk import figures, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.filtering import code_pills, search_box
from crm.ui.money import amounts, currency_of, in_one_currency
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import number as spoken

SIZE = 50
SOON = 60
"""Days before the end from which a contract ends soon."""
KEEP = ("show", "sort")
SHOWN = ["number", "customer", "state", "ends_on", "amount", "received", "overdue", "owner", "name"]
EXPORTED = ["number", "name", "customer", "owner", "state", "signed_on", "starts_on", "ends_on"]
EXPORTED += ["currency", "amount", "invoiced", "received", "overdue"]


def contract_list() -> None:
    """Everything below the sides of the page; a fragment, so that typing and paging redraw the list alone."""
    where = read_filter(ContractFilter)
    with st.container(horizontal=True, vertical_alignment="center", key="contracts.filters"):
        _quick_filters(where)
        panel = st.popover(say("Filters"), icon=":material/tune:", key="contracts.more", on_change="rerun")
        if panel.open:
            with panel:
                _more_filters(where)
    total = figures(queries.contract_totals, day=figures(today), where=where)
    told("contracts", {"count": total["contracts"], **in_one_currency("amount", total["amounts"])})
    with st.container(horizontal=True, vertical_alignment="center", key="contracts.money"):
        if total["contracts"]:
            _money(where, total)
        st.space("stretch")
        _export(where)
        if me().actor.grant("contracts").change and st.button(
            say("New contract"), type="primary", icon=":material/add:", key="contract.new"
        ):
            open_dialog(say("New contract"), new_contract)
    if total["contracts"]:
        _rows(where, total["contracts"])
    else:
        _nothing(where)


# ------------------------------------------------------------------------------------------------------- filters


def _quick_filters(where: ContractFilter) -> None:
    st.session_state["contracts.search"] = where.search
    st.session_state["contracts.state"] = list(where.state)
    st.session_state["contracts.quick"] = [name for name, values in _quick().items() if _holds(where, values)]
    search_box("contracts.search", say("Number, name, customer"), _typed, width=220)
    code_pills("state", [state.value for state in ContractState], "contracts.state", _typed)
    words = {"mine": say("Mine"), "soon": say("Ending soon"), "overdue": say("Overdue")}
    st.pills(
        say("Filter"),
        list(words),
        selection_mode="multi",
        key="contracts.quick",
        format_func=words.__getitem__,
        label_visibility="collapsed",
        on_change=_typed,
    )


def _quick() -> dict[str, dict[str, Any]]:
    """What each of the three words asks for."""
    day = figures(today)
    soon = {"ends_from": day, "ends_to": day + dt.timedelta(SOON)}
    return {"mine": {"owner_id": (me().user_id,)}, "soon": soon, "overdue": {"overdue": True}}


def _holds(where: ContractFilter, values: dict[str, Any]) -> bool:
    return all(getattr(where, name) == value for name, value in values.items())


def _typed() -> None:
    state, where = st.session_state, read_filter(ContractFilter)
    values: dict[str, Any] = where.model_dump()
    values |= {"search": (state["contracts.search"] or "").strip(), "state": tuple(state["contracts.state"] or ())}
    for name, asked in _quick().items():
        if name in (state["contracts.quick"] or ()):
            values |= asked
        elif _holds(where, asked):
            values |= {field: ContractFilter.model_fields[field].default for field in asked}
    write_filter(ContractFilter.model_validate(values), KEEP)


def _more_filters(where: ContractFilter) -> None:
    """What is asked less often, and the order, applied together."""
    values: dict[str, Any] = where.model_dump()
    with st.form("contracts.more_form", border=False):
        people = load(colleagues)
        names = dict(zip(people["id"].tolist(), people["name"].tolist(), strict=True))
        boards = {board.id: board.name for board in me().boards}
        for name, texts in (("owner_id", names), ("board_id", boards)):
            if len(texts) > 1:
                values[name] = _several(name, texts, values[name])
        for prefix in ("signed", "ends", "amount"):
            for cell, name in zip(st.columns(2), (f"{prefix}_from", f"{prefix}_to"), strict=True):
                with cell:
                    values[name] = _bound(name, values[name])
        sorts = list(get_args(Sort))
        sort = st.selectbox(say("Sort by"), sorts, index=sorts.index(_sort()), format_func=label, key="contracts.sort")
        if st.form_submit_button(say("Apply"), type="primary"):
            write_filter(ContractFilter.model_validate(values), ("show",))
            st.query_params["sort"] = sort
            st.rerun()


def _several(name: str, texts: dict[int, str], chosen: tuple[int, ...]) -> tuple[int, ...]:
    known = [one for one in chosen if one in texts]
    return tuple(
        st.multiselect(
            label(name),
            list(texts),
            default=known,
            format_func=texts.__getitem__,
            key=f"contracts.more.{name}",
            placeholder=say("Any"),
        )
    )


def _bound(name: str, current: Any) -> Any:
    key, title = f"contracts.more.{name}", label(name)
    if name.startswith("amount"):
        return st.number_input(title, value=None if current is None else float(current), step=None, key=key)
    oldest, newest = dt.date(1970, 1, 1), dt.date(2100, 12, 31)
    return st.date_input(title, value=current, min_value=oldest, max_value=newest, format="YYYY-MM-DD", key=key)


def _sort() -> Sort:
    wanted: Any = st.query_params.get("sort", "signed_on")
    return wanted if wanted in get_args(Sort) else "signed_on"


# ---------------------------------------------------------------------------------------------------------- rows


def _money(where: ContractFilter, total: dict[str, Any]) -> None:
    sums = figures(queries.contract_money, day=figures(today), where=where)
    figures_line(
        [
            Figure("contracts", spoken(total["contracts"], 0)),
            Figure("amount", amounts(total["amounts"], short=True)),
            Figure("received", amounts(sums["received"], short=True), say("Received and written off against a plan.")),
            Figure("outstanding", amounts(sums["outstanding"], short=True), say("Planned for signed contracts, not received.")),
            Figure(
                "overdue",
                amounts(sums["overdue"], short=True),
                say("Of that, what was due before today."),
                bad=any(sums["overdue"].values()),
            ),
        ],
        "contracts.sums",
    )


def _rows(where: ContractFilter, total: int) -> None:
    page, sort = page_of(total, SIZE), _sort()
    rows = load(
        queries.contract_list,
        day=figures(today),
        where=where,
        sort=sort,
        descending=sort not in ("number", "name", "ends_on"),
        page=page,
        size=SIZE,
    )
    currency = currency_of(me())
    columns = SHOWN if currency else [*SHOWN[:4], "currency", *SHOWN[4:]]
    chosen = table(rows, key=f"contracts.table.{page}.{hash((where, sort))}", columns=columns, currency=currency)
    if chosen.opened:
        go("contract", contract=chosen.opened)
    pager(total, SIZE, "contracts.page")


def _export(where: ContractFilter) -> None:
    day, applied = figures(today), where.model_dump(mode="json", exclude_defaults=True)
    labels = {name: label(name) for name in EXPORTED}
    export_button(
        "contracts",
        lambda session: queries.every_contract(session, day, where),
        labels,
        applied,
        area="contracts",
        key="contracts.export",
    )


def _nothing(where: ContractFilter) -> None:
    if where == EVERY_CONTRACT:
        empty("Here the signed contracts will stand, with what is owed for them. Win a deal and make its contract, or add one.")
    else:
        empty("No contract fits these filters.")
        st.button(
            say("Take all filters off"), on_click=write_filter, args=(EVERY_CONTRACT, KEEP), icon=":material/filter_alt_off:"
        )
