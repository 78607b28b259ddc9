"""The statistics of measures, held against simulated worlds in which the truth is known."""

from __future__ import annotations

from math import isclose

import numpy as np
import pytest
from campaigner.runtime.statistics.differences import always_valid, difference
from campaigner.runtime.statistics.moments import Moments
from campaigner.runtime.statistics.proportions import wilson
from campaigner.runtime.statistics.sample_ratio import sample_ratio

from ..laws import MORE, PROFILE

pytestmark = pytest.mark.repeated

REPLAYS = 2_000 * MORE.get(PROFILE, 1)
SEED = 20260407


def moments(y, x=None) -> Moments:
    x = np.zeros_like(y) if x is None else x
    return Moments(len(y), y.sum(), (y * y).sum(), x.sum(), (x * x).sum(), (x * y).sum())


def world(random, size: int, effect: float):
    """The same customers before and after, in two variants, of which one has the effect."""
    habit = random.gamma(2.0, 1.0, size)
    before = random.poisson(habit).astype(float)
    after = random.poisson(habit).astype(float)
    treated = random.random(size) < 0.5
    after[treated] += effect
    return after, before, treated


def seen(after, before, treated):
    return difference(
        moments(after[treated], before[treated]), moments(after[~treated], before[~treated])
    )


def misses(size: int, effect: float, random) -> tuple[int, int]:
    """How many replays each interval, of one look and of every look, misses the effect in."""
    once = always = 0
    for _ in range(REPLAYS):
        found = seen(*world(random, size, effect))
        once += not found.once[0] <= effect <= found.once[1]
        always += not found.always[0] <= effect <= found.always[1]
    return once, always


def test_aa_tests_give_false_alarms_at_their_stated_rate() -> None:
    once, always = misses(400, 0.0, np.random.default_rng(SEED))
    assert abs(once / REPLAYS - 0.05) <= 0.005
    assert always / REPLAYS <= 0.05


def test_intervals_cover_a_known_effect_at_their_stated_rate() -> None:
    once, always = misses(400, 0.7, np.random.default_rng(SEED + 1))
    assert abs(once / REPLAYS - 0.05) <= 0.015
    assert always / REPLAYS <= 0.05


def test_whoever_peeks_at_aa_tests_is_hardly_ever_misled() -> None:
    """At each of thirty looks the interval that always holds may leave zero out."""
    random, alarms, alarms_of_once = np.random.default_rng(SEED + 2), 0, 0
    looks = range(200, 3_200, 100)
    for _ in range(REPLAYS // 4):
        after, before, treated = world(random, 3_100, 0.0)
        found = [seen(after[:n], before[:n], treated[:n]) for n in looks]
        alarms += any(one.is_clear for one in found)
        alarms_of_once += any(one.once[0] > 0 or one.once[1] < 0 for one in found)
    assert alarms / (REPLAYS // 4) <= 0.05
    # The interval of a single look would mislead far more often: peeking is why there are two.
    assert alarms_of_once / (REPLAYS // 4) > 0.12


def test_what_customers_did_before_makes_a_difference_surer() -> None:
    random = np.random.default_rng(SEED + 3)
    after, before, treated = world(random, 20_000, 0.5)
    plain = difference(moments(after[treated]), moments(after[~treated]))
    adjusted = seen(after, before, treated)
    assert adjusted.adjusted
    assert not plain.adjusted
    # The correlation of the two is 0.5, which leaves 1 - 0.25 of the variance.
    assert isclose((adjusted.error / plain.error) ** 2, 0.75, abs_tol=0.03)
    assert adjusted.once[0] <= 0.5 <= adjusted.once[1]


def test_moments_are_mean_variance_and_covariance() -> None:
    random = np.random.default_rng(SEED + 4)
    y, x = random.normal(5, 2, 500), random.normal(1, 3, 500)
    found = moments(y, x)
    assert isclose(found.mean, y.mean())
    assert isclose(found.variance, y.var(ddof=1))
    assert isclose(found.covariance, np.cov(x, y)[0, 1], rel_tol=1e-6)
    assert moments(np.full(10, 0.1)).variance == 0.0
    assert (Moments(0, 0, 0).mean, Moments(1, 1, 1).variance) == (0.0, 0.0)


def test_the_interval_of_every_look_is_wider_and_tightest_where_it_is_meant_to_be() -> None:
    at = {size: always_valid(size) for size in (10, 100, 1_000, 5_000, 50_000, 5_000_000)}
    assert min(at, key=lambda size: at[size]) == 5_000
    assert 3.0 < at[5_000] < 3.1
    assert always_valid(0) == float("inf")


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_the_published_score_intervals(count, of, low, high) -> None:
    found = wilson(count, of)
    assert isclose(found[0], low, abs_tol=1e-4)
    assert isclose(found[1], high, abs_tol=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_sample_ratio_is_off_as_often_as_it_says() -> None:
    random = np.random.default_rng(SEED + 5)
    found = [sample_ratio([n, 1_000 - n], [0.1, 0.9]) for n in random.binomial(1_000, 0.1, 20_000)]
    assert abs(np.mean(np.array(found) < 0.05) - 0.05) < 0.01
    assert sample_ratio([130, 870], [0.1, 0.9]) < 0.002
    assert sample_ratio([5, 5], [0.0, 1.0]) == 0.0
    assert (sample_ratio([0, 0], [0.1, 0.9]), sample_ratio([7], [1.0])) == (1.0, 1.0)
    assert isclose(sample_ratio([60, 40], [1, 1]), 0.0455, abs_tol=1e-4)  # z = 2, two-sided
