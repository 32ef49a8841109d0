"""The firm's way of scoring: cut points or quintiles, and the segments. The scores of the base follow with the next run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from crm.analytics.errors import AnalyticsError
from crm.analytics.rfm import rfm_scores, rfm_segments
from crm.analytics.segments import segments_from_dicts, segments_to_dicts
from crm.editing import change
from crm.errors import CrmError
from crm.insight.queries.rfm import BINS, KEY
from crm.office.models import Setting
from crm.session import ScopedSession


class RfmScale(BaseModel):
    """cuts: {"r", "f", "m"} -> four numbers in rising order, None = quintiles; segments: see crm.analytics.segments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cuts: dict[str, list[float]] | None = None
    segments: list[dict[str, Any]]

    def check(self) -> None:
        """Every score needs its segment, and the cut points their order."""
        grid = np.indices((BINS, BINS, BINS)).reshape(3, -1) + 1
        try:
            rules = segments_from_dicts(self.segments, BINS)
            rfm_segments(pd.DataFrame(dict(zip("rfm", grid, strict=True))), rules, BINS)
            one = pd.DataFrame({"recency_days": [0], "frequency": [1], "monetary": [0.0]})
            rfm_scores(one, BINS, self.cuts)
        except AnalyticsError as error:
            raise CrmError(error.template, **error.values) from error


def save_rfm(session: ScopedSession, scale: RfmScale, version: int) -> Setting:
    """The firm's from now on; `version` is that of crm.insight.queries.rfm_settings."""
    session.actor.must("publish", "insight")
    scale.check()
    value = {"cuts": scale.cuts, "segments": segments_to_dicts(segments_from_dicts(scale.segments, BINS))}
    found = session.scalar(select(Setting).where(Setting.key == KEY))
    if found is None:
        found = Setting(key=KEY, value=value)
        session.add(found)
    else:
        change(session, found, {"value": value}, version)
    session.flush()
    return found
