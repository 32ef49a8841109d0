"""The cases that stand open today: in every colour, whatever the hour."""

from __future__ import annotations

from crm.demo.people import MACHINERY
from crm.demo.service_cases import Desk, Draft
from crm.support.models import CaseKind, CaseState, Priority

_GOING, _ASKED, _THIRD = CaseState.IN_PROGRESS, CaseState.WAITING_CUSTOMER, CaseState.WAITING_THIRD
_SLOW: tuple[str, ...] = (CaseKind.FAULT, CaseKind.NEW_DEMAND, CaseKind.INQUIRY)
"""With a low priority these have two weeks of working hours: a day changes no colour."""
_ANY: tuple[str, ...] = ()
_FAST: tuple[str, ...] = (CaseKind.FAULT, CaseKind.INQUIRY, CaseKind.COMPLAINT)
# share of the time used, state, priority, kinds; for each board
_OPEN = (
    (0.06, _GOING, Priority.NORMAL, _SLOW),
    (0.15, _GOING, Priority.NORMAL, _SLOW),
    (0.31, _GOING, Priority.LOW, _SLOW),
    (0.40, _GOING, Priority.LOW, _SLOW),
    (0.62, _GOING, Priority.LOW, _SLOW),
    (0.71, _GOING, Priority.LOW, _SLOW),
    (0.86, _GOING, Priority.LOW, _SLOW),
    (0.89, _GOING, Priority.LOW, _SLOW),
    (1.15, _GOING, Priority.NORMAL, _ANY),
    (1.40, _GOING, Priority.HIGH, _FAST),
    (0.25, _ASKED, Priority.NORMAL, _ANY),
    (0.55, _ASKED, Priority.HIGH, _ANY),
    (0.68, _ASKED, Priority.NORMAL, _SLOW),
    (0.35, _THIRD, Priority.HIGH, _FAST),
    (0.90, _THIRD, Priority.NORMAL, _SLOW),
    (1.20, _THIRD, Priority.NORMAL, _SLOW),
)
# the same, of those that nobody has taken yet
_FREE = (
    (0.01, Priority.NORMAL, _ANY),
    (0.02, Priority.LOW, _SLOW),
    (0.05, Priority.NORMAL, _ANY),
    (0.12, Priority.LOW, _SLOW),
)


def standing(desk: Desk) -> list[Draft]:
    found = [
        desk.standing(share, ends=state, priority=priority, kinds=_known(desk, kinds)) for share, state, priority, kinds in _OPEN
    ]
    return found + [
        desk.standing(share, ends=CaseState.NEW, priority=priority, kinds=_known(desk, kinds), free=True)
        for share, priority, kinds in _FREE
    ]


def _known(desk: Desk, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The machinery board is asked for no advice."""
    return tuple(kind for kind in kinds if kind != CaseKind.INQUIRY) if desk.board == MACHINERY else kinds
