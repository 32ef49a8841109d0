"""What a customer who is alive will do next, as distributions over arrays of customers.

Given that a customer is alive, the purchase rate is Gamma(R, A) and independent of the dropout process: the future of an old
customer is that of a new one with updated parameters (R = r + x, A = alpha + T). Every prediction is this future times
P(alive). Time u is counted from now, in the unit of A.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, xlogy

from crm.analytics.clv.fitters.quadrature import beta_rule, beta_rule_in_logits, legendre

Floats = npt.NDArray[np.float64]

TIME_NODES = 48
NODES_STEP = 256  # so that many customers share the nodes of few rules
CHUNK = 1 << 21  # numbers held at once
NEGLIGIBLE = 45.0  # exp(-45) is left out of integrals
FEWEST_NODES, MOST_NODES = 18, 91
STRETCH = 100.0  # a wider one lets the weights of the rule cancel
SETTLED = 1e-12

MeanOf = Callable[[Floats, Floats, Floats], Floats]


@dataclass(frozen=True)
class Future:
    """Purchase rate Gamma(R, A) of each customer; without more, they never stop."""

    R: Floats
    A: Floats

    def expected(self, t: Floats) -> Floats:
        """Expected purchases in (0, t]."""
        return self.R / self.A * t

    def rate(self, u: Floats) -> Floats:
        """Expected purchases per unit of time at time u."""
        return np.asarray(np.broadcast_to(self.R / self.A, np.broadcast_shapes(self.R.shape, u.shape)), dtype=np.float64)

    def alive(self, u: Floats) -> Floats:
        """P(still alive at u)."""
        return np.ones(np.broadcast_shapes(self.R.shape, u.shape))

    def probability(self, n: Floats, t: Floats) -> tuple[Floats, Floats]:
        """P(n purchases in (0, t], alive at t) and P(n purchases in (0, t], dead at t)."""
        still = negative_binomial(n, self.R, t / self.A)
        return still, np.zeros(still.shape)

    def at_least(self, n: Floats, t: Floats) -> Floats:
        """P(at least n purchases in (0, t]), n from 1 on."""
        return np.asarray(betainc(n, self.R, t / (self.A + t)), dtype=np.float64)

    def window(self, n: Floats, t: Floats, tau: Floats) -> tuple[Floats, Floats, Floats]:
        """P(dead at t); P(n purchases in (t, t + tau], alive at t + tau); P(n purchases there, dies inside)."""
        still, inside = self.probability(n, tau)
        return np.zeros(still.shape), still, inside

    def first_purchase_quantile(self, q: Floats) -> Floats:
        """Time at which P(a purchase so far) reaches q; infinite where it never does."""
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            return np.where(q < 1, self.A * np.expm1(-np.log1p(-np.minimum(q, 1.0)) / self.R), np.inf)

    def forever(self) -> Floats:
        """Expected purchases without end and without discount."""
        return np.full(self.R.shape, np.inf)

    def turning_time(self) -> Floats:
        """The time scale on which the rate falls."""
        return self.A

    def discounted(self, discount: float, horizon: float | Floats = np.inf) -> Floats:
        """Integral of exp(-discount u) rate(u) over (0, horizon]: discounted expected purchases (DERT for an endless horizon).
        Horizons of the customers are all finite or all endless.

        By Gauss-Legendre in ln(1 + u / scale), in which the integrand is entire or singular at distance pi only."""
        if discount == 0.0:
            return self.forever() if np.isinf(horizon).any() else self.expected(np.asarray(horizon))
        scale = self.turning_time()[:, None]
        node, weight = legendre(TIME_NODES)
        length = np.log1p(np.reshape(np.minimum(horizon, NEGLIGIBLE / discount), (-1, 1)) / scale)
        u = scale * np.expm1(length * node)
        steps = np.exp(length * node - discount * u) * scale * length * weight
        return np.asarray((steps * self.by_customer().rate(u)).sum(axis=1))

    def by_customer(self) -> Self:
        """The same customers as rows, so that columns can be times."""
        arrays = {part.name: getattr(self, part.name) for part in fields(self)}
        return replace(self, **{name: part[:, None] for name, part in arrays.items() if isinstance(part, np.ndarray)})


@dataclass(frozen=True)
class ExponentialFuture(Future):
    """Dropout at a rate that is Gamma(S, B) among such customers (Pareto/NBD)."""

    S: float
    B: Floats

    def expected(self, t: Floats) -> Floats:
        z = np.log1p(t / self.B)
        return self.R / self.A * self.B * z * _relative_growth((1 - self.S) * z)

    def rate(self, u: Floats) -> Floats:
        return np.asarray(self.R / self.A * self.alive(u))

    def alive(self, u: Floats) -> Floats:
        return np.asarray(np.exp(-self.S * np.log1p(u / self.B)))

    def probability(self, n: Floats, t: Floats) -> tuple[Floats, Floats]:
        still = negative_binomial(n, self.R, t / self.A) * self.alive(t)
        y, steps = self._time_nodes(t)
        density = self.S / (self.B + y) * self.alive(y)
        return still, (steps * density * negative_binomial(n, self.R, y / self.A)).sum(axis=0)

    def window(self, n: Floats, t: Floats, tau: Floats) -> tuple[Floats, Floats, Floats]:
        """The purchase rate does not depend on the dropout, so a survivor of t only has another B."""
        alive = self.alive(t)
        still, inside = replace(self, B=self.B + t).probability(n, tau)
        return 1 - alive, alive * still, alive * inside

    def at_least(self, n: Floats, t: Floats) -> Floats:
        """The n-th purchase before t and before the dropout."""
        y, steps = self._time_nodes(t)
        arrival = np.exp(self._log_arrival(n, y))
        return np.asarray(np.minimum((steps * arrival * self.alive(y)).sum(axis=0), 1.0))

    def first_purchase_quantile(self, q: Floats) -> Floats:
        """Newton from the left: P(a purchase so far) is concave in time, so no step goes too far."""
        limit = self.at_least(np.array(1.0), self.A * np.expm1(np.minimum(NEGLIGIBLE / (self.R + self.S), 600.0)))
        reached = q < limit * (1 - 1e-9)
        t = Future.first_purchase_quantile(self, np.where(reached, q, 0.0))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for _ in range(60):
                missing = np.where(reached, q - self.at_least(np.array(1.0), t), 0.0)
                density = np.exp(self._log_arrival(np.array(1.0), t)) * self.alive(t)
                t = t + np.where(missing > 0, missing / density, 0.0)
                if np.all(missing <= 1e-12):
                    break
        return np.where(reached, t, np.inf)

    def forever(self) -> Floats:
        return np.asarray(self.R / self.A * self.B / (self.S - 1)) if self.S > 1 else np.full(self.R.shape, np.inf)

    def turning_time(self) -> Floats:
        return self.B

    def _time_nodes(self, t: Floats) -> tuple[Floats, Floats]:
        """Nodes and weights (first axis) of an integral over (0, t], denser where customers with many purchases need it."""
        count = TIME_NODES + 8 * int(np.sqrt(np.max(self.R, initial=0.0)))
        count = count if count < NODES_STEP else -(-count // NODES_STEP) * NODES_STEP
        shape = np.broadcast_shapes(t.shape, self.R.shape)
        node, weight = (part.reshape(-1, *(1,) * len(shape)) for part in legendre(count))
        scale = np.minimum(self.A, self.B)
        length = np.log1p(t / scale)
        return scale * np.expm1(length * node), scale * length * np.exp(length * node) * weight

    def _log_arrival(self, n: Floats, y: Floats) -> Floats:
        """Log density of the time of the n-th purchase while alive."""
        with np.errstate(divide="ignore", invalid="ignore"):
            early = np.where(n > 1, (n - 1) * np.log(y / self.A), 0.0)
        return np.asarray(early - (self.R + n) * np.log1p(y / self.A) - np.log(self.A) - betaln(n, self.R))


@dataclass(frozen=True)
class GeometricFuture(Future):
    """After each purchase a customer stops with a probability that is Beta(a, B) among such customers (BG/NBD)."""

    a: float
    B: Floats

    def expected(self, t: Floats) -> Floats:
        """The mean over p of (1 - (1 + p t / A)^-R) / p: nothing special happens at a = 1, and nothing cancels."""
        return self._mean_over_p(t, lambda p, R, tau: -np.expm1(-R * np.log1p(p * tau)) / p)

    def rate(self, u: Floats) -> Floats:
        mean = self._mean_over_p(u, lambda p, R, tau: np.exp(-(R + 1) * np.log1p(p * tau)))
        return np.asarray(self.R / self.A * mean)

    def alive(self, u: Floats) -> Floats:
        return self._mean_over_p(u, lambda p, R, tau: np.exp(-R * np.log1p(p * tau)))

    def probability(self, n: Floats, t: Floats) -> tuple[Floats, Floats]:
        still = negative_binomial(n, self.R, t / self.A) * self._survives(n)
        before = np.maximum(n, 1)
        stops = self.a / (self.a + self.B + before - 1)
        dead = np.where(n > 0, self._survives(before - 1) * stops * Future.at_least(self, before, t), 0.0)
        return still, dead

    def window(self, n: Floats, t: Floats, tau: Floats) -> tuple[Floats, Floats, Floats]:
        """Given p, a survivor of t has the purchase rate Gamma(R, A + p t): frequent buyers have met more dropouts."""
        parts = [self._window(*row) for row in np.broadcast(n, t, tau)]
        alive, still, inside = np.array(parts).reshape(-1, 3).T
        return 1 - alive, still, inside

    def _window(self, n: float, t: float, tau: float) -> tuple[float, float, float]:
        first = replace(self, R=self.R[:1], A=self.A[:1], B=self.B[:1])
        A = float(first.A[0])

        def alive(p: Floats, R: Floats, ratio: Floats) -> Floats:
            return np.asarray(np.exp(-R * np.log1p(p * ratio)))

        def still(p: Floats, R: Floats, ratio: Floats) -> Floats:
            return alive(p, R, ratio) * (1 - p) ** n * negative_binomial(np.asarray(n), R, tau / (A + p * t))

        def inside(p: Floats, R: Floats, ratio: Floats) -> Floats:
            reached = betainc(max(n, 1), R, tau / (A + p * t + tau))
            return np.asarray(alive(p, R, ratio) * p * (1 - p) ** max(n - 1, 0) * reached) * (n > 0)

        start = np.asarray(t)
        a, b, c = (float(first._mean_over_p(start, part)[0]) for part in (alive, still, inside))
        return a, b, c

    def at_least(self, n: Floats, t: Floats) -> Floats:
        return np.asarray(Future.at_least(self, n, t) * self._survives(n - 1))

    def forever(self) -> Floats:
        return (self.a + self.B - 1) / (self.a - 1) if self.a > 1 else np.full(self.R.shape, np.inf)

    def _survives(self, n: Floats) -> Floats:
        """P(no dropout at the next n purchases)."""
        return np.asarray(np.exp(betaln(self.a, self.B + n) - betaln(self.a, self.B)))

    def _mean_over_p(self, u: Floats, function: MeanOf) -> Floats:
        """Mean over p of function(p, R, u / A); the first axis of R is the customers."""
        count = len(self.R)
        R, B = self.R.reshape(count), self.B.reshape(count)
        ratio = u / self.A
        tau = np.broadcast_to(ratio, np.broadcast_shapes(ratio.shape, self.R.shape)).reshape(count, -1)
        distinct, which = np.unique(B, return_inverse=True)
        nodes, weights = self._rules(R, distinct, which, tau.max(axis=1), function)
        result = np.empty(tau.shape)
        rows = max(1, CHUNK // (nodes.shape[1] * tau.shape[1]))
        for start in range(0, count, rows):
            part = slice(start, start + rows)
            p, w = nodes[which[part]][:, None, :], weights[which[part]][:, :, None]
            result[part] = (function(p, R[part][:, None, None], tau[part][:, :, None]) @ w)[:, :, 0]
        return result.reshape(np.broadcast_shapes(ratio.shape, self.R.shape))

    def _rules(
        self, R: Floats, distinct: Floats, which: npt.NDArray[np.intp], longest: Floats, function: MeanOf
    ) -> tuple[Floats, Floats]:
        """A rule for each distinct B, with so many nodes that the most demanding customers no longer change."""
        B = distinct[which]
        steepness = longest * np.maximum(1.0, R / (self.a + B))
        reach = np.zeros(len(distinct))
        np.maximum.at(reach, which, steepness)
        stretch = np.maximum(1.0, np.minimum(np.sqrt(reach), STRETCH / distinct))
        hardest = {int(np.argmax(measure)) for measure in (longest, steepness, stretch[which])}

        def at_hardest(count: int) -> Floats:
            rules = [(row, *beta_rule(self.a, B[row], count, stretch[which[row]])) for row in hardest]
            return np.array([(w * function(p, R[row], longest[row])).sum() for row, p, w in rules])

        count, before, now = FEWEST_NODES, at_hardest(FEWEST_NODES * 2 // 3), at_hardest(FEWEST_NODES)
        while count < MOST_NODES and np.any(np.abs(now - before) > SETTLED * np.abs(now)):
            count = count * 3 // 2
            before, now = now, at_hardest(count)
        if count < MOST_NODES:
            rules = [beta_rule(self.a, b, count, k) for b, k in zip(distinct, stretch, strict=True)]
        else:
            rules = [beta_rule_in_logits(self.a, b, float(np.max(R * longest))) for b in distinct]
        most = max(len(p) for p, _ in rules)
        padded = [(np.pad(p, (0, most - len(p)), constant_values=1.0), np.pad(w, (0, most - len(p)))) for p, w in rules]
        return np.array([p for p, _ in padded]), np.array([w for _, w in padded])


def negative_binomial(n: Floats, R: Floats, ratio: Floats) -> Floats:
    """P(n purchases in t | rate ~ Gamma(R, A)) with ratio = t / A."""
    return np.asarray(np.exp(xlogy(n, ratio) - (R + n) * np.log1p(ratio) - np.log(R + n) - betaln(R, n + 1.0)))


def _relative_growth(y: Floats) -> Floats:
    """(exp(y) - 1) / y, 1 at y = 0."""
    return np.where(y == 0, 1.0, np.expm1(y) / np.where(y == 0, 1.0, y))
