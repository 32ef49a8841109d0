"""Who stands where: by the share of the target that is reached; those beyond one's own role as one line."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.charts import targets as charts
from crm.staff.sign_in import SignedIn
from crm.targets import queries
from crm.targets.models import SubjectKind
from crm.targets.queries import Leaderboard
from crm.targets.queries.subjects import Subjects
from crm.ui.desk import figures, go
from crm.ui.insight.about import about, titled
from crm.ui.show import Built, empty, show
from crm.ui.table import records, table
from crm.ui.targets.attainment import no_plan
from crm.ui.targets.controls import Asked, asked
from crm.ui.targets.every import ROW
from crm.ui.targets.wording import inside, unit_of
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import percent

COLUMNS = ["rank", "whom", "unit", "attained", "reached", "aimed", "ahead_of_pace"]


def leaderboard(person: SignedIn) -> None:
    of = asked(person, "leaderboard", every=False)
    if of is None:
        no_plan(person)
        return
    kind = of.kinds[0]
    asked_for = {"plan_id": int(of.plan.id), "measure": of.measure, "period": of.period, "starts_on": of.starts_on}
    told = figures(queries.leaderboard, **asked_for, kind=kind)
    if not told.places:
        empty(
            "Nobody has a target of {measure} in {period}. Choose another measure or period above.",
            measure=inside(of.measure),
            period=of.span,
        )
        return
    _title(of, told, kind)
    if len(told.mine):
        _rows(of, told)
    if told.others:
        _others(of, told)


def _own(of: Asked, row: Any) -> bool:
    actor = of.person.actor
    if row.subject_kind == SubjectKind.PERSON:
        return bool(row.subject_id == of.person.user_id)
    return bool(row.subject_id in actor.team_ids | actor.above_ids)


def _title(of: Asked, told: Leaderboard, kind: str) -> None:
    values = {"measure": label(of.measure, of="measure"), "period": of.span, "places": told.places}
    own = next((row for row in records(told.mine) if kind == SubjectKind.PERSON and _own(of, row)), None)
    first = records(told.mine)[0] if len(told.mine) else None
    if own is not None:
        template, values = "You are number {rank} of {places} in {measure} in {period}", values | {"rank": int(own.rank)}
    elif first is not None and first.share == first.share:
        template = "{name} leads in {measure} in {period} with {share} of the target"
        values |= {"name": first.subject, "share": percent(first.share, 0)}
    else:
        template = "{places:place|places} in {measure} in {period}"
    with titled(template, "leaderboard", **values):
        definition = say(
            "Ranked by what is reached of the base target, among all who have one. The pace is that of the working days."
        )
        about("leaderboard", definition=definition, scope=f"{literal(of.board.name)} · {of.span}", as_of=of.day, n=told.places)


def _rows(of: Asked, told: Leaderboard) -> None:
    units = figures(_unit_names)
    mine = told.mine
    names = [f"{row.subject} ◂" if _own(of, row) else row.subject for row in records(mine)]
    shown = mine.assign(subject=names, whom=names, unit=mine["team_id"].map(units), attained=mine["share"] * 100)
    shown = shown.assign(reached=mine["actual"], aimed=mine["base"], ahead_of_pace=mine["ahead"])
    left, right = st.columns([4, 7], gap="small")
    with left:
        picked = show(Built(charts.bullet, shown, row=ROW, head=ROW), key="leaderboard.chart")
    unit = unit_of(of.measure, of.board.currency)
    labels = {"aimed": f"{label('base', of='target')} {unit}".strip(), "reached": f"{label('actual')} {unit}".strip()}
    labels |= {
        "whom": label("subject", of="target"),
        "unit": say("Team"),
        "attained": say("Attainment"),
        "ahead_of_pace": say("Ahead of the pace"),
        "rank": say("Rank"),
    }
    with right:
        opened = table(shown, key="leaderboard.table", columns=COLUMNS, labels=labels).opened
    chosen = opened or (picked[0][0] if picked and isinstance(picked[0], list | tuple) else picked[0] if picked else None)
    if chosen:
        go("targets", **of.address(pick=int(chosen)))


def _unit_names(session: Any) -> dict[int, str]:
    return {one: row[0] for one, row in Subjects.of(session).units.items()}


def _others(of: Asked, told: Leaderboard) -> None:
    share = told.others_actual / told.others_base if told.others_base else None
    values = {"actual": of.amount(of.measure, told.others_actual), "base": of.amount(of.measure, told.others_base)}
    text = say("and {count:other|others}: {actual} of {base} ({share})", count=told.others, share=percent(share, 0), **values)
    with st.container(border=True, key="leaderboard.others"):
        st.markdown(f":gray[:material/group:] {text}", help=say("Your role sees their sum, not their names."))


__all__ = ["leaderboard"]
