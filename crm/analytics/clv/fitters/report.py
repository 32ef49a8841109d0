"""What every fitted model says about itself: parameters, their errors, the fit, a diagnosis."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit, ndtri

from crm.analytics.clv.fitters.estimation import FLAT, Estimate, Objective
from crm.analytics.errors import AnalyticsError, TooLittleData

Floats = npt.NDArray[np.float64]

WIDEST = 1.5  # standard error of a log parameter, at most, when the effect on a prediction is asked


class Reported:
    """params_, standard_errors_, variance_matrix_, confidence_intervals_ (95 %, positive), log_likelihood_, aic_, bic_,
    diagnosis_ and refusal_ (None, or the reason why the figures should not be used).

    Errors and intervals are NaN when the maximum is on the boundary: diagnosis_ then says which."""

    names: ClassVar[tuple[str, ...]]
    params_: "pd.Series[float]"
    diagnosis_: str
    refusal_: AnalyticsError | None
    _objective_: Objective

    def __init__(self) -> None:
        self.penalizer_coef = 0.0  # asked for by save_model and repr of lifetimes; the estimates are maximum likelihood

    @classmethod
    def from_params(cls, **params: float) -> Self:
        """A model with known parameters, without data. Errors: names other than `names`, values not above 0."""
        for name in cls.names:
            if not params.get(name, 0.0) > 0:
                raise AnalyticsError("The parameter {name} must be above 0.", name=name)
        model = cls()
        model.params_ = pd.Series({name: float(params[name]) for name in cls.names})
        model.diagnosis_, model.refusal_ = "given", None
        return model

    def log_likelihood(self, params: Sequence[float] | Mapping[str, float]) -> float:
        """Log-likelihood of the fitted data at other parameters (in the order of `names`, or by name)."""
        return self._objective_(np.log(self._ordered(params)))[0]

    def score(self, params: Sequence[float] | Mapping[str, float]) -> "pd.Series[float]":
        """Gradient of log_likelihood in the parameters."""
        values = self._ordered(params)
        return pd.Series(self._objective_(np.log(values))[1] / values, index=list(self.names))

    def parameter_interval(
        self, quantity: Callable[[Self], npt.ArrayLike], level: float = 0.8, scale: Literal["log", "logit"] = "log"
    ) -> pd.DataFrame:
        """quantity(model) -> lower, upper of it, as far as the parameters are uncertain.

        scale: log for amounts, logit for probabilities. The spread comes from the cubature points of the parameters' normal
        approximation in logs (Arasaratnam, Haykin 2009): two evaluations for each parameter."""
        values = quantity(self)
        onto, back = (np.log, np.exp) if scale == "log" else (logit, expit)
        with np.errstate(divide="ignore", invalid="ignore"):
            centre = onto(np.atleast_1d(np.asarray(values, dtype=np.float64)))
            moved = [onto(np.atleast_1d(np.asarray(quantity(model), dtype=np.float64))) - centre for model in self._neighbours()]
            spread = np.sqrt(np.mean(np.square(moved), axis=0)) * ndtri((1 + level) / 2)
            spread = np.where(np.isfinite(centre), spread, 0.0)
        index = values.index if isinstance(values, pd.Series) else None
        return pd.DataFrame({"lower": back(centre - spread), "upper": back(centre + spread)}, index=index)

    def _neighbours(self) -> list[Self]:
        """Cubature points; directions in which the data say nothing are left alone."""
        if not hasattr(self, "_information"):
            raise AnalyticsError("A model with given parameters has no parameter uncertainty: fit it to data.")
        curvature, directions = np.linalg.eigh(self._information)
        spread = np.where(curvature > FLAT, np.minimum(1 / np.sqrt(np.maximum(curvature, FLAT)), WIDEST), 0.0)
        shifts = np.sqrt(len(self.names)) * spread * directions
        centre = np.log(self.params_.to_numpy())
        points = [centre + sign * shift for shift in shifts.T for sign in (1, -1)]
        return [type(self).from_params(**dict(zip(self.names, np.exp(point), strict=True))) for point in points]

    def _ordered(self, params: Sequence[float] | Mapping[str, float]) -> Floats:
        chosen = [params[name] for name in self.names] if isinstance(params, (Mapping, pd.Series)) else params
        return np.asarray(chosen, dtype=np.float64)

    def _report(self, estimate: Estimate, customers: float) -> None:
        names = list(self.names)
        params = np.exp(estimate.log_params)
        self._information = estimate.information
        self.params_ = pd.Series(params, index=names)
        self.log_likelihood_ = estimate.log_likelihood
        self.aic_ = 2 * len(names) - 2 * estimate.log_likelihood
        self.bic_ = len(names) * np.log(customers) - 2 * estimate.log_likelihood
        self._negative_log_likelihood_ = -estimate.log_likelihood / customers
        blank = np.full((len(names), len(names)), np.nan)
        in_logs = np.linalg.inv(estimate.information) if estimate.interior else blank
        self.variance_matrix_ = pd.DataFrame(in_logs * np.outer(params, params), index=names, columns=names)
        self.standard_errors_ = pd.Series(np.sqrt(np.diag(self.variance_matrix_)), index=names)
        spread = np.exp(ndtri(0.975) * self.standard_errors_ / self.params_)
        bounds: dict[str, Any] = {"lower 95% bound": self.params_ / spread, "upper 95% bound": self.params_ * spread}
        self.confidence_intervals_ = pd.DataFrame(bounds)

    def _report_nothing(self, diagnosis: str, refusal: TooLittleData) -> None:
        """No estimate: the parameters are unknown, and every prediction too."""
        size = len(self.names)
        self._report(Estimate(np.full(size, np.nan), np.nan, np.full((size, size), np.nan), interior=False), 1.0)
        self.diagnosis_, self.refusal_ = diagnosis, refusal
