"""Maximum likelihood in log parameters: a search on a sample of the base, then Newton's method on all of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]  # log parameters -> log-likelihood and its gradient

DIFFERENCE, FORWARD = 1e-4, 1e-5
FLAT = 0.01  # a curvature below it means a standard error of more than 10 in the log: the data say nothing
NEARBY, CLOSE = 1e-8, 1e-14  # log-likelihood that is left to gain
CLIMBING_STEPS, NEWTON_STEPS = 200, 8


class Rebuilt:
    """An objective that can be pickled: it is built from its data when it is first asked."""

    def __init__(self, build: Callable[..., Objective], *data: object) -> None:
        self._build, self._data = build, data
        self._objective: Objective | None = None

    def __call__(self, log_params: Floats) -> tuple[float, Floats]:
        if self._objective is None:
            self._objective = self._build(*self._data)
        return self._objective(log_params)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_objective": None}


@dataclass(frozen=True)
class Estimate:
    """`information` is minus the second derivative of the log-likelihood in the log parameters."""

    log_params: Floats
    log_likelihood: float
    information: Floats
    interior: bool


def maximise(
    objective: Objective, starts: Sequence[Floats], bounds: Sequence[tuple[float, float]], rough: Objective | None = None
) -> Estimate:
    """The highest point found from the starts, within bounds. `rough` is the objective on a sample: it finds the neighbourhood
    and the curvature for the first steps, so that the full base is read only a dozen times."""
    lower, upper = np.array(bounds).T
    found = [_climb(rough or objective, np.clip(start, lower, upper), lower, upper) for start in starts]
    point = max(found, key=lambda end: end[1])[0]
    if rough is not None:
        point, _ = _newton(objective, point, _information(rough, point), lower, upper, NEARBY)
    for attempt in range(2):
        information = _information(objective, point)
        point, reached = _newton(objective, point, information, lower, upper, CLOSE)
        if reached:
            break
        if attempt == 0 and rough is not None:
            point = _climb(objective, point, lower, upper)[0]
    at_bound = bool(np.any((point <= lower + 1e-6) | (point >= upper - 1e-6)))
    interior = reached and not at_bound and float(np.linalg.eigvalsh(information)[0]) > FLAT
    return Estimate(point, objective(point)[0], information, interior)


def _climb(objective: Objective, point: Floats, lower: Floats, upper: Floats) -> tuple[Floats, float]:
    """Newton's method with every direction taken uphill, within a radius that grows with success."""
    value, gradient = objective(point)
    radius, curvature = 1.0, _forward_differences(objective, point, gradient)
    for _ in range(CLIMBING_STEPS):
        free = ~(((point <= lower) & (gradient < 0)) | ((point >= upper) & (gradient > 0)))
        ahead = np.clip(point + _uphill(curvature, gradient, free, radius), lower, upper)
        expected = float(gradient @ (ahead - point))
        if not expected > NEARBY:
            break
        value_ahead, gradient_ahead = objective(ahead)
        if value_ahead > value + 0.01 * expected:
            point, value, gradient = ahead, value_ahead, gradient_ahead
            radius, curvature = radius * 2, _forward_differences(objective, point, gradient)
        else:
            radius = float(np.max(np.abs(ahead - point))) / 4
    return point, value


def _uphill(curvature: Floats, gradient: Floats, free: npt.NDArray[np.bool_], radius: float) -> Floats:
    step = np.zeros(len(gradient))
    if free.any() and np.all(np.isfinite(curvature)):
        sizes, directions = np.linalg.eigh(curvature[np.ix_(free, free)])
        step[free] = directions @ ((directions.T @ gradient[free]) / np.maximum(np.abs(sizes), 1e-9))
    longest = float(np.max(np.abs(step)))
    return step * min(1.0, radius / longest) if longest > 0 else step


def _newton(
    objective: Objective, point: Floats, information: Floats, lower: Floats, upper: Floats, close: float
) -> tuple[Floats, bool]:
    """Steps with a fixed curvature until the gain that is left is below `close`; where the surface is flat or falls, none."""
    if not np.all(np.isfinite(information)) or np.linalg.eigvalsh(information)[0] <= FLAT:
        return point, False
    value, gradient = objective(point)
    for _ in range(NEWTON_STEPS):
        step = np.linalg.solve(information, gradient)
        if gradient @ step < close:
            return point, True
        if np.max(np.abs(step)) > 2:
            return point, False
        ahead = np.clip(point + step, lower, upper)
        value_ahead, gradient_ahead = objective(ahead)
        if not value_ahead > value - 1e-10 * abs(value):
            return point, False
        point, value, gradient = ahead, value_ahead, gradient_ahead
    return point, False


def _forward_differences(objective: Objective, point: Floats, gradient: Floats) -> Floats:
    rows = np.array([(gradient - objective(point + shift)[1]) / FORWARD for shift in FORWARD * np.eye(len(point))])
    return np.asarray((rows + rows.T) / 2)


def _information(objective: Objective, point: Floats) -> Floats:
    """Central differences of the exact gradient."""
    shifts = DIFFERENCE * np.eye(len(point))
    rows = np.array([(objective(point - shift)[1] - objective(point + shift)[1]) / (2 * DIFFERENCE) for shift in shifts])
    return np.asarray((rows + rows.T) / 2)
