"""Open deals of a board, decided by chance for each subject that they count for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement

from crm.analytics.attainment import RUNS
from crm.analytics.deals_drawn import Drawn
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import Opportunity, OpportunityState, Stage
from crm.pipeline.queries import misses
from crm.pipeline.queries.facts.reading import plain, read
from crm.pipeline.queries.listing import CHANCE
from crm.pipeline.queries.outlook import LEAST_MISSES
from crm.session import ScopedSession
from crm.targets.queries.actuals import Frame, Whose, alike
from crm.targets.queries.subjects import Subject, Subjects

SEED = 20


class OpenDeals:
    """Up to the day `end`. What is one person's (or of one product) is drawn once, and counts so for all whom it counts for."""

    def __init__(self, subjects: Subjects, whose: Whose, day: dt.date, end: dt.date) -> None:
        self.end = end
        session = subjects.session
        found = open_deals(session, Opportunity.board_id == whose.board_id)
        groups, lists = alike(subjects, found, whose.goods)
        self.sizes = np.bincount(groups, minlength=len(lists))
        self.groups: dict[Subject, list[int]] = {}
        for group, counted in enumerate(lists):
            for kind, subject_id in counted:
                self.groups.setdefault((str(kind), subject_id), []).append(group)
        missed = misses(session, OpportunityFilter(board_id=(whose.board_id,)))
        known = {"shifts": missed["shift_days"].dropna(), "ratios": missed["ratio"].dropna()}
        slips: dict[str, Any] = {name: one.to_numpy(dtype="float64") for name, one in known.items() if len(one) >= LEAST_MISSES}
        self.drawn = Drawn(found, day, end, groups=groups, runs=RUNS, seed=SEED, **slips)

    def count(self, subject: Subject) -> float:
        return float(self.sizes[self.groups.get(subject, [])].sum())

    def simulated(self, subject: Subject, end: dt.date | None = None) -> npt.NDArray[np.float64]:
        """What they bring by a day, one value per run."""
        total = np.zeros(RUNS)
        for group in self.groups.get(subject, []):
            total += self.drawn.total(end or self.end, group)
        return total


def open_deals(session: ScopedSession, *where: ColumnElement[bool]) -> Frame:
    """-> opportunity_id, amount, probability, expected_close_on, person, team, board, product."""
    columns = {"opportunity_id": Opportunity.id, "amount": Opportunity.amount, "probability": CHANCE}
    columns |= {"expected_close_on": Opportunity.expected_close_on, "person": Opportunity.owner_id}
    columns |= {"team": Opportunity.team_id, "board": Opportunity.board_id, "product": Opportunity.product_id}
    query = plain(columns).select_from(Opportunity).join(Stage, Stage.id == Opportunity.stage_id)
    return read(session, query.where(Opportunity.state == OpportunityState.OPEN, *where), columns)


__all__ = ["SEED", "OpenDeals", "open_deals"]
