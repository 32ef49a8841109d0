"""How a customer is served: his cases, complaints, marks and visits, and what he thinks of it. The tab "Service" of his page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.pipeline.queries.deals import moment
from crm.support import queries
from crm.support.filters import CaseFilter
from crm.support.models import CaseKind
from crm.ui.address import parameters
from crm.ui.contracts.sums import Figure, figures_line
from crm.ui.desk import figures, go, load
from crm.ui.show import empty, heading
from crm.ui.support.feedback import feedback_of
from crm.ui.support.mood import ICONS, mood_word, reasons, service_found
from crm.ui.support.new_case import new_case_button
from crm.ui.support.remaining import time_left
from crm.ui.support.visits import firm_zone
from crm.ui.table import records, table
from crm.words import label, say
from crm.words.formats import number

OPEN = ["number", "title", "state", "priority", "owner", "time_left", "opened_at"]
PAST = ["number", "title", "kind", "cause", "opened_at", "solved_at", "made_sla"]
COMPLAINTS = ["number", "title", "complaint_class", "state", "product", "opened_at", "solved_at"]
SHOWN = 20


def cases_of(customer_id: int, key: str = "service") -> None:
    """Open cases first, then complaints, past cases, marks, visits."""
    found = service_found(customer_id)
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.head"):
        st.markdown(f"{ICONS[found.mood]} **{mood_word(found)}**", width="content")
        for why in reasons(found):
            st.caption(why, width="content")
        st.space("stretch")
        new_case_button(f"{key}.new", customer_id)
    everything = figures(queries.totals, where=CaseFilter(customer_id=(customer_id,)))
    if not everything["cases"]:
        empty("No case yet. When this customer calls with a fault, a question or a complaint, New case writes it down.")
    else:
        _sums(found, everything, key)
        _open(customer_id, key)
        _complaints(customer_id, key)
        _past(customer_id, key)
    feedback_of(customer_id=customer_id, key=f"{key}.feedback")
    _visits(customer_id, key)


def _sums(found: queries.Service, everything: dict[str, int], key: str) -> None:
    year = say("Within the last year.")
    mark = f"{number(found.csat, 1)} / 5" if found.csat is not None else "–"
    shown = [
        Figure("open_cases", str(everything["open"])),
        Figure("cases", str(everything["cases"]), note=say("{count} within a year", count=found.cases)),
        Figure("complaints", str(found.complaints), year, bad=bool(found.open_complaints)),
        Figure("missed_sla", str(found.late), say("Solved later than promised, within the last year."), bad=found.late > 0),
        Figure("satisfaction", mark, say("Mean of the marks of the last year, 5 is the best."), bad=bool(found.low_marks)),
    ]
    figures_line(shown, f"{key}.sums")


def _open(customer_id: int, key: str) -> None:
    where = CaseFilter(customer_id=(customer_id,), open=True)
    rows = load(queries.case_list, where=where, sort="priority", descending=False, size=SHOWN)
    if rows.empty:
        return
    heading("{count:open case|open cases}", count=figures(queries.totals, where=where)["cases"])
    now = figures(moment)
    _table(rows.assign(time_left=[time_left(row, now) for row in records(rows)]), f"{key}.open", OPEN, where)


def _complaints(customer_id: int, key: str) -> None:
    """Kept with the customer for good."""
    where = CaseFilter(customer_id=(customer_id,), kind=(CaseKind.COMPLAINT.value,))
    count = figures(queries.totals, where=where)["cases"]
    if not count:
        return
    heading("{count:complaint|complaints}, all kept with the customer", count=count)
    _table(load(queries.case_list, where=where, size=SHOWN), f"{key}.complaints", COMPLAINTS, where)


def _past(customer_id: int, key: str) -> None:
    where = CaseFilter(customer_id=(customer_id,), open=False)
    rows = load(queries.case_list, where=where, sort="solved_at", size=SHOWN)
    if not rows.empty:
        heading("Past cases")
        _table(rows, f"{key}.past", PAST, where)


def _here(rows: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Moments as the clocks of the firm show them."""
    zone = firm_zone()
    return rows.assign(**{name: rows[name].dt.tz_convert(zone).dt.tz_localize(None) for name in names})


def _table(rows: pd.DataFrame, key: str, columns: list[str], where: CaseFilter) -> None:
    names = {"made_sla": say("Solved in time"), "time_left": say("Next"), "title": label("subject"), "owner": label("agent")}
    shown = _here(rows, "opened_at", "solved_at").assign(title=rows["subject"])
    chosen = table(shown, key=f"{key}.table", columns=columns, labels=names)
    if chosen.opened:
        go("case", case=chosen.opened)
    if len(rows) == SHOWN and st.button(say("All in the list"), key=f"{key}.all", type="tertiary"):
        go("cases", show="list", **parameters(where))


def _visits(customer_id: int, key: str) -> None:
    rows = load(queries.visits, customer_id=customer_id)
    if rows.empty:
        return
    coming = rows[rows["state"] == "planned"]
    if len(coming):
        heading("{count:visit|visits} planned", count=len(coming))
    else:
        heading("{count:visit|visits} so far", count=len(rows))
    columns = ["planned_at", "state", "technician", "number", "title", "result"]
    shown = _here(rows, "planned_at").assign(title=rows["subject"]).iloc[::-1]
    chosen = table(shown, key=f"{key}.visits", columns=columns, labels={"title": label("subject")})
    if chosen.opened:
        cases = dict(zip(rows["id"], rows["case_id"], strict=True))
        go("case", case=cases[chosen.opened])
