"""From orders of a service, or from a table of survivors, to contracts: how often each was renewed, and whether it was lost.

Fader, Hardie 2007, How to Project Customer Retention, Journal of Interactive Marketing 21(1); survival by Kaplan, Meier 1958,
Journal of the American Statistical Association 53(282).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from crm.analytics.checks import require_columns
from crm.analytics.clv.contractual import BetaDiscreteWeibull, ShiftedBetaGeometric
from crm.analytics.errors import AnalyticsError, TooLittleData

CONTRACT = ("cohort", "renewals", "lost", "contracts")
FEWEST_LOST = 20
BETTER_BY = 2.0  # of AIC: a smaller gain does not pay for one more parameter


def contracts_of_orders(orders: pd.DataFrame, as_of: pd.Timestamp, grace_days: int) -> pd.DataFrame:
    """customer_id, product_id, ordered_on, months (the term), taken_back (this row takes the order before it back) -> one row a
    contract: customer_id, product_id, started_on, renewals, lost, ends_on.

    An order of the same service no later than grace_days after its end renews it; a later one begins a new contract. A renewal
    counts once its days of grace are over, so that early renewals do not make the newest age look better than it is."""
    require_columns(orders, ("customer_id", "product_id", "ordered_on", "months", "taken_back"))
    kept = _without_taken_back(orders)
    keys = ["customer_id", "product_id"]
    ends = _months_later(kept["ordered_on"], kept["months"])
    over = ends + pd.Timedelta(days=grace_days)
    same = (kept[keys] == kept[keys].shift()).all(axis=1)
    begins = ~(same & (kept["ordered_on"] <= over.shift()))
    rows = kept[keys].assign(contract=begins.cumsum(), started_on=kept["ordered_on"], ends_on=ends, due=over <= as_of)
    found = rows.groupby("contract").agg(
        customer_id=("customer_id", "first"),
        product_id=("product_id", "first"),
        started_on=("started_on", "first"),
        renewals=("due", "sum"),
        lost=("due", "last"),
        ends_on=("ends_on", "last"),
    )
    found["renewals"] = (found["renewals"] - found["lost"]).astype("int64")
    return found.reset_index(drop=True)


def contracts_of_survivors(cohorts: Sequence[str], survivors: Sequence[Sequence[float | None]]) -> pd.DataFrame:
    """Names and customers left after 0, 1, 2, ... renewals (empty at the end: not seen yet) -> cohort, renewals, lost, contracts.

    Errors: counts that grow, a gap inside a cohort, a cohort that starts with nobody."""
    rows: list[tuple[str, int, bool, float]] = []
    for name, counts in zip(cohorts, survivors, strict=True):
        seen = [count for count in counts if count is not None]
        if None in counts[: len(seen)] or not seen or not seen[0] > 0 or np.any(np.diff(seen) > 0):
            raise AnalyticsError("Cohort {number}: survivors must start above 0 and never grow.", number=name)
        lost = -np.diff(seen)
        rows += [(name, at, True, float(count)) for at, count in enumerate(lost) if count > 0]
        rows += [(name, len(seen) - 1, False, float(seen[-1]))] if seen[-1] > 0 else []
    return pd.DataFrame(rows, columns=list(CONTRACT))


def survivor_lists(contracts: pd.DataFrame) -> list[list[float]]:
    """renewals, lost, contracts -> what ShiftedBetaGeometric.fit takes: each kind of history as a cohort of its own."""
    kinds = contracts.groupby(["renewals", "lost"], as_index=False)["contracts"].sum()
    return [
        [float(count)] * (int(renewals) + 1) + ([0.0] if lost else [])
        for renewals, lost, count in kinds[["renewals", "lost", "contracts"]].itertuples(index=False)
    ]


def survival_table(contracts: pd.DataFrame) -> pd.DataFrame:
    """renewals, lost, contracts -> age (the renewal: 1, 2, ...), due (contracts whose renewal is decided), renewed, retention
    (renewed / due), survival (their product)."""
    ages = np.arange(1, int((contracts["renewals"] + contracts["lost"]).max() if len(contracts) else 0) + 1)
    made, count = contracts["renewals"].to_numpy()[:, None], contracts["contracts"].to_numpy(dtype=np.float64)
    renewed = count @ (made >= ages)
    due = renewed + count @ ((made == ages - 1) & contracts["lost"].to_numpy(dtype=bool)[:, None])
    table = pd.DataFrame({"age": ages, "due": due, "renewed": renewed})
    table["retention"] = table["renewed"] / table["due"]
    return table.assign(survival=table["retention"].cumprod())


def cohort_survival(contracts: pd.DataFrame) -> pd.DataFrame:
    """As survival_table, for each cohort -> cohort first; cohorts in their order, only those with a decided renewal."""
    parts = {name: survival_table(part) for name, part in contracts.groupby("cohort", sort=True)}
    filled = {name: part for name, part in parts.items() if len(part)}
    if not filled:
        return survival_table(contracts[:0]).assign(cohort=pd.Series(dtype="str"))
    return pd.concat(filled, names=["cohort"]).reset_index(level=0).reset_index(drop=True)


@dataclass(frozen=True)
class RetentionFit:
    """Both models on the same contracts; `shifted_weibull` is None where there are too few renewals for three parameters."""

    geometric: ShiftedBetaGeometric
    weibull: BetaDiscreteWeibull | None
    gain: float
    """AIC of the geometric less that of the Weibull: above 0 the Weibull is better."""
    p_value: float
    """Of the likelihood ratio: how often c = 1 would look so wrong by chance."""

    @property
    def better(self) -> ShiftedBetaGeometric | BetaDiscreteWeibull:
        usable = self.weibull is not None and self.weibull.diagnosis_ == "interior" and self.gain > BETTER_BY
        return self.weibull if usable and self.weibull is not None else self.geometric


def fit_retention(contracts: pd.DataFrame) -> RetentionFit:
    """renewals, lost, contracts -> RetentionFit. Errors (TooLittleData): nobody or hardly anybody has left, or no second
    renewal is decided yet."""
    lost = int(contracts.loc[contracts["lost"].astype(bool), "contracts"].sum())
    if lost < FEWEST_LOST:
        raise TooLittleData("Not enough lost contracts: {count}, needed: {needed}.", count=lost, needed=FEWEST_LOST)
    histories = survivor_lists(contracts)
    geometric = ShiftedBetaGeometric().fit(histories)
    try:
        weibull = BetaDiscreteWeibull().fit(histories)
    except TooLittleData:
        return RetentionFit(geometric, None, 0.0, 1.0)
    ratio = 2 * (weibull.log_likelihood_ - geometric.log_likelihood_)
    return RetentionFit(geometric, weibull, geometric.aic_ - weibull.aic_, float(chi2.sf(max(ratio, 0.0), 1)))


def residual_lifetimes(
    model: BetaDiscreteWeibull, most: int, discount: float, periods_per_year: float, level: float = 0.8
) -> pd.DataFrame:
    """-> renewals (made so far: 0, ..., most), survival, retention (of the next renewal), derl, lower, upper: discounted payments
    still to come, the one of the running period not counted, just before the next renewal."""
    made = np.arange(most + 1)

    def derl(one: BetaDiscreteWeibull) -> npt.NDArray[np.float64]:
        return one.derl(made + 1, discount, periods_per_year)

    band = model.parameter_interval(derl, level)
    columns = {"renewals": made, "survival": model.survival(made), "retention": model.retention_rate(made + 1)}
    return pd.DataFrame(columns).assign(derl=derl(model), lower=band["lower"], upper=band["upper"])


def _without_taken_back(orders: pd.DataFrame) -> pd.DataFrame:
    """Sorted orders, one a day; what takes back is gone together with the order before it."""
    keys = ["customer_id", "product_id"]
    rows = orders.sort_values([*keys, "ordered_on", "taken_back"], ignore_index=True)
    whose = list(zip(rows["customer_id"], rows["product_id"], strict=True))
    kept: list[int] = []
    for place, back in enumerate(rows["taken_back"]):
        if not back:
            kept.append(place)
        elif kept and whose[kept[-1]] == whose[place]:
            kept.pop()
    return rows.loc[kept].drop_duplicates([*keys, "ordered_on"], ignore_index=True)


def _months_later(days: "pd.Series[pd.Timestamp]", months: "pd.Series[int]") -> "pd.Series[pd.Timestamp]":
    """The same day so many months later, or the last day of that month."""
    start = days.to_numpy().astype("datetime64[M]")
    month = start + months.to_numpy().astype("timedelta64[M]")
    last = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    day = month.astype("datetime64[D]") + (days.dt.day.to_numpy() - 1).astype("timedelta64[D]")
    return pd.Series(np.minimum(day, last), index=days.index).astype(days.dtype)
