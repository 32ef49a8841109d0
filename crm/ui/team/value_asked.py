"""What the value side goes by: the board, whose customers, between which two days. All of it stands in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from crm.staff.sign_in import Board, SignedIn
from crm.targets import queries
from crm.ui.boards import one_board
from crm.ui.desk import figures, load
from crm.ui.insight.cohort_controls import option
from crm.ui.show import empty
from crm.ui.team.controls import day_list
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import date_short, short_money

ALL = "all"
QUARTER = dt.timedelta(89)


@dataclass(frozen=True)
class Asked:
    board: Board
    before: dt.date
    after: dt.date
    everybody: pd.DataFrame
    """The changes of all whom the person appraises."""
    changes: pd.DataFrame
    """Those of the chosen ones."""
    people: pd.DataFrame
    """All who are appraised and have a change or sold something: person_id, person, unit_id, unit, and their volume."""
    whose: str
    """all, unit-<id> or person-<id>"""
    name: str

    @property
    def since(self) -> dt.date:
        """The first day on which something counts."""
        return self.before + dt.timedelta(1)

    @property
    def scope(self) -> str:
        days = {"first": date_short(self.before), "last": date_short(self.after)}
        return say("{board} · {whose} · {first} to {last}", board=literal(self.board.name), whose=literal(self.name), **days)

    @property
    def person_id(self) -> int | None:
        kind, _, number = self.whose.partition("-")
        return int(number) if kind == "person" else None

    def money(self, amount: float | None) -> str:
        return short_money(amount, self.board.currency)

    def address(self, **changes: str) -> dict[str, str]:
        """This view, with something in it changed."""
        here = {"show": "value", "board": str(self.board.id), "whose": self.whose}
        return here | {"before": self.before.isoformat(), "after": self.after.isoformat()} | changes


def asked(person: SignedIn) -> Asked | None:
    """None where nothing can be compared yet, which is told."""
    board = one_board(person, "value.board")
    if board is None:
        empty("Customers belong to a board, and you work in none.")
        return None
    days = figures(queries.kept_days, board_id=board.id)
    if len(days) < 2:
        _too_early(days)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="value.controls"):
        before, after = _days(days)
        everybody = load(queries.changes_of_people, board_id=board.id, before=before, after=after)
        people = _people(board.id, before, after, everybody)
        whose, name, chosen = _whose(people)
    changes = everybody[everybody["owner"].isin(chosen)].reset_index(drop=True)
    return Asked(board, before, after, everybody, changes, people, whose, name)


def _too_early(days: list[dt.date]) -> None:
    run = "python -m crm scores --day YYYY-MM-DD"
    if days:
        empty(
            "Scores were kept on one day only, {day}: a change needs two. They are kept each night; for an earlier day let the "
            "administrator run `{run}`, which reckons it from the orders up to then.",
            day=date_short(days[0]),
            run=run,
        )
        return
    empty(
        "Here you will see what the customers of each person became worth. No worth has been kept yet: publish a model under "
        "Lifetime value, then let the administrator run the job “scores”, for an earlier day as `{run}`.",
        run=run,
    )


def _days(days: list[dt.date]) -> tuple[dt.date, dt.date]:
    """Two of the days on which scores were kept; at first the newest one and the last that lies a quarter before it."""
    left, right = st.container(width="content"), st.container(width="content")
    with right:
        last = option("after", _titles(days[:-1]), days[0].isoformat(), title=say("To"), key="value", draw=day_list)
    after = dt.date.fromisoformat(last)
    earlier = [day for day in days if day < after]
    usual = next((day for day in earlier if day <= after - QUARTER), earlier[-1])
    with left:
        first = option("before", _titles(earlier), usual.isoformat(), title=say("From"), key="value", draw=day_list)
    return dt.date.fromisoformat(first), after


def _titles(days: list[dt.date]) -> dict[str, str]:
    return {day.isoformat(): date_short(day) for day in days}


def _people(board_id: int, before: dt.date, after: dt.date, changes: pd.DataFrame) -> pd.DataFrame:
    volume = load(queries.volume_of_people, board_id=board_id, since=before + dt.timedelta(1), until=after)
    told = load(queries.appraised).merge(volume, on="person_id")
    did = (told[["revenue", "won_amount", "activities"]] != 0).any(axis=1)
    return told[told["person_id"].isin(changes["owner"]) | did].reset_index(drop=True)


def _whose(people: pd.DataFrame) -> tuple[str, str, list[int]]:
    """-> what stands in the address, its name, the ids of the people."""
    everybody = people["person_id"].tolist()
    if len(everybody) < 2:
        return ALL, (people["person"].iloc[0] if everybody else say("All whom I see")), everybody
    names = {ALL: say("All whom I see")}
    if people["unit_id"].nunique() > 1:
        names |= {f"unit-{one}": unit for one, unit in people[["unit_id", "unit"]].drop_duplicates().itertuples(index=False)}
    names |= {f"person-{one}": name for one, name in people[["person_id", "person"]].itertuples(index=False)}
    with st.container(width=300):
        whose = option("whose", names, ALL, title=say("Whose"), key="value")
    kind, _, number = whose.partition("-")
    column = {"unit": "unit_id", "person": "person_id"}.get(kind)
    chosen = people[people[column] == int(number)]["person_id"].tolist() if column else everybody
    return whose, names[whose], chosen


__all__ = ["ALL", "Asked", "asked"]
