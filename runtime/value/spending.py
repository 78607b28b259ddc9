"""Amounts of purchases: the model Gamma-Gamma.

Fader & Hardie, "The Gamma-Gamma Model of Monetary Value" (2013),
http://www.brucehardie.com/notes/025/. Equation numbers are of that note.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spending:
    """The parameters p, q, γ of a fit; `likelihood` is the logarithm of its likelihood.

    The mean of a customer's purchases varies around one's own mean, and that over customers.
    """

    p: float
    q: float
    gamma: float
    likelihood: float

    def expected(self, x: Floats, mean: Floats) -> Floats:
        """The mean of each customer's purchases to come, of `x` so far with `mean` (equation 5)."""
        return np.asarray(self.p * (self.gamma + x * mean) / (self.p * x + self.q - 1))


def fit_spending(x: ArrayLike, mean: ArrayLike) -> Spending | None:
    """The parameters of greatest likelihood (equation 1a); `None` if the fit does not converge.

    Customers without a repeat purchase, or who paid nothing, have no part in it.
    """
    every, means = np.asarray(x, float), np.asarray(mean, float)
    some = (every > 0) & (means > 0)
    n, z = every[some], means[some]
    if not len(n):
        return None
    scale = float(z.mean())
    z = z / scale

    def loss(logs: Floats) -> float:
        p, q, gamma = np.exp(logs)
        found = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(gamma)
        found = found + (p * n - 1) * np.log(z) + p * n * np.log(n)
        found = found - (p * n + q) * np.log(gamma + z * n)
        return -float(found.mean())

    found = minimize(loss, np.zeros(3), method="L-BFGS-B", bounds=[(-9, 9)] * 3)
    p, q, gamma = np.exp(found.x)
    if not found.success or not np.isfinite(found.fun) or np.any(np.abs(found.x) > 8.9) or q <= 1:
        return None
    likelihood = -found.fun * len(n) - len(n) * np.log(scale)
    return Spending(float(p), float(q), float(gamma * scale), float(likelihood))
