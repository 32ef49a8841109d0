"""The lists of quotes: filters in the address, sums of what is shown, fifty rows; a row opens its deal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.access import Reach
from crm.pipeline.queries import QuoteFilter, quote_list, quote_totals
from crm.pipeline.queries.quotes import LIVING
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import figures, go, load, me
from crm.ui.exporter import export_button
from crm.ui.money import amounts, currency_of, in_one_currency
from crm.ui.paging import page_of, pager
from crm.ui.quotes.of_deal import labels
from crm.ui.quotes.states import STATES, readable, state_text
from crm.ui.show import empty
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import number as spoken

SIZE = 50
COLUMNS = ("quote", "quote_state", "customer", "amount", "discount_percent", "valid_until", "sent_at", "made_by", "opportunity")
OPEN = tuple(state.value for state in LIVING)


@st.fragment
def open_quotes() -> None:
    """Those that may still become something; mine at first, where a person sees more than his own."""
    where = QuoteFilter(state=OPEN, mine=_only_mine())
    if _sees_others():
        st.segmented_control(
            say("Whose"),
            ["mine", "all"],
            default="mine" if where.mine else "all",
            required=True,
            key="quotes.whose",
            format_func=lambda code: say("Mine") if code == "mine" else say("All I see"),
            label_visibility="collapsed",
            on_change=_whose_chosen,
        )
    rows(where, "quotes.open", "No quote is open. A quote begins on the page of its deal, under Products and quotes.")


def _sees_others() -> bool:
    return me().actor.grant("pipeline").see > Reach.OWN


def _only_mine() -> bool:
    return _sees_others() and st.query_params.get("whose") == "mine"


def _whose_chosen() -> None:
    st.query_params["whose"] = st.session_state["quotes.whose"]
    st.query_params.pop("page", None)


@st.fragment
def all_quotes() -> None:
    where = read_filter(QuoteFilter)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _filters(where)
        st.space("stretch")
        applied = where.model_dump(mode="json", exclude_defaults=True)
        heads = {name: label(name) for name in COLUMNS} | labels() | {"currency": label("currency")}
        export_button("quotes", lambda session: _exported(session, where), heads, applied, area="pipeline")
    nothing = "No quote yet. A quote begins on the page of its deal, under Products and quotes."
    rows(where, "quotes.all", nothing if where == QuoteFilter() else "No quote fits these filters.")


def _exported(session: Any, where: QuoteFilter) -> Any:
    return readable(quote_list(session, where, size=200_000))


def _filters(where: QuoteFilter) -> None:
    state = st.session_state
    state["quotes.search"], state["quotes.state"] = where.search, list(where.state)
    state["quotes.from"], state["quotes.to"], state["quotes.mine"] = where.sent_from, where.sent_to, where.mine
    st.text_input(
        say("Search"),
        key="quotes.search",
        type="search",
        live=True,
        width=200,
        icon=":material/search:",
        placeholder=say("Number, deal, customer"),
        on_change=_changed,
    )
    st.multiselect(
        label("state"),
        list(STATES),
        key="quotes.state",
        width=230,
        format_func=state_text,
        placeholder=say("Any"),
        on_change=_changed,
    )
    days: dict[str, Any] = {"min_value": dt.date(1970, 1, 1), "max_value": dt.date(2100, 12, 31), "format": "YYYY-MM-DD"}
    st.date_input(say("Sent from"), key="quotes.from", value=None, width=150, on_change=_changed, **days)
    st.date_input(say("Sent until"), key="quotes.to", value=None, width=150, on_change=_changed, **days)
    if _sees_others():
        st.toggle(say("Mine"), key="quotes.mine", on_change=_changed)


def _changed() -> None:
    state = st.session_state
    chosen = {"search": (state["quotes.search"] or "").strip(), "state": tuple(state["quotes.state"] or ())}
    chosen |= {"sent_from": state["quotes.from"], "sent_to": state["quotes.to"], "mine": bool(state.get("quotes.mine"))}
    write_filter(QuoteFilter.model_validate(read_filter(QuoteFilter).model_dump() | chosen), ("view",))


def rows(where: QuoteFilter, key: str, template: str) -> None:
    totals = figures(quote_totals, where=where)
    told("quotes", {"count": totals["quotes"], **in_one_currency("amount", totals["amounts"])})
    if not totals["quotes"]:
        empty(template)
        return
    listed = amounts(totals["list_amounts"])
    shown = {"count": spoken(totals["quotes"], 0), "amount": amounts(totals["amounts"]), "listed": listed}
    st.markdown(say("**{count}** quotes · {amount} · {listed} at list price", **shown))
    page = page_of(totals["quotes"], SIZE)
    found = readable(load(quote_list, where=where, page=page, size=SIZE))
    own = currency_of(me())
    columns = COLUMNS if own else (*COLUMNS[:4], "currency", *COLUMNS[4:])
    chosen = table(
        found.assign(quote_id=found["id"], id=found["opportunity_id"]),
        key=f"{key}.{page}.{hash(where)}",
        columns=columns,
        labels=labels(),
        currency=own,
    )
    if chosen.opened:
        go("opportunity", opportunity=chosen.opened)
    pager(totals["quotes"], SIZE, f"{key}.page")
