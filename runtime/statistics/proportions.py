"""Proportions: a share of customers, and how sure it is."""

from __future__ import annotations

from math import sqrt

from scipy.special import ndtri


def normal_quantile(level: float) -> float:
    """The two-sided quantile of the normal distribution: 1.96 for 0.95."""
    return float(ndtri((1 + level) / 2))


def wilson(count: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """The score interval of a share. Source: Wilson, JASA 22 (1927); (0, 1) of nobody."""
    if of <= 0:
        return 0.0, 1.0
    z = normal_quantile(level)
    share, weight = count / of, z * z / of
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / of + weight / (4 * of))
    low = 0.0 if count == 0 else max(middle - half, 0.0)
    return low, 1.0 if count == of else min(middle + half, 1.0)
