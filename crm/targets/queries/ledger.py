"""The six figures that say whether all of this pays: cost of a new customer, what customers are worth, conversion, satisfaction,
churn, return on marketing; of a board, for any two periods side by side."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.analytics.proportions import wilson
from crm.analytics.ratios import mean_interval, ratio_interval
from crm.session import ScopedSession
from crm.targets.queries.ledger_rows import Metric
from crm.targets.queries.ledger_sums import Span, Sums


@dataclass(frozen=True)
class Definition:
    """The sentence that explains the figure, and what stands above and below the line."""

    says: str
    numerator: str
    denominator: str
    better: int
    """1 = more is better, -1 = less."""
    aim: float
    """The change that the firm's own table promises, as a share of the earlier figure."""


DEFINITIONS: dict[Metric, Definition] = {
    Metric.CAC: Definition(
        "What a new customer cost: what campaigns and sales cost in the period, for each customer with a first order in it.",
        "cost_of_campaigns_and_sales",
        "new_customers",
        -1,
        -0.20,
    ),
    Metric.CLV: Definition(
        "What a customer is worth: the mean lifetime value of all scored customers, by the scores kept last in the period.",
        "lifetime_value",
        "scored_customers",
        1,
        0.30,
    ),
    Metric.CONVERSION: Definition(
        "How many chances were won: opportunities won among those decided in the period.", "won", "decided", 1, 0.15
    ),
    Metric.SATISFACTION: Definition(
        "How content customers are: the mean mark (1 to 5) of the answers given in the period.",
        "sum_of_marks",
        "answers",
        1,
        0.10,
    ),
    Metric.CHURN: Definition(
        "How many customers were lost: of those who were not lost before the period, the ones who were at its end.",
        "lost",
        "customers_before",
        -1,
        -0.05,
    ),
    Metric.MROI: Definition(
        "What marketing brought back: the amount won through campaigns less what they cost in the period, over that cost.",
        "won_through_campaigns_less_cost",
        "cost_of_campaigns",
        1,
        0.0,
    ),
}


@dataclass(frozen=True)
class Figure:
    """value = numerator / denominator; low and high at 95 % (missing where there are too few cases, and for money alone)."""

    value: float
    numerator: float
    denominator: float
    low: float = np.nan
    high: float = np.nan


def ledger(session: ScopedSession, board_id: int, since: dt.date, until: dt.date) -> pd.DataFrame:
    """-> metric, value, numerator, denominator, low, high; one row for each Metric. As far as the session sees."""
    return ledgers(session, board_id, ((since, until),))[0]


def ledgers(session: ScopedSession, board_id: int, spans: tuple[Span, ...]) -> list[pd.DataFrame]:
    """`ledger` of several periods, asked together; each the same as its rows, added up in the database."""
    sums = Sums(session, board_id, spans)
    campaigns = sums.of_campaigns()
    costs = [one + other for one, other in zip(campaigns, sums.of_sales(), strict=True)]
    found = {
        Metric.CAC: [_cac(*one) for one in zip(costs, sums.new_customers(), strict=True)],
        Metric.CLV: [_mean(*one) for one in sums.worth()],
        Metric.CONVERSION: [_share(*one) for one in sums.decided()],
        Metric.SATISFACTION: [_mean(*one) for one in sums.marks()],
        Metric.CHURN: [_share(*one) for one in sums.lost()],
        Metric.MROI: [_figure(won - cost, cost) for won, cost in zip(sums.won_through_campaigns(), campaigns, strict=True)],
    }
    names = ["value", "numerator", "denominator", "low", "high"]
    told = [{metric: figures[at] for metric, figures in found.items()} for at in range(len(spans))]
    rows = [[(metric.value, *(getattr(one[metric], name) for name in names)) for metric in Metric] for one in told]
    return [pd.DataFrame(one, columns=["metric", *names]) for one in rows]


def before_and_after(
    session: ScopedSession, board_id: int, before: tuple[dt.date, dt.date], after: tuple[dt.date, dt.date]
) -> pd.DataFrame:
    """Two periods -> metric, before, before_low, before_high, after, after_low, after_high, change (share of before), better (did
    it move the right way), apart (the intervals do not touch), aim (share that the firm hopes for)."""
    one, two = (told.set_index("metric") for told in ledgers(session, board_id, (before, after)))
    change = (two["value"] - one["value"]) / one["value"].abs().where(one["value"] != 0)
    signs = pd.Series({metric.value: DEFINITIONS[metric].better for metric in Metric})
    apart = (two["low"] > one["high"]) | (two["high"] < one["low"])
    told = pd.DataFrame({"before": one["value"], "before_low": one["low"], "before_high": one["high"]})
    told = told.assign(after=two["value"], after_low=two["low"], after_high=two["high"], change=change)
    told = told.assign(better=(two["value"] - one["value"]) * signs.reindex(one.index) > 0, apart=apart)
    told = told.assign(aim=[DEFINITIONS[Metric(metric)].aim for metric in told.index])
    return told.reset_index()


def _figure(above: float, below: float, low: float = np.nan, high: float = np.nan) -> Figure:
    above, below = round(above, 4), round(below, 4)
    return Figure(above / below if below else np.nan, above, below, low, high)


def _cac(cost: float, customers: float) -> Figure:
    # The cost is known; how many came for it is a count, which would be another if it happened again.
    return _figure(cost, customers, *ratio_interval(cost, customers))


def _mean(total: float, squares: float, count: float) -> Figure:
    return _figure(total, count, *mean_interval(total, squares, int(count)))


def _share(above: float, below: float) -> Figure:
    low, high = wilson(above, below)
    return _figure(above, below, float(low), float(high))
