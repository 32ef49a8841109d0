"""Marks that customers give, with intervals that hold for few answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from crm.analytics.checks import require_columns
from crm.analytics.proportions import wilson

COUNTS = ("sent", "answered", "csat_sum", "csat_squares", "satisfied", "asked_nps", "promoters", "detractors")


def scores(counts: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """A row for each group: sent, answered, csat_sum and csat_squares (sums of the marks 1 to 5 and of their squares), satisfied
    (4 or 5), asked_nps (who said 0 to 10), promoters (9, 10), detractors (0 to 6) -> the other columns and sent, answered,
    response_rate, rate_low, rate_high (Wilson), csat, csat_low, csat_high (mean; Student's t, cut to 1 and 5), satisfied_share,
    satisfied_low, satisfied_high (Wilson), nps, nps_low, nps_high (-100 to 100, normal). Missing where nobody answered, intervals
    of means also where one did."""
    require_columns(counts, COUNTS)
    n, said = counts["answered"].astype("float64"), counts["asked_nps"].astype("float64")
    told = counts.drop(columns=list(COUNTS[2:]))
    rate_low, rate_high = wilson(n, counts["sent"], level)
    told = told.assign(response_rate=n / counts["sent"].where(counts["sent"] > 0), rate_low=rate_low, rate_high=rate_high)
    mean = counts["csat_sum"] / n.where(n > 0)
    spread = ((counts["csat_squares"] - n * mean**2) / (n - 1).where(n > 1)).clip(lower=0)
    half = stdtrit((n - 1).where(n > 1), 0.5 + level / 2) * np.sqrt(spread / n.where(n > 1))
    told = told.assign(csat=mean, csat_low=(mean - half).clip(lower=1), csat_high=(mean + half).clip(upper=5))
    low, high = wilson(counts["satisfied"], n, level)
    told = told.assign(satisfied_share=counts["satisfied"] / n.where(n > 0), satisfied_low=low, satisfied_high=high)
    up, down = (counts[name] / said.where(said > 0) for name in ("promoters", "detractors"))
    error = float(ndtri(0.5 + level / 2)) * np.sqrt((up + down - (up - down) ** 2) / said.where(said > 1))
    nps = up - down
    return told.assign(nps=100 * nps, nps_low=100 * (nps - error).clip(lower=-1), nps_high=100 * (nps + error).clip(upper=1))
