"""What a lab knows from its controls, and what each of its charts says and leads to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from crm.customers.filters import CustomerFilter
from crm.insight import queries
from crm.insight.queries import Population
from crm.staff.sign_in import Board
from crm.ui.desk import load
from crm.ui.insight.cohort_controls import picked_line
from crm.ui.insight.selected import selected
from crm.ui.show import empty
from crm.words import say
from crm.words.formats import date_short


@dataclass(frozen=True)
class Lab:
    """Whose purchases, and the last day they are looked at."""

    population: Population
    board: Board
    day: dt.date

    @property
    def scope(self) -> str:
        since, first = self.population.since, self.population.where.first_order_from
        said = [self.board.name]
        said += [say("purchases from {day}", day=date_short(since))] if since else []
        said += [say("first purchase since {day}", day=date_short(first))] if first else []
        said += [say("one list of customers")] if self.population.group_id else []
        return " · ".join(said)

    def customers(self, **narrower: Any) -> CustomerFilter:
        """Of this board and this list; `narrower` are further fields of the filter."""
        group = (self.population.group_id,) if self.population.group_id else ()
        return CustomerFilter(board_id=(self.board.id,), group_id=group, **narrower)


def told(lab: Lab, n: int, population: Population | None = None) -> dict[str, Any]:
    """What every panel says beside its definition; `population`, where it is about more than that of the controls."""
    left_out = load(queries.left_out, population=population or lab.population)
    return {"scope": lab.scope, "as_of": lab.day, "n": n, "left_out": left_out}


def show_selected(lab: Lab, text: str, where: CustomerFilter) -> None:
    """The customers behind what was picked."""
    picked_line(text, "cohorts")
    selected(where, key="cohorts.selected", made_from=f"{lab.scope} · {text} · {date_short(lab.day)}")


def show_ids(lab: Lab, text: str, ids: list[int]) -> None:
    """As show_selected: picked one by one. No ids would be no filter, and so everybody."""
    if ids:
        show_selected(lab, text, lab.customers(ids=tuple(ids)))
        return
    picked_line(text, "cohorts")
    empty("Nobody: in this part of the chart there is no customer.")
