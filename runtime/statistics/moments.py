"""Sums of an outcome and of what it was before, and the mean and variance that they give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over `count` customers of an outcome y and of the same before, x.

    `yy`, `xx` and `xy` are sums of products.
    """

    count: int
    y: float
    yy: float
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @property
    def mean(self) -> float:
        """The mean outcome; 0 of nobody."""
        return self.y / self.count if self.count else 0.0

    @property
    def mean_before(self) -> float:
        """The mean of what was before; 0 of nobody."""
        return self.x / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """The unbiased variance of the outcome."""
        return max(self._centred(self.yy, self.y, self.y), 0.0)

    @property
    def variance_before(self) -> float:
        """The unbiased variance of what was before."""
        return max(self._centred(self.xx, self.x, self.x), 0.0)

    @property
    def covariance(self) -> float:
        """The unbiased covariance of the two."""
        return self._centred(self.xy, self.x, self.y)

    def _centred(self, products: float, one: float, other: float) -> float:
        if self.count < 2:
            return 0.0
        found = (products - one * other / self.count) / (self.count - 1)
        # A remainder of rounding does not count as variance.
        return 0.0 if abs(found) <= 1e-12 * abs(products) else found
