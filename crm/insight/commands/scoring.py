"""Scores of a board's customers by its model, today or as they would have been on an earlier day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from crm.access import SYSTEM, Reach, Role
from crm.analytics.errors import AnalyticsError
from crm.bulk import bulk_replace
from crm.customers.commands import take_past_snapshot
from crm.customers.models import Customer, CustomerScore, ModelRun, RunKind
from crm.database import MONEY_SCALE
from crm.errors import Refused
from crm.insight.queries.fitting import Fit, chosen_automatically, fit_settings, scores
from crm.insight.queries.population import last_purchase_day
from crm.insight.queries.runs import chosen_run, settings_of
from crm.session import ScopedSession, acting_as
from crm.staff.models import OrgUnit, UnitKind

CHOSEN_FOR = dt.timedelta(30)
"""So long the automatic choice of a model holds before the contest is held anew."""
_MONEY = ["monetary_value", "expected_spend", "expected_value", "lifetime_value", "value_at_risk"]


@dataclass(frozen=True)
class Scored:
    """What came of it: the run, and its scores by customer (see fitting.scores); or the reason why there are none."""

    run: ModelRun | None
    scores: pd.DataFrame
    refusal: AnalyticsError | None = None

    def alive(self) -> pd.DataFrame:
        """As known_alive has it: p_alive, seen_on by customer."""
        if self.run is None or self.scores.empty:
            return pd.DataFrame({"p_alive": pd.Series(dtype="float64"), "seen_on": pd.Series(dtype="datetime64[s]")})
        days = ((self.scores["T"] - self.scores["recency"]) * 7).round().to_numpy().astype("timedelta64[D]")
        return pd.DataFrame({"p_alive": self.scores["p_alive"], "seen_on": np.datetime64(self.scores.attrs["as_of"], "s") - days})


def score_board(session: ScopedSession, board_id: int, day: dt.date) -> Scored:
    """Fit the published settings to the purchases up to a day and write the scores of the board's customers as of it.

    Customers outside the settings' population have none. Without anything published the contest's own choice, with usual
    settings; where the data are too few, or the model is refused, nobody of the board has scores afterwards. For the system, and
    for whoever may publish for the board."""
    return score_boards(session, [board_id], day)[board_id]


def score_boards(session: ScopedSession, board_ids: Sequence[int], day: dt.date) -> dict[int, Scored]:
    """As score_board, for several that are written at once."""
    for board_id in board_ids:
        require_publisher(session, board_id)
    with acting_as(SYSTEM, session) as everything:
        found = {one: _scored(everything, one, seen_from(everything, one, day)) for one in board_ids}
        write_scores(everything, found)
    return found


def past_scores(session: ScopedSession, board_id: int, day: dt.date) -> Scored:
    """The scores as they would have been on an earlier day: fitted to what was known then, kept nowhere but in the run."""
    require_publisher(session, board_id)
    with acting_as(SYSTEM, session) as everything:
        return _scored(everything, board_id, day)


def snapshot_of(session: ScopedSession, day: dt.date) -> int:
    """The customers of all boards as they were on an earlier day -> rows written. What is current stays."""
    found = [past_scores(session, board_id, day) for board_id in boards(session)]
    rows = [one.scores.assign(model_run_id=one.run.id) for one in found if one.run]
    alive = [one.alive() for one in found if one.run]
    nobody = Scored(None, pd.DataFrame())
    return take_past_snapshot(session, day, pd.concat(rows or [nobody.scores]), pd.concat(alive or [nobody.alive()]))


def boards(session: ScopedSession) -> list[int]:
    return list(session.scalars(select(OrgUnit.id).where(OrgUnit.kind == UnitKind.BOARD).order_by(OrgUnit.id)))


def write_scores(session: ScopedSession, found: Mapping[int, Scored]) -> None:
    """Of boards: those of their customers who have none here lose theirs."""
    members = select(Customer.__table__.c.id).where(Customer.__table__.c.board_id.in_(list(found)))
    parts = [_rows(one) for one in found.values() if one.run]
    rows = pd.concat(parts) if parts else pd.DataFrame({"customer_id": pd.Series(dtype="int64")})
    bulk_replace(session, CustomerScore, rows, "customer_id", CustomerScore.__table__.c.customer_id.in_(members))


def scored_by(fit: Fit, run: ModelRun) -> Scored:
    """The scores of a fit, as of its last day."""
    found = scores(fit.history, fit.model, fit.spend, fit.settings, fit.cutoff_on)
    found.attrs["as_of"] = fit.cutoff_on
    return Scored(run, found)


def seen_from(session: ScopedSession, board_id: int, day: dt.date) -> dt.date:
    """The day, or that of the newest purchase where it lies later: the demo's day stands still, real files do not."""
    return max(day, last_purchase_day(session, board_id) or day)


def require_publisher(session: ScopedSession, board_id: int) -> None:
    actor = session.actor
    actor.must("publish", "insight")
    if actor.role is not Role.SYSTEM and actor.grant("customers").see is not Reach.EVERYTHING and board_id not in actor.team_ids:
        raise Refused("This board is not within your reach.")


def _scored(session: ScopedSession, board_id: int, day: dt.date) -> Scored:
    try:
        return scored_by(*_fitted(session, board_id, day))
    except AnalyticsError as error:
        return Scored(None, pd.DataFrame(), error)


def _fitted(session: ScopedSession, board_id: int, day: dt.date) -> tuple[Fit, ModelRun]:
    base, kind = chosen_run(session, board_id), RunKind.REFIT
    if base is None:
        base, kind = _automatic_before(session, board_id, day), RunKind.AUTOMATIC
    settings, holdout = (settings_of(base), base.holdout) if base else chosen_automatically(session, board_id, day)
    fit = fit_settings(session, board_id, settings, day)
    return fit, _kept(session, board_id, fit, kind, base.id if base else None, holdout)


def _automatic_before(session: ScopedSession, board_id: int, day: dt.date) -> ModelRun | None:
    """The run of the contest that still holds."""
    query = select(ModelRun).where(ModelRun.board_id == board_id, ModelRun.kind == RunKind.AUTOMATIC, ModelRun.base_id.is_(None))
    query = query.where(ModelRun.cutoff_on <= day, ModelRun.cutoff_on > day - CHOSEN_FOR)
    return session.scalars(query.order_by(ModelRun.cutoff_on.desc(), ModelRun.id.desc()).limit(1)).first()


def _kept(
    session: ScopedSession, board_id: int, fit: Fit, kind: RunKind, base_id: int | None, holdout: dict[str, Any]
) -> ModelRun:
    """The run of this fit; where nothing is new since an earlier one of the same day, that one."""
    stored = fit.stored()
    same = ModelRun.board_id == board_id, ModelRun.cutoff_on == fit.cutoff_on
    origin = base_id if base_id is not None else -1
    for earlier in session.scalars(select(ModelRun).where(*same).order_by(ModelRun.id.desc()).limit(20)):
        known = {name: getattr(earlier, name) for name in ("model", "customers", "settings", "parameters")}
        if origin in (earlier.id, earlier.base_id or -1) and known == {name: stored[name] for name in known}:
            return earlier
    run = ModelRun(board_id=board_id, kind=kind, base_id=base_id, by_id=session.actor.user_id, holdout=holdout, **stored)
    session.add(run)
    session.flush()
    return run


def _rows(one: Scored) -> pd.DataFrame:
    """As the table holds them."""
    run_id = one.run.id if one.run else None
    rows = one.scores.assign(model_run_id=run_id, as_of=pd.Timestamp(one.scores.attrs["as_of"]))
    rows["frequency"] = rows["frequency"].astype("int64")
    rows[_MONEY] = (rows[_MONEY] * MONEY_SCALE).round().astype("int64")
    return rows.rename_axis("customer_id").reset_index()


__all__ = [
    "Scored",
    "boards",
    "past_scores",
    "require_publisher",
    "score_board",
    "score_boards",
    "scored_by",
    "seen_from",
    "snapshot_of",
    "write_scores",
]
