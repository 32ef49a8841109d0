"""The models that were published for a board, and the models themselves, rebuilt from what was stored."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, Literal

import pandas as pd
from pydantic import Field
from sqlalchemy import Select, bindparam, func, select

from crm.analytics.clv.contest import MODELS, Contest
from crm.analytics.clv.fitters import GammaGammaFitter
from crm.analytics.clv.fitters.base import BuyTillYouDie
from crm.customers.filters import CustomerFilter
from crm.customers.models import ModelRun, RunKind
from crm.database import frame
from crm.editing import Input
from crm.insight.queries.population import Population
from crm.session import ScopedSession
from crm.staff.models import User

WEEKS_A_MONTH = 52 / 12
"""As the engine counts a year: 52 weeks."""


class RunSettings(Input):
    """What a person chose: the model, whom and what it learns from, how it is tested, and what makes the value."""

    model: Literal["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"] = "bg_nbd"
    group_id: int | None = None
    where: CustomerFilter = CustomerFilter()
    since: dt.date | None = None
    until: dt.date | None = None
    """Of the published fit alone; a refit takes in what came later."""
    count_free: bool = False
    """See Population."""
    holdout_days: int = Field(182, ge=0, le=3650)
    horizon_months: int = Field(36, ge=1, le=120)
    margin: float = Field(0.3, gt=0, le=1)
    annual_discount: float = Field(0.1, ge=0, le=1)

    def population(self, board_id: int, until: dt.date | None = None) -> Population:
        """The customers and purchases these settings speak of, up to another day where one is given."""
        last = until or self.until
        about = {"group_id": self.group_id, "where": self.where, "since": self.since, "count_free": self.count_free}
        return Population(board_id=board_id, until=last, **about)


def published_run(session: ScopedSession, board_id: int) -> ModelRun | None:
    """The run that a board's scores come from: what was published last, or its newest refit; else the newest automatic one."""
    return session.scalars(_newest_of_chosen(), {"board_id": board_id}).first()


@cache
def _newest_of_chosen() -> Select[ModelRun]:
    board = ModelRun.board_id == bindparam("board_id")
    chosen = select(func.max(ModelRun.id)).where(board, ModelRun.kind == RunKind.PUBLISHED).correlate(None).scalar_subquery()
    automatic = chosen.is_(None) & (ModelRun.kind == RunKind.AUTOMATIC)
    query = select(ModelRun).where(board, (ModelRun.id == chosen) | (ModelRun.base_id == chosen) | automatic)
    return query.order_by(ModelRun.cutoff_on.desc(), ModelRun.id.desc()).limit(1)


def chosen_run(session: ScopedSession, board_id: int) -> ModelRun | None:
    """What a person published last: its settings hold until the next."""
    query = select(ModelRun).where(ModelRun.board_id == board_id, ModelRun.kind == RunKind.PUBLISHED)
    return session.scalars(query.order_by(ModelRun.id.desc()).limit(1)).first()


def runs(session: ScopedSession, board_id: int, limit: int = 100) -> pd.DataFrame:
    """Newest first -> id, kind, model, cutoff_on, customers, log_likelihood, diagnosis, by (None = the job), created_at."""
    query = (
        select(
            ModelRun.id,
            ModelRun.kind,
            ModelRun.model,
            ModelRun.cutoff_on,
            ModelRun.customers,
            ModelRun.log_likelihood,
            ModelRun.diagnosis,
            User.name.label("by"),
            ModelRun.created_at,
        )
        .outerjoin(User, User.id == ModelRun.by_id)
        .where(ModelRun.board_id == board_id)
        .order_by(ModelRun.id.desc())
        .limit(limit)
    )
    return frame(session, query)


def settings_of(run: ModelRun) -> RunSettings:
    """The settings of a run, as far as they are still known."""
    known = {name: value for name, value in run.settings.items() if name in RunSettings.model_fields}
    return RunSettings.model_validate(known)


def models_of(run: ModelRun) -> tuple[BuyTillYouDie, GammaGammaFitter | None]:
    """The fitted models of a run from their stored parameters; no spend model where it was refused."""
    spend = run.parameters.get("spend")
    own = {name: value for name, value in run.parameters.items() if name != "spend"}
    return MODELS[run.model].from_params(**own), GammaGammaFitter.from_params(**spend) if spend else None


def holdout_result(contest: Contest, name: str, days: int) -> dict[str, Any]:
    """What a run keeps of its contest: days, actual, expected, mae of the model `name`, the contest's own choice (None with its
    refusal in words), and the ranking: name, kind, total_error, mae, rmse, log_score of every model and rule."""
    table = contest.table.reindex(columns=["name", "kind", "total_actual", "total_expected", *RANKED])
    own = table.set_index("name").loc[name]
    ranking = table.sort_values("log_score", ascending=False, na_position="last")[["name", "kind", *RANKED]]
    rows = [{str(key): _plain(value) for key, value in row.items()} for row in ranking.to_dict("records")]
    return {
        "days": days,
        "actual": _plain(own["total_actual"]),
        "expected": _plain(own["total_expected"]),
        "mae": _plain(own["mae"]),
        "chosen": contest.chosen,
        "refusal": str(contest.refusal) if contest.refusal else None,
        "ranking": rows,
    }


RANKED = ("total_error", "mae", "rmse", "log_score", "brier")


def _plain(value: Any) -> Any:
    """As JSON holds it: what is unknown is null."""
    return None if pd.isna(value) else value if isinstance(value, str) else float(value)


__all__ = [
    "WEEKS_A_MONTH",
    "RunSettings",
    "chosen_run",
    "holdout_result",
    "models_of",
    "published_run",
    "runs",
    "settings_of",
]
