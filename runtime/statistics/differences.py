"""The difference between two variants, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

from .moments import Moments
from .proportions import normal_quantile

LEVEL = 0.95
TIGHTEST = 5_000
"""Customers for whom the interval that holds at every look is tightest."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of means, with its interval.

    `always` holds whenever one looks and however often. `once` holds for one look that was planned
    beforehand. `adjusted`: by what the customers did before.
    """

    value: float
    error: float
    always: tuple[float, float]
    once: tuple[float, float]
    adjusted: bool

    @property
    def is_clear(self) -> bool:
        """Whether zero lies outside of the interval that always holds."""
        return self.always[0] > 0 or self.always[1] < 0


def difference(treated: Moments, held: Moments, level: float = LEVEL) -> Difference:
    """The difference of two means, adjusted by CUPED where that makes it surer.

    CUPED takes off what a difference before the exposure explains, theta times it, with theta the
    covariance by the variance, within both variants. Source: Deng, Xu, Kohavi and Walker,
    "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data",
    WSDM 2013.
    """
    theta = _theta(treated, held)
    value = treated.mean - held.mean - theta * (treated.mean_before - held.mean_before)
    error = sqrt(_square(treated, theta) + _square(held, theta))
    size = treated.count + held.count
    wide, narrow = error * always_valid(size, level), error * normal_quantile(level)
    return Difference(
        value,
        error,
        (value - wide, value + wide),
        (value - narrow, value + narrow),
        theta != 0.0,
    )


def always_valid(size: int, level: float = LEVEL, tightest: int = TIGHTEST) -> float:
    """The standard errors at each side of a mean of `size` values, at every look at once.

    It is the asymptotic confidence sequence: with t values of deviation s, and a fixed rho,

        mean ± s * sqrt(2 (t rho² + 1) / (t² rho²) * log(sqrt(t rho² + 1) / alpha))

    where rho² = (-2 log alpha + log(-2 log alpha) + 1) / t* makes it tightest at t*. Source:
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
    asymptotic confidence sequences", arXiv 2103.06476 (2021), Theorem 2.2 and Appendix B.2.
    """
    if size < 1:
        return float("inf")
    alpha = 1 - level
    rho = (-2 * log(alpha) + log(-2 * log(alpha)) + 1) / tightest
    spread = size * rho + 1
    return sqrt(2 * spread / (size * rho) * log(sqrt(spread) / alpha))


def _theta(treated: Moments, held: Moments) -> float:
    """The pooled slope of the outcome over what was before; 0 where nothing was."""
    degrees = [max(one.count - 1, 0) for one in (treated, held)]
    below = sum(n * one.variance_before for n, one in zip(degrees, (treated, held), strict=True))
    above = sum(n * one.covariance for n, one in zip(degrees, (treated, held), strict=True))
    return above / below if below > 0 else 0.0


def _square(one: Moments, theta: float) -> float:
    """The squared standard error of an adjusted mean."""
    if one.count < 1:
        return 0.0
    spread = one.variance - 2 * theta * one.covariance + theta * theta * one.variance_before
    return max(spread, 0.0) / one.count
