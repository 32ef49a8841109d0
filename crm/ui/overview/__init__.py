"""What each role asks first: the director whether the month will do, the rep whom to call, the analyst how good the data are."""

from __future__ import annotations

from collections.abc import Callable

from crm.access import Role
from crm.staff.sign_in import SignedIn
from crm.ui.director.screen import director as period
from crm.ui.overview.administrator import administrator
from crm.ui.overview.agent import agent
from crm.ui.overview.analyst import analyst
from crm.ui.overview.board import director as trade
from crm.ui.overview.rep import rep

VIEWS: dict[Role, Callable[[SignedIn], None]] = {
    Role.REP: rep,
    Role.AGENT: agent,
    Role.ANALYST: analyst,
    Role.ADMIN: administrator,
}
"""Everybody else opens the director's view of what they see."""


def director(person: SignedIn) -> None:
    """Whether the period will be made; how trade goes is one click away."""
    period(person, trade)


__all__ = ["VIEWS", "director"]
