"""Effect sizes of two groups with intervals, and the correction for many of them.

- Standardised difference: Austin, Statistics in Medicine 28 (2009), 3083-3107.
- Its standard error: Hedges & Olkin, Statistical Methods for Meta-Analysis (1985), chapter 5.
- Interval of a difference of shares: Newcombe, Statistics in Medicine 17 (1998), method 10.
- Correction: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy import stats


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of two groups. `standard` ranks means and shares alike; `p` is two-sided."""

    size: float
    low: float
    high: float
    p: float
    standard: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The size, mean and sample variance of a group."""

    size: int
    mean: float
    variance: float


def difference_of_means(one: Sample, other: Sample, level: float) -> Effect | None:
    """The standardised difference of two means; `None` without any spread.

    `level` is that of the interval, such as 0.95. The p-value is that of Welch's test.
    """
    spread = sqrt((one.variance + other.variance) / 2)
    if min(one.size, other.size) < 2 or spread == 0:
        return None
    size = (one.mean - other.mean) / spread
    n, m = one.size, other.size
    error = sqrt((n + m) / (n * m) + size**2 / (2 * (n + m)))
    z = float(stats.norm.ppf((1 + level) / 2))
    p = float(
        stats.ttest_ind_from_stats(
            one.mean, sqrt(one.variance), n, other.mean, sqrt(other.variance), m, equal_var=False
        ).pvalue
    )
    return Effect(size, size - z * error, size + z * error, p, size)


def difference_of_shares(x: int, n: int, y: int, m: int, level: float) -> Effect | None:
    """The difference of the shares x/n and y/m; `None` for an empty group.

    The p-value is that of the pooled z-test, or of Fisher's where fewer than 5 are expected.
    """
    if not n or not m:
        return None
    p, q = x / n, y / m
    z = float(stats.norm.ppf((1 + level) / 2))
    (low_p, high_p), (low_q, high_q) = _wilson(x, n, z), _wilson(y, m, z)
    low = p - q - sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    high = p - q + sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    spread = sqrt((p * (1 - p) + q * (1 - q)) / 2)
    standard = (p - q) / spread if spread else 0.0 if p == q else (p - q) * 1e6
    return Effect(p - q, low, high, _p_of_shares(x, n, y, m), standard)


def _wilson(x: int, n: int, z: float) -> tuple[float, float]:
    """The score interval of a share."""
    p = x / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def _p_of_shares(x: int, n: int, y: int, m: int) -> float:
    pooled = (x + y) / (n + m)
    least = min(n, m) * min(pooled, 1 - pooled)
    if least == 0:
        return 1.0
    if least < 5:
        return float(stats.fisher_exact([[x, n - x], [y, m - y]]).pvalue)
    z = (x / n - y / m) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float(2 * stats.norm.sf(abs(z)))


def holm(values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number: no more than 5% of families have a false one."""
    found = [1.0] * len(values)
    so_far = 0.0
    for place, index in enumerate(sorted(range(len(values)), key=lambda one: values[one])):
        so_far = max(so_far, min(1.0, values[index] * (len(values) - place)))
        found[index] = so_far
    return found
