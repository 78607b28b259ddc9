"""Repeat purchases: the model BG/NBD.

Fader, Hardie & Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24 (2005) 2, pages 275-284. Equation numbers are of that paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """The parameters r, α, a, b of a fit; `likelihood` is the logarithm of its likelihood.

    While alive, a customer buys at a rate that is Gamma(r, α) over customers. After each purchase
    one drops out with a probability that is Beta(a, b) over customers.
    """

    r: float
    alpha: float
    a: float
    b: float
    likelihood: float

    def expected(self, times: float, x: Floats, last: Floats, age: Floats) -> Floats:
        """The purchases that each customer will make in so many units of time (equation 10)."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        z = times / (alpha + age + times)
        left = hyp2f1(r + x, b + x, a + b + x - 1, z)
        ratio = ((alpha + age) / (alpha + age + times)) ** (r + x)
        ever = (a + b + x - 1) / (a - 1) * (1 - ratio * left)
        gone = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + last)) ** (r + x)
        return np.asarray(ever / (1 + np.where(x > 0, gone, 0.0)))


def fit_purchases(
    x: ArrayLike, last: ArrayLike, age: ArrayLike, weight: ArrayLike
) -> Purchases | None:
    """The parameters of greatest likelihood (equation 6); `None` if the fit does not converge.

    `x` are the repeat purchases of a customer. `last` is the time from the first to the last
    purchase, and `age` that from the first to the end of the data. `weight` counts customers alike.
    """
    n, tx, t, w = (np.asarray(one, float) for one in (x, last, age, weight))
    scale = float(t.max()) / 10 or 1.0

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        common = gammaln(r + n) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + n) - betaln(a, b) - (r + n) * np.log(alpha + t / scale)
        gone = betaln(a + 1, b + np.maximum(n, 1) - 1) - betaln(a, b)
        gone = gone - (r + n) * np.log(alpha + tx / scale)
        both = np.where(n > 0, np.logaddexp(alive, gone), alive)
        return -float(w @ (common + both)) / float(w.sum())

    found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=[(-9, 9)] * 4)
    r, alpha, a, b = np.exp(found.x)
    if not found.success or not np.isfinite(found.fun) or np.any(np.abs(found.x) > _EDGE):
        return None
    likelihood = -found.fun * float(w.sum()) - float(w @ n) * np.log(scale)
    return Purchases(float(r), float(alpha * scale), float(a), float(b), float(likelihood))


_EDGE = 8.9
"""A parameter beyond exp(±8.9) is at the edge of what is searched: nothing was found."""
