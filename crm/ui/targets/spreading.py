"""Many targets from a few: copied from a plan or from what was reached, split among those below or into months."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.analytics.errors import AnalyticsError
from crm.analytics.splitting import split
from crm.office.queries import today
from crm.targets.commands import Because, Copying, Splitting, copy_targets, split_target
from crm.targets.measures import rule_of
from crm.targets.models import PeriodKind, SubjectKind
from crm.targets.periods import MONTHS, first_day, last_day, within
from crm.targets.queries import Candidate, PlanFacts, TargetFilter, plans, targets
from crm.targets.queries.subjects import UNITS, Subject
from crm.ui.desk import act, figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.money import board_currency
from crm.ui.table import records
from crm.ui.targets.lines import possible
from crm.ui.targets.typed import Drawn, Typed
from crm.ui.targets.wording import amount, in_words, period_name
from crm.words import label, say

SOURCES = {"targets": "Targets of a plan", "actuals": "What was reached"}
LINES = {"units": "Boards and teams", "people": "People", "goods": "Products"}
KINDS: dict[str, tuple[SubjectKind, ...]] = {
    "units": UNITS,
    "people": (SubjectKind.PERSON,),
    "goods": (SubjectKind.PRODUCT, SubjectKind.CATEGORY),
}
WEIGHTS = {"equal": "Equal shares", "last_year": "As reached last year", "entered": "Own weights"}
INTO = {"subjects": "Those below", "month": "Its months", "quarter": "Its quarters"}


def spread(facts: PlanFacts, typed: Typed, drawn: Drawn, chosen: list[Candidate]) -> None:
    waits = say("Save or discard what is typed first.") if typed.values else None
    if st.button(say("Copy"), icon=":material/content_copy:", key="plan.copy", disabled=bool(waits), help=waits):
        title = say("{measure}: copy targets", measure=label(drawn.measure, of="measure"))
        open_dialog(title, copy_dialog, facts, typed, drawn, chosen, width="medium")
    if st.button(say("Split"), icon=":material/call_split:", key="plan.split", disabled=bool(waits), help=waits):
        title = say("{measure}: split a target", measure=label(drawn.measure, of="measure"))
        open_dialog(title, split_dialog, facts, typed, drawn, width="medium")


def because_of(facts: PlanFacts, key: str) -> Because | None:
    """Asked where the plan is approved; None while nothing is given."""
    if facts.is_draft:
        return None
    text = st.text_input(f"{label('reason')} *", key=key, max_chars=300, placeholder=say("Why does it change?"))
    return Because(reason=text) if text.strip() else None


def told_why(facts: PlanFacts, because: Because | None) -> bool:
    return facts.is_draft or because is not None or checked(Because, {"reason": ""}) is not None


# ----------------------------------------------------------------------------------------------------------- copy


def copy_dialog(facts: PlanFacts, typed: Typed, drawn: Drawn, chosen: list[Candidate]) -> None:
    source = st.segmented_control(
        say("Source of the values"),
        list(SOURCES),
        default="actuals",
        required=True,
        format_func=lambda one: say(SOURCES[one]),
        key="copy.source",
    )
    plan_id, days = _plan_and_days(facts, drawn) if source == "targets" else (None, _days_reached(facts, drawn))
    goals = within(drawn.period, PeriodKind.YEAR, dt.date(facts.year, 1, 1))
    left, middle, right = st.columns(3)
    names = {day: period_name(drawn.period, day, with_year=True) for day in [*days, *goals]}
    begin = left.selectbox(
        say("First period"),
        days,
        index=_usual_begin(days, len(goals)),
        format_func=names.__getitem__,
        key=f"copy.from.{source}.{plan_id}",
    )
    goal = middle.selectbox(say("It becomes"), goals, format_func=names.__getitem__, key="copy.to")
    most = min(len(goals) - goals.index(goal), len(days) - days.index(begin))
    count = right.number_input(say("How many periods"), 1, most, most, key=f"copy.count.{source}.{plan_id}.{most}")
    percents = _percents(source)
    subjects = _subjects(chosen)
    because = because_of(facts, "copy.reason")
    st.caption(say("What stands in these cells is replaced."))
    if st.button(say("Copy"), type="primary", icon=":material/content_copy:", key="copy.yes") and told_why(facts, because):
        about: dict[str, Any] = {"measure": drawn.measure, "period": drawn.period, "source": source, "from_plan_id": plan_id}
        about |= {"from_day": begin, "to_day": goal, "periods": int(count), "subjects": subjects}
        copying = checked(Copying, about | percents)
        if copying is not None:
            typed.forget()
            _run(copy_targets, facts.id, copying, because)


def _plan_and_days(facts: PlanFacts, drawn: Drawn) -> tuple[int, list[dt.date]]:
    known = {int(row.id): row for row in records(load(plans, board_id=facts.board_id))}
    earlier = [one for one, row in known.items() if row.year < facts.year]
    plan_id: int = st.selectbox(
        label("plan", of="target"),
        list(known),
        index=list(known).index(earlier[0] if earlier else facts.id),
        format_func=lambda one: known[one].name,
        key="copy.plan",
    )
    return plan_id, within(drawn.period, PeriodKind.YEAR, dt.date(int(known[plan_id].year), 1, 1))


def _days_reached(facts: PlanFacts, drawn: Drawn) -> list[dt.date]:
    """Periods that are over, of the last two years before this plan and of its own."""
    running = first_day(drawn.period, figures(today))
    years = [dt.date(year, 1, 1) for year in range(min(facts.year, running.year) - 2, facts.year + 1)]
    return [day for year in years for day in within(drawn.period, PeriodKind.YEAR, year) if day < running]


def _usual_begin(days: list[dt.date], many: int) -> int:
    """The last first day of a year after which as many periods are known as the plan's year has."""
    begins = [place for place, day in enumerate(days) if day.month == 1 and place + many <= len(days)]
    return (begins or [0])[-1]


def _percents(source: str) -> dict[str, Decimal | None]:
    cells = st.columns(3)
    found: dict[str, Decimal | None] = {}
    found["percent"] = _decimal(cells[0].number_input(say("Raised by %"), -99.0, 1000.0, 0.0, 1.0, key="copy.percent"))
    if source == "actuals":
        for cell, name in zip(cells[1:], ("stretch", "challenge"), strict=True):
            title = say("{level}: % above the base", level=label(name, of="target"))
            found[f"{name}_percent"] = _decimal(cell.number_input(title, 0.1, 1000.0, None, 1.0, key=f"copy.{name}"))
    return found


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _subjects(chosen: list[Candidate]) -> tuple[Subject, ...]:
    there = [name for name, kinds in KINDS.items() if any(one.kind in kinds for one in chosen)]
    picked = st.pills(
        say("For these lines of the grid"),
        there,
        selection_mode="multi",
        default=there,
        format_func=lambda one: say(LINES[one]),
        key="copy.kinds",
    )
    return tuple(one.subject for one in chosen if any(one.kind in KINDS[name] for name in picked))


def _run(command: Any, *arguments: Any) -> None:
    changed = act(in_words(command), *arguments, rerun=False)
    if changed is not None:
        act(_nothing, done="{count:target|targets} changed.", count=changed)


def _nothing(session: Any) -> None:
    """Only to tell what was changed, on the page drawn anew."""


# ---------------------------------------------------------------------------------------------------------- split


def split_dialog(facts: PlanFacts, typed: Typed, drawn: Drawn) -> None:
    found = load(targets, where=TargetFilter(plan_id=facts.id, measure=(drawn.measure,)))
    if found.empty:
        st.info(say("Nothing to split yet: type the target of a unit or a year first, and save."), icon=":material/info:")
        return
    whole = _whole(facts, drawn, found)
    into = _into(facts, drawn, whole)
    if into is None:
        return
    parts = _parts(facts, drawn, whole, into)
    weights = _weights(facts, drawn, whole, parts) if parts else None
    because = because_of(facts, "split.reason")
    sent = st.button(say("Split"), type="primary", icon=":material/call_split:", key="split.yes", disabled=weights is None)
    if sent and weights is not None and told_why(facts, because):
        about = {"into": "subjects", "subjects": tuple(parts)} if into == "subjects" else {"into": "periods", "grain": into}
        splitting = checked(Splitting, about | {"weights": weights})
        if splitting is not None:
            typed.forget()
            _run(split_target, int(whole.id), splitting, because)


def _whole(facts: PlanFacts, drawn: Drawn, found: pd.DataFrame) -> Any:
    rows = {int(row.id): row for row in records(found)}
    order = {one.subject: place for place, one in enumerate(possible(facts, drawn.measure))}
    length = {kind.value: months for kind, months in MONTHS.items()}

    def rank(one: int) -> tuple[int, int, dt.date]:
        row = rows[one]
        return order.get((row.subject_kind, int(row.subject_id)), len(order)), -length[row.period], row.starts_on

    names = {one: _named(facts, rows[one]) for one in sorted(rows, key=rank)}
    chosen = st.selectbox(say("Target to split"), list(names), format_func=names.__getitem__, key="split.whole")
    return rows[chosen]


def _named(facts: PlanFacts, row: Any) -> str:
    when = period_name(row.period, row.starts_on, with_year=True)
    return f"{row.subject} · {when} · {amount(row.measure, row.base, board_currency(me(), facts.board_id))}"


def _into(facts: PlanFacts, drawn: Drawn, whole: Any) -> str | None:
    below = _below(facts, drawn, whole)
    grains = {"month": ("quarter", "year"), "quarter": ("year",)}
    options = (["subjects"] if below else []) + [grain for grain, longer in grains.items() if whole.period in longer]
    if not options:
        st.info(say("Nobody stands below, and the period has no smaller ones: choose another target."), icon=":material/info:")
        return None
    return st.segmented_control(
        say("Into"),
        options,
        default=options[0],
        required=True,
        format_func=lambda one: say(INTO[one]),
        key=f"split.into.{whole.id}",
    )


def _below(facts: PlanFacts, drawn: Drawn, whole: Any) -> list[Candidate]:
    subject = (whole.subject_kind, int(whole.subject_id))
    return [one for one in possible(facts, drawn.measure) if one.above and one.above[0] == subject]


def _parts(facts: PlanFacts, drawn: Drawn, whole: Any, into: str) -> list[Any]:
    """Subjects, or first days."""
    if into != "subjects":
        return within(into, whole.period, whole.starts_on)
    below = {one.subject: one for one in _below(facts, drawn, whole)}
    units = [one for one in below if one[0] in UNITS]
    chosen: list[Subject] = st.multiselect(
        say("Among"),
        list(below),
        default=units or list(below),
        format_func=lambda one: below[one].name,
        key=f"split.among.{whole.id}",
        placeholder=say("Choose"),
    )
    return chosen


def _weights(facts: PlanFacts, drawn: Drawn, whole: Any, parts: list[Any]) -> Any:
    """As the command wants them; None while they make no sense."""
    if not rule_of(drawn.measure).adds_up:
        st.caption(say("Marks are not divided: each part gets the whole."))
        return "equal"
    since = whole.starts_on - relativedelta(years=1)
    over = last_day(whole.period, since) < first_day(PeriodKind.MONTH, figures(today))
    how = st.segmented_control(
        say("Shares"),
        list(WEIGHTS),
        default="last_year" if over else "equal",
        required=True,
        format_func=lambda one: say(WEIGHTS[one]),
        key="split.how",
    )
    if how == "last_year":
        st.caption(say("By what each part reached in the same months of the year before; it is exact to the last cent."))
        return "last_year"
    names = [_part_name(facts, drawn, one) for one in parts]
    given = [1.0] * len(parts)
    if how == "entered":
        given = _typed_weights(names, f"split.weights.{whole.id}.{len(parts)}.{hash(tuple(names))}")
    try:
        shares = split(Decimal(str(whole.base)), [Decimal(str(one)) for one in given], rule_of(drawn.measure).unit)
    except AnalyticsError as error:
        st.warning(say(error.template, **error.values), icon=":material/warning:")
        return None
    currency = board_currency(me(), facts.board_id)
    told = [f"{name} {amount(drawn.measure, float(share), currency)}" for name, share in zip(names, shares, strict=True)]
    st.caption(" · ".join(told))
    return "equal" if how == "equal" else tuple(Decimal(str(one)) for one in given)


def _part_name(facts: PlanFacts, drawn: Drawn, part: Any) -> str:
    if isinstance(part, dt.date):
        return period_name(PeriodKind.MONTH, part)
    return next(one.name for one in possible(facts, drawn.measure) if one.subject == part)


def _typed_weights(names: list[str], key: str) -> list[float]:
    edited = st.data_editor(
        pd.DataFrame({"part": names, "weight": 1.0}),
        key=key,
        hide_index=True,
        row_height=30,
        width=420,
        column_config={
            "part": st.column_config.TextColumn(label("subject", of="target"), disabled=True),
            "weight": st.column_config.NumberColumn(label("weight"), format="localized", min_value=0.0),
        },
    )
    return [float(one) if pd.notna(one) else 0.0 for one in edited["weight"]]


__all__ = ["because_of", "copy_dialog", "split_dialog", "spread", "told_why"]
