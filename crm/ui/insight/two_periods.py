"""The same customers in two periods: who stayed at the top, who rose, and who made the change in revenue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from crm.charts import concentration as charts
from crm.insight.queries import Population
from crm.insight.queries import concentration as asked
from crm.insight.queries.concentration import Spans
from crm.ui.desk import figures, go
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import newly, one, pick
from crm.ui.insight.lab import Lab, show_ids, told
from crm.ui.show import empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import change, date_short, number, percent, short_money


@dataclass(frozen=True)
class TopLab(Lab):
    """`population` holds the days of the period that is looked at."""

    top: float = 0.2
    months: int | None = None
    """None: all that is known, in halves."""

    @property
    def whole(self) -> Population:
        """Without a beginning: for two periods."""
        return self.population.model_copy(update={"since": None})


def _two_periods(lab: TopLab) -> tuple[Spans, asked.Stability] | None:
    """The two periods and what became of the customers between them; tells why where there is nothing to compare."""
    spans = figures(asked.spans_of, population=lab.whole, as_of=lab.day, months=lab.months)
    found = figures(asked.stability, population=lab.whole, spans=spans, top=lab.top) if spans else None
    if spans is None or found is None:
        empty("There are no purchases in the period before. Choose a shorter period: two of them must lie within the data.")
        return None
    return spans, found


def _scope_of(lab: TopLab, spans: Spans) -> str:
    return say(
        "{board} · {first} to {middle} against {start} to {last}",
        board=lab.board.name,
        first=date_short(spans.before_from),
        middle=date_short(spans.before_to),
        start=date_short(spans.after_from),
        last=date_short(spans.after_to),
    )


def _two_period_sign(lab: TopLab, spans: Spans, n: int, key: str, definition: str) -> None:
    both = lab.population.model_copy(update={"since": spans.before_from})
    about(
        key,
        definition=definition,
        rows=partial(asked.two_period_rows, population=lab.whole, spans=spans, top=lab.top),
        columns=("code", "customer", "was", "now", "orders_before", "orders_after", "revenue_before", "revenue_after"),
        **told(lab, n, both) | {"scope": _scope_of(lab, spans)},
    )


def stability(lab: TopLab) -> None:
    compared = _two_periods(lab)
    if compared is None:
        return
    spans, found = compared
    facts = found.figures
    sign = titled(
        "{still} of the {top} best stayed at the top; {below} of the next period's revenue came from outside it",
        "concentration.stability",
        still=number(facts.still_top, 0),
        top=number(facts.top_customers, 0),
        below=percent(1 - facts.share_revenue_after),
    )
    with sign:
        definition = say(
            "Where the customers stood in the first period and where in the second: top, below it, or not buying. Part of "
            "every top group is luck: a big order puts a customer there for one period. Whoever serves the top alone does not "
            "see those who rise."
        )
        _two_period_sign(lab, spans, int(found.standing["customers"].sum()), "concentration.stability", definition)
    clicked = show(charts.standing(found.standing), key="concentration.standing")
    st.caption(_scope_of(lab, spans))
    if clicked and newly("concentration.standing", tuple(clicked[0])):
        pick(was=clicked[0][0], now=clicked[0][1])
    was, now = st.query_params.get("was", ""), st.query_params.get("now", "")
    if was in charts.BEFORE and now in charts.AFTER:
        ids = figures(asked.standing_customers, population=lab.whole, spans=spans, top=lab.top, was=(was,), now=(now,))
        show_ids(lab, f"{label(charts.WAS[was])} → {label(charts.NOW[now])}", ids)
    _risers(lab, found)


def _risers(lab: TopLab, found: asked.Stability) -> None:
    rows = found.risers
    if rows.empty:
        heading("Nobody from below the top bought more than before")
        return
    heading(
        "On the way up: {count:customer|customers} from below the top, the best {amount} more than before",
        count=found.rising,
        amount=short_money(rows.iloc[0]["change"], lab.board.currency),
    )
    chosen = table(
        rows,
        key="concentration.risers",
        columns=["name", "revenue_before", "revenue_after", "change", "place_before", "place_now", "in_top"],
        currency=lab.board.currency,
        height=320,
    )
    if chosen.opened:
        go("customer", customer=chosen.opened)


def revenue_change(lab: TopLab) -> None:
    compared = _two_periods(lab)
    if compared is None:
        return
    spans, found = compared
    rows = found.change.set_index("group")
    changes = dict(zip(found.change["group"], found.change["change"].tolist(), strict=True))
    before, after = float(rows["revenue_before"].sum()), float(rows["revenue_after"].sum())
    most = max(changes, key=lambda group: abs(changes[group]))
    text, _ = change(after, before)
    values = {"change": text, "amount": short_money(abs(changes[most]), lab.board.currency)}
    with titled(MOST[most, changes[most] >= 0], "concentration.change", **values):
        definition = say(
            "The change in revenue between two periods of equal length: what customers took away who stopped, what those "
            "brought or took who stayed, and what new ones brought. (Fader, Hardie, Ross: The Customer-Base Audit, lens 2.)"
        )
        _two_period_sign(lab, spans, int(rows["customers"].sum()), "concentration.change", definition)
    steps = [
        ("before", before),
        *((name, changes[name]) for name in ("lost", "kept", "joined")),
        ("after", after),
    ]
    clicked = show(charts.revenue_change(pd.DataFrame(steps, columns=["step", "amount"])), key="concentration.change.chart")
    st.caption(_scope_of(lab, spans))
    if clicked and newly("concentration.change", str(one(clicked[0]))):
        pick(step=one(clicked[0]))
    step = st.query_params.get("step", "")
    if step in STANDING:
        was, now = STANDING[step]
        ids = figures(asked.standing_customers, population=lab.whole, spans=spans, top=lab.top, was=was, now=now)
        show_ids(lab, label(charts.STEP[step]), ids)
    shown = found.change.assign(id=range(3), change_group=[label(charts.STEP[name]) for name in found.change["group"]])
    chosen = table(
        shown,
        key="concentration.change_table",
        columns=["change_group", "customers", "orders_before", "orders_after", "revenue_before", "revenue_after", "change"],
        labels={"change_group": label("customers")},
        currency=lab.board.currency,
    )
    if chosen.opened is not None and newly("concentration.change_table", chosen.opened):
        pick(step=shown.loc[chosen.opened, "group"])


MOST = {
    ("lost", False): "Revenue {change}; most of it because customers stopped: {amount} less",
    ("kept", True): "Revenue {change}; most of it because customers who stayed bought more: {amount}",
    ("kept", False): "Revenue {change}; most of it because customers who stayed bought less: {amount}",
    ("joined", True): "Revenue {change}; the most weight have new customers: {amount} more",
    ("lost", True): "Revenue {change}; nobody stopped",
}
STANDING = {
    "before": (("top", "below"), charts.AFTER),
    "after": (charts.BEFORE, ("top", "below")),
    "lost": (("top", "below"), ("gone",)),
    "kept": (("top", "below"), ("top", "below")),
    "joined": (("joined",), ("top", "below")),
}
