"""Quadrature that the models share: Gauss-Legendre, and Gauss rules for expectations over a beta distribution."""

from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh_tridiagonal
from scipy.special import betaln, expit, polygamma, roots_legendre

Floats = npt.NDArray[np.float64]

ALMOST_ZERO = 1e-300
LOGIT_STEP = 0.25
FEW = 200


@cache
def legendre(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre on [0, 1]; many by the banded matrix, a full one would take minutes."""
    nodes, weights = np.polynomial.legendre.leggauss(count) if count <= FEW else roots_legendre(count)
    return (nodes + 1) / 2, weights / 2


def beta_rule(a: float, b: float, count: int, stretch: float = 1.0) -> tuple[Floats, Floats]:
    """p_j and w_j with E[f(p)] = sum of w_j f(p_j) for p ~ Beta(a, b): the Gauss rule with `count` nodes.

    The recurrence coefficients come from the canonical moments of the beta distribution (Dette, Studden 1997), in which nothing
    cancels. A function of 1 + p tau is singular at p = -1/tau, close to the end of the interval when tau is large:
    `stretch` > 1 maps p = w / (w + (1 - w) stretch), which moves the singularity away (best: the root of tau)."""
    nodes, weights = _gauss_jacobi(a, b, count)
    if stretch != 1.0:
        mixed = nodes + (1 - nodes) * stretch
        weights = weights * np.exp(b * np.log(stretch) - (a + b) * np.log(mixed))
        nodes = nodes / mixed
    return np.maximum(nodes, ALMOST_ZERO), weights


@lru_cache(maxsize=2000)
def _gauss_jacobi(a: float, b: float, count: int) -> tuple[Floats, Floats]:
    k = np.arange(1, count + 1)
    odd = (a + k - 1) / (a + b + 2 * k - 2)
    even = k / (a + b + 2 * k - 1)
    zeta_odd = odd * np.concatenate([[1.0], 1 - even[:-1]])
    zeta_even = (1 - odd) * even
    diagonal = zeta_odd + np.concatenate([[0.0], zeta_even[:-1]])
    found = eigh_tridiagonal(diagonal, np.sqrt(zeta_odd[:-1] * zeta_even[:-1]))
    nodes, weights = np.asarray(found[0], dtype=np.float64), np.asarray(found[1][0] ** 2, dtype=np.float64)
    for part in (nodes, weights):
        part.flags.writeable = False
    return nodes, weights


def beta_rule_in_logits(a: float, b: float, steepness: float) -> tuple[Floats, Floats]:
    """As beta_rule, by the trapezoidal rule in s = ln(p / (1 - p)): slower, but good for any function of p tau, however large.

    In s the singularities keep their distance, so that equal steps converge exponentially. Where the tail of the distribution is
    long, a node at 0 or 1 makes the rule exact for 1 - p or p, which shortens it. steepness: of the function at 0."""
    centre = np.log(a / b)
    short = np.array([a > 1, b > 1])
    left = (46 + np.log1p(steepness) + (a + b) * np.log1p(a / b)) / (a + 1 - short[0]) + 1
    right = (46 + (a + b) * np.log1p(b / a)) / (b + 1 - short[1]) + 1
    step = min(LOGIT_STEP, 0.7 * np.sqrt(polygamma(1, a) + polygamma(1, b)))
    s = centre + step * np.arange(-np.ceil(left / step), np.ceil(right / step) + 1)
    p, rest = expit(s), expit(-s)
    weights = step * np.exp(-a * np.log1p(np.exp(-s)) - b * np.log1p(np.exp(s)) - betaln(a, b))
    ends = np.where(short, 0.0, [b / (a + b) - (weights * rest).sum(), a / (a + b) - (weights * p).sum()])
    return np.concatenate([[ALMOST_ZERO], np.maximum(p, ALMOST_ZERO), [1.0]]), np.concatenate([ends[:1], weights, ends[1:]])
