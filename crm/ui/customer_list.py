"""The list of customers: saved views as tabs, filters, figures of what is shown, fifty rows, actions on ticked rows."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from crm.customers import commands, queries
from crm.customers.commands import Assignment, CustomerDetails, Sharing
from crm.customers.filters import CustomerFilter, Sort
from crm.customers.queries.listing import COLUMNS, USUAL
from crm.errors import CrmError
from crm.office.queries import custom_fields
from crm.staff.queries import colleagues, units
from crm.ui.address import parameters, read_filter
from crm.ui.customer_filters import chips, more_filters, quick_filters
from crm.ui.customer_statistics import list_or_statistics
from crm.ui.desk import act, figures, go, in_scope, load, me, tell
from crm.ui.dialog import open_dialog
from crm.ui.exporter import export_button
from crm.ui.form import form
from crm.ui.money import amounts, currency_of, in_one_currency
from crm.ui.paging import page_of, pager
from crm.ui.quick_log import log_dialog, may_log, undo_log
from crm.ui.shape import columns_of, order_and_columns, sort_of
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tags import tag_dialog
from crm.ui.tile import told
from crm.ui.views import Address, saved_views
from crm.words import label, say
from crm.words.formats import number as spoken

SIZE = 50
PAGE = "customers"


def customer_list() -> None:
    """Everything below the top line; a fragment, so that typing and paging redraw the list alone."""
    where = read_filter(CustomerFilter)
    with st.container(horizontal=True, vertical_alignment="center"):
        _views(where)
        st.space("stretch")
        list_or_statistics()
        _new_customer()
    with st.container(horizontal=True, vertical_alignment="center"):
        quick_filters(where)
        panel = st.popover(say("Filters"), icon=":material/tune:", key="customers.filters", on_change="rerun")
        if panel.open:
            with panel:
                more_filters(where)
        _order_and_columns()
        _export(where)
    _figures(where)
    _rows(where)


def _views(where: CustomerFilter) -> None:
    """All, mine, and the views a person saved."""
    fixed: dict[str, tuple[str, Address]] = {
        "all": (say("All"), {}),
        "mine": (say("Mine"), {"owner_id": [str(me().user_id)]}),
        "never": (say("Never ordered"), {"stage": ["potential"], "sort": "created_at"}),
    }
    if me().actor.may("assign", "customers"):
        fixed["orphaned"] = (say("Owner gone"), {"owner_gone": "true"})
    sort = st.query_params.get("sort")
    saved_views(PAGE, fixed, lambda: {"filter": parameters(where), "sort": sort, "columns": _columns()})


def _columns() -> tuple[str, ...]:
    """Those of the view, else those I chose, else the usual ones."""
    own = figures(custom_fields, subject_type="customer")
    known = set(COLUMNS) | {f"custom:{spec.key}" for spec in own}
    in_list = tuple(f"custom:{spec.key}" for spec in own if spec.in_list)
    currencies = ("currency",) if currency_of(me()) is None else ()
    return columns_of(known, (*USUAL, *currencies, *in_list))


def _labels() -> dict[str, str]:
    """Of the columns whose name is not their title."""
    own = {f"custom:{spec.key}": str(spec) for spec in figures(custom_fields, subject_type="customer")}
    return own | {"p_alive": say("P(alive)")}


def _order_and_columns() -> None:
    labels = _labels()
    names = [name for name in dict.fromkeys((*COLUMNS, *labels)) if name != "id"]
    order_and_columns(PAGE, get_args(Sort), _sort(), names, _columns(), labels)


def _sort() -> tuple[Sort, bool]:
    return sort_of(get_args(Sort), "last_order_on")


def _export(where: CustomerFilter) -> None:
    columns = _columns()
    own = _labels()
    labels = {name: own.get(name) or label(name) for name in columns}
    applied = where.model_dump(mode="json", exclude_defaults=True)
    export_button("customers", lambda session: queries.export_rows(session, where, columns), labels, applied)


def _figures(where: CustomerFilter) -> None:
    totals = figures(queries.customer_totals, where=where)
    sums = {"count": totals["customers"], "orders": totals["orders"], **in_one_currency("amount", totals["amounts"])}
    if where.risk_from is not None:
        sums |= in_one_currency("value_at_risk", figures(queries.value_at_risk, where=where))
    told(PAGE, sums)
    with st.container(horizontal=True, vertical_alignment="center", key="customers.figures"):
        st.markdown(
            say(
                "**{customers}** customers · **{orders}** orders · {amount}",
                customers=spoken(totals["customers"], 0),
                orders=spoken(totals["orders"], 0),
                amount=amounts(totals["amounts"]),
            ),
            width="content",
        )
        chips(where)
        undo_log("customers.log")


def _rows(where: CustomerFilter) -> None:
    total = figures(queries.customer_totals, where=where)["customers"]
    if not total:
        _nothing(where)
        return
    page = page_of(total, SIZE)
    sort, descending = _sort()
    columns = _columns()
    rows = load(queries.customer_list, where=where, sort=sort, descending=descending, page=page, size=SIZE, columns=columns)
    actions = st.container()
    chosen = table(
        rows,
        key=f"customers.table.{page}.{hash((where, sort, descending, columns))}",
        columns=columns,
        labels=_labels() | {"orders_by_month": say("12 months")},
        currency=currency_of(me()),
        many=True,
        press=say("Log") if may_log() else None,
        press_last=True,
    )
    if chosen.opened:
        go("customer", customer=chosen.opened)
    if chosen.pressed:
        log_dialog("customer", chosen.pressed, str(rows.loc[rows["id"] == chosen.pressed, "name"].iloc[0]))
    if chosen.ticked:
        with actions:
            _actions(chosen.ticked, where, total)
    pager(total, SIZE, "customers.page")


def _nothing(where: CustomerFilter) -> None:
    if where == CustomerFilter():
        empty("Here your customers will stand. Add the first one, or import a list: Import and export.")
    else:
        empty("No customer fits these filters.")
        st.button(say("Take all filters off"), on_click=st.query_params.clear, icon=":material/filter_alt_off:")


# --------------------------------------------------------------------------------------------------- actions


def _new_customer() -> None:
    if me().actor.grant("customers").change and st.button(
        say("New customer"), type="primary", icon=":material/add:", key="customers.new", shortcut="Alt+N"
    ):
        open_dialog(say("New customer"), new_customer)


def new_customer() -> None:
    """The few fields that a first entry needs; everything else waits on the record."""
    names = ["name", "kind", "phone", "email", "region", "industry", "source", "level"]
    details = form(CustomerDetails, key="customers.new_form", only=names, save="Add")
    knowing = st.session_state.get("customers.collision")
    if details is not None:
        try:
            created = in_scope(_add, details, knowing == details.name)
        except CrmError as error:
            st.session_state["customers.collision"] = details.name
            tell(error)
            _show_collisions(details)
            return
        st.session_state.pop("customers.collision", None)
        go("customer", customer=created)


def _add(session: Any, details: CustomerDetails, knowing: bool) -> int:
    customer = commands.add_customer(session, details, knowing=knowing)
    return customer.id


def _show_collisions(details: CustomerDetails) -> None:
    found = in_scope(queries.collisions, details.name, details.phone, details.email)
    if len(found):
        table(found.drop(columns="id"), key="customers.collisions", opens=False)


def _actions(ids: list[int], where: CustomerFilter, total: int) -> None:
    """What can be done with the ticked rows, or with all that the filter finds."""
    actor = me().actor
    with st.container(horizontal=True, vertical_alignment="center", key="customers.actions"):
        st.markdown(say("**{count}** chosen", count=len(ids)), width="content")
        if total > len(ids) and total <= 10_000 and st.toggle(say("all {count} found", count=total), key="customers.everything"):
            ids = in_scope(queries.customer_ids, where)
        if actor.may("assign", "customers") and st.button(say("Assign"), icon=":material/swap_horiz:", key="customers.assign"):
            open_dialog(say("Assign {count:customer|customers}", count=len(ids)), assign_dialog, ids, width="small")
        if actor.grant("office").change and st.button(say("Tag"), icon=":material/sell:", key="customers.tag"):
            open_dialog(say("Tag {count:customer|customers}", count=len(ids)), tag_dialog, "customer", ids, width="small")
        if actor.may("share", "customers") and st.button(say("Share"), icon=":material/share:", key="customers.share"):
            open_dialog(say("Share {count:customer|customers}", count=len(ids)), share_dialog, ids, width="small")
        if (
            actor.may("merge", "customers")
            and len(ids) == 2
            and st.button(say("Merge"), icon=":material/merge:", key="customers.merge")
        ):
            go("duplicates", keep=ids[0], merge=ids[1])
        if actor.may("delete", "customers") and st.button(say("Delete"), icon=":material/delete:", key="customers.delete"):
            open_dialog(say("Delete {count:customer|customers}", count=len(ids)), delete_dialog, ids, width="small")


def assign_dialog(ids: list[int]) -> None:
    people = load(colleagues)
    to = form(
        Assignment,
        key="customers.assign_form",
        choices={"owner_id": dict(zip(people["id"], people["name"], strict=True))},
        columns=1,
        save="Assign",
    )
    if to:
        act(commands.assign, ids, to, done="Assigned. The former owner stays in the history.")


def share_dialog(ids: list[int]) -> None:
    people, teams = load(colleagues), load(units)
    choices = {
        "user_id": dict(zip(people["id"], people["name"], strict=True)),
        "unit_id": dict(zip(teams["id"], teams["path"], strict=True)),
    }
    st.caption(say("With one person or with one unit and all below it."))
    to = form(Sharing, key="customers.share_form", choices=choices, columns=1, save="Share")
    if to:
        act(_share_all, ids, to, done="Shared.")


def _share_all(session: Any, ids: list[int], to: Sharing) -> None:
    for customer_id in ids:
        commands.share(session, customer_id, to)


def delete_dialog(ids: list[int]) -> None:
    totals = in_scope(queries.customer_totals, CustomerFilter(ids=tuple(ids)))
    st.markdown(
        say(
            "{orders:order hangs|orders hang} on them. Nothing is lost: whoever may delete can restore them under Deleted.",
            orders=totals["orders"],
        )
    )
    if st.button(say("Delete"), type="primary", key="customers.delete_yes"):
        act(commands.delete_customers, ids, done="Deleted. Restore them under Duplicates, Deleted.")
