"""The chance that an open deal is won: a regularised logistic regression, calibrated, judged on later deals; else the base rate.

A snapshot is a deal as it stood on a day: opportunity_id, day, won (True, False; what became of it), and what was known then:
position (stage), days_in_stage, age_days, silent_days, amount, and the categories (source, product, owner, region, ...).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from crm.analytics.checks import refuse_missing, require_columns
from crm.analytics.clv.validate import brier_score
from crm.analytics.errors import AnalyticsError, TooLittleData
from crm.analytics.proportions import wilson

Floats = npt.NDArray[np.float64]

FEWEST = 50
"""Deals won and as many lost, below which the base rate of the stage is the better judge."""
NUMBERS = ("days_in_stage", "age_days", "silent_days", "amount")


@dataclass(frozen=True)
class WinModel:
    """`chances(snapshots)` -> 0..1; `reasons(snapshots)` -> the largest effects of each deal, in log odds.

    base: won / decided by stage position, shrunk to the rate of all. refusal: why the regression was not used, or None."""

    base: pd.Series
    overall: float
    categories: tuple[str, ...] = ()
    refusal: AnalyticsError | None = None
    brier: float | None = None
    """Of later deals that it had not seen."""
    brier_base: float | None = None
    """The base rate's own, on the same deals."""
    tested: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    """chance, won of those later deals."""
    regression: Any = field(default=None, repr=False)
    calibration: Any = field(default=None, repr=False)

    def chances(self, snapshots: pd.DataFrame) -> Floats:
        if snapshots.empty:
            return np.array([])
        if self.regression is None:
            return self.base_rates(snapshots)
        raw = self.regression.predict_proba(_known(snapshots, self.categories))[:, 1]
        return np.asarray(raw if self.calibration is None else self.calibration.predict(raw), dtype=np.float64)

    def base_rates(self, snapshots: pd.DataFrame) -> Floats:
        return snapshots["position"].map(self.base).fillna(self.overall).to_numpy(dtype=np.float64)

    def reasons(self, snapshots: pd.DataFrame, most: int = 3) -> list[list[tuple[str, float]]]:
        """Per deal (name of the column, effect against the average deal in log odds), largest first; empty by base rate."""
        if self.regression is None or snapshots.empty:
            return [[] for _ in range(len(snapshots))]
        return [_largest(row, most) for _, row in self.effects(snapshots).iterrows()]

    def effects(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Per deal and column what it adds to the log odds, against the average deal; of the regression alone."""
        known = self.regression[:-1].transform(_known(snapshots, self.categories))
        effects = (known - self.regression.named_steps["centre"].mean_) * self.regression[-1].coef_[0]
        features = self.regression.named_steps["columns"].get_feature_names_out()
        names = [_column(name, ("position", *self.categories)) for name in features]
        found: pd.DataFrame = pd.DataFrame(effects, columns=names).T.groupby(level=0).sum().T
        return found

    def weights(self, snapshots: pd.DataFrame) -> pd.Series:
        """Per column the mean size of its effect, largest first: which facts matter; empty by base rate."""
        if self.regression is None or snapshots.empty:
            return pd.Series(dtype="float64")
        return self.effects(snapshots).abs().mean().sort_values(ascending=False)

    def reliability(self, bins: int = 10) -> pd.DataFrame:
        """The later deals by the chance they were given -> said_from, said_to, said (mean), happened (share won), low, high
        (Wilson; each deal counts once), looks, deals; bins of about equal size."""
        names = ["said_from", "said_to", "said", "happened", "low", "high", "looks", "deals"]
        if self.tested.empty:
            return pd.DataFrame(columns=names)
        cut = pd.qcut(self.tested["chance"], bins, duplicates="drop")
        groups = self.tested.groupby(cut, observed=True)
        kept = {"said_from": "min", "said_to": "max", "said": "mean", "looks": "size"}
        table = groups.agg(**{name: ("chance", how) for name, how in kept.items()})
        table["happened"] = groups["won"].mean()
        table["deals"] = groups["opportunity_id"].nunique()
        table["low"], table["high"] = wilson(table["happened"] * table["deals"], table["deals"])
        return table.reset_index(drop=True)[names]


def fit(snapshots: pd.DataFrame, categories: Sequence[str] = (), test_share: float = 0.25) -> WinModel:
    """Snapshots of decided deals -> WinModel. The latest `test_share` of deals (by their last day) judge it; then all are used.

    The regression is taken only when it beats the stage's base rate there in the Brier score."""
    require_columns(snapshots, ("opportunity_id", "day", "won", "position", *NUMBERS, *categories))
    refuse_missing(snapshots, ("opportunity_id", "day", "won", "position"))
    base, overall = _base_rates(snapshots)
    by_deal = snapshots.groupby("opportunity_id").agg(won=("won", "first"), day=("day", "max")).sort_values("day", kind="stable")
    fewer = int(min(by_deal["won"].sum(), (~by_deal["won"].astype(bool)).sum()))
    if fewer < FEWEST:
        refusal = TooLittleData("Only {count} deals were won or lost; {least} of each are needed.", count=fewer, least=FEWEST)
        return WinModel(base, overall, refusal=refusal)
    later = set(by_deal.index[-max(int(len(by_deal) * test_share), 1) :])
    is_later = snapshots["opportunity_id"].isin(later)
    early, late = snapshots[~is_later], snapshots[is_later]
    if early["won"].nunique() < 2 or late["won"].nunique() < 2:
        return WinModel(base, overall, refusal=TooLittleData("Lately all deals ended the same way."))
    return _judged(snapshots, early, late, tuple(categories), base, overall)


def _judged(
    all_: pd.DataFrame, early: pd.DataFrame, late: pd.DataFrame, categories: tuple[str, ...], base: pd.Series, overall: float
) -> WinModel:
    regression, early_base = _regression(early, categories), _base_rates(early)
    raw = regression.predict_proba(_known(late, categories))[:, 1]
    won = late["won"].to_numpy(dtype=np.float64)
    half = late["opportunity_id"].rank(method="dense").to_numpy() % 2 == 0
    chance = np.empty_like(raw)
    # Each half of the later deals is judged by the calibration that the other half gave.
    for mine in (half, ~half):
        chance[mine] = _calibration(raw[~mine], won[~mine]).predict(raw[mine])
    naive = late["position"].map(early_base[0]).fillna(early_base[1]).to_numpy(dtype=np.float64)
    brier, brier_base = brier_score(chance, won), brier_score(naive, won)
    tested = pd.DataFrame({"opportunity_id": late["opportunity_id"].to_numpy(), "chance": chance, "won": won.astype(bool)})
    known: dict[str, Any] = {"base": base, "overall": overall, "brier": brier, "brier_base": brier_base, "tested": tested}
    if brier >= brier_base:
        return WinModel(**known, refusal=AnalyticsError("The base rate of the stage forecasts as well."))
    return WinModel(**known, categories=categories, regression=_regression(all_, categories), calibration=_calibration(raw, won))


def _regression(snapshots: pd.DataFrame, categories: tuple[str, ...]) -> Pipeline:
    columns = ColumnTransformer(
        [
            (
                "number",
                Pipeline([("log", FunctionTransformer(np.log1p, feature_names_out="one-to-one")), ("scale", StandardScaler())]),
                list(NUMBERS),
            ),
            (
                "category",
                OneHotEncoder(handle_unknown="ignore", min_frequency=10, sparse_output=False),
                ["position", *categories],
            ),
        ]
    )
    steps = [
        ("columns", columns),
        ("centre", StandardScaler(with_std=False)),
        ("chance", LogisticRegression(C=0.5, max_iter=500)),
    ]
    # A deal that was looked at often counts once.
    weights = 1 / snapshots.groupby("opportunity_id")["won"].transform("size")
    model = Pipeline(steps)
    model.fit(_known(snapshots, categories), snapshots["won"].astype(int), chance__sample_weight=weights.to_numpy())
    return model


def _calibration(raw: Floats, won: Floats) -> IsotonicRegression:
    return IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip").fit(raw, won)


def _known(snapshots: pd.DataFrame, categories: tuple[str, ...]) -> pd.DataFrame:
    numbers = {name: pd.to_numeric(snapshots[name]).fillna(0).clip(lower=0).astype("float64") for name in NUMBERS}
    kinds = {
        name: snapshots[name].astype(object).where(snapshots[name].notna(), "").astype(str) for name in ("position", *categories)
    }
    return pd.DataFrame({**numbers, **kinds})


def _base_rates(snapshots: pd.DataFrame) -> tuple[pd.Series, float]:
    """Won of the deals seen in each stage, drawn towards the rate of all as ten deals would."""
    seen = snapshots.drop_duplicates(["opportunity_id", "position"])
    overall = float(snapshots.groupby("opportunity_id")["won"].first().mean()) if len(snapshots) else 0.0
    groups = seen.groupby("position")["won"]
    return (groups.sum() + 10 * overall) / (groups.size() + 10), overall


def _column(feature: str, categories: tuple[str, ...]) -> str:
    """number__amount, category__source_web -> the column."""
    kind, _, name = feature.partition("__")
    return name if kind == "number" else max((one for one in categories if name.startswith(f"{one}_")), key=len)


def _largest(effects: pd.Series, most: int) -> list[tuple[str, float]]:
    order = effects.abs().sort_values(ascending=False).index[:most]
    return [(str(name), float(effects[name])) for name in order if abs(effects[name]) >= 0.05]
