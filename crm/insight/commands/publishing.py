""" "Use this model": what a person chose scores the board from now on."""

from __future__ import annotations

from typing import Any

from crm.access import SYSTEM
from crm.analytics.errors import AnalyticsError
from crm.customers.commands import refresh_life_cycle
from crm.customers.models import ModelRun, RunKind
from crm.errors import Invalid
from crm.insight.commands.scoring import require_publisher, scored_by, seen_from, write_scores
from crm.insight.queries.fitting import fit_settings, tested
from crm.insight.queries.runs import RunSettings
from crm.office.queries import today
from crm.session import ScopedSession, acting_as


def publish_run(session: ScopedSession, board_id: int, settings: RunSettings, result: dict[str, Any] | None = None) -> ModelRun:
    """Fit the settings to the board's purchases, keep the run with who, when and what the holdout said, score the board by it.

    result: what the screen showed of the holdout (see runs.holdout_result); without it the contest is held here. Refused for who
    may not publish, or not for this board; Invalid where the data are too few for the model. Nothing is kept then."""
    require_publisher(session, board_id)
    with acting_as(SYSTEM, session) as everything:
        day = seen_from(everything, board_id, today(everything))
        until = min(settings.until or day, day)
        try:
            fit = fit_settings(everything, board_id, settings, until)
        except AnalyticsError as error:
            values: dict[str, Any] = dict(error.values)
            raise Invalid(error.template, **values) from error
        holdout = result if result is not None else tested(everything, board_id, settings, until)
    run = ModelRun(board_id=board_id, kind=RunKind.PUBLISHED, by_id=session.actor.user_id, holdout=holdout, **fit.stored())
    session.add(run)
    with acting_as(SYSTEM, session) as everything:
        write_scores(everything, {board_id: scored_by(fit.seen_on(everything, board_id, day), run)})
        refresh_life_cycle(everything, board_id, today(everything))
    return run


__all__ = ["publish_run"]
