"""The models of repeat purchases and amounts, against made-up customers and the papers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import exp, isclose, lgamma, log
from random import Random

import numpy as np
import pytest
from campaigner.runtime.value.forecast import Buyers, forecast
from campaigner.runtime.value.purchases import Purchases, fit_purchases
from campaigner.runtime.value.spending import Spending, fit_spending


def made_up(
    number: int, r: float, alpha: float, a: float, b: float
) -> list[tuple[int, float, float]]:
    """Customers who buy and drop out as BG/NBD says: repeats, time of the last, age."""
    draw, found = Random(f"{number} {r}"), []
    for _ in range(number):
        rate, dropout = draw.gammavariate(r, 1 / alpha), draw.betavariate(a, b)
        age, at, repeats, last = draw.uniform(20, 52), 0.0, 0, 0.0
        while True:
            at += draw.expovariate(rate) if rate > 1e-12 else 1e12
            if at > age:
                break
            repeats, last = repeats + 1, at
            if draw.random() < dropout:
                break
        found.append((repeats, last, age))
    return found


def log_of_one(model: Purchases, x: int, last: float, age: float) -> float:
    """Equation 6 of the paper, for one customer, in the standard library."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b

    def beta(p: float, q: float) -> float:
        return lgamma(p) + lgamma(q) - lgamma(p + q)

    scale = lgamma(r + x) - lgamma(r) + r * log(alpha)
    alive = beta(a, b + x) - beta(a, b) - (r + x) * log(alpha + age)
    if not x:
        return scale + alive
    gone = beta(a + 1, b + x - 1) - beta(a, b) - (r + x) * log(alpha + last)
    return scale + log(exp(alive) + exp(gone))


def test_a_fit_finds_the_parameters_that_customers_were_made_with() -> None:
    rows = np.asarray(made_up(6_000, 0.8, 6.0, 0.9, 3.0))
    model = fit_purchases(rows[:, 0], rows[:, 1], rows[:, 2], np.ones(len(rows)))
    assert model is not None
    assert isclose(model.r, 0.8, rel_tol=0.15)
    assert isclose(model.alpha, 6.0, rel_tol=0.2)
    assert isclose(model.a / (model.a + model.b), 0.9 / 3.9, rel_tol=0.15)
    whole = sum(log_of_one(model, int(x), last, age) for x, last, age in rows)
    assert isclose(model.likelihood, whole, rel_tol=1e-9)


def test_no_other_parameters_are_likelier() -> None:
    rows = made_up(800, 0.5, 4.0, 0.8, 2.5)
    x, last, age = zip(*rows, strict=True)
    model = fit_purchases(x, last, age, [1] * len(rows))
    assert model is not None
    for change in (0.97, 1.03):
        for name in ("r", "alpha", "a", "b"):
            values = {one: getattr(model, one) for one in ("r", "alpha", "a", "b")}
            values[name] *= change
            other = Purchases(**values, likelihood=0.0)
            assert sum(log_of_one(other, *row) for row in rows) < model.likelihood


def test_customers_alike_may_be_given_once_with_their_number() -> None:
    rows = [
        (int(x), float(round(last)), float(round(age)))
        for x, last, age in made_up(400, 0.5, 4, 0.8, 2.5)
    ]
    x, last, age = zip(*rows, strict=True)
    one = fit_purchases(x, last, age, [1] * len(rows))
    counted = {row: rows.count(row) for row in rows}
    other = fit_purchases(*zip(*counted, strict=True), list(counted.values()))
    assert one is not None
    assert other is not None
    assert isclose(one.likelihood, other.likelihood, rel_tol=1e-9)


def test_what_is_expected_is_what_came_of_customers_alike() -> None:
    """A model's purchases to come, against the mean of its own customers' futures."""
    model = Purchases(0.8, 6.0, 0.9, 3.0, 0.0)
    draw, came, number = Random(7), 0, 0
    while number < 4_000:
        rate, dropout = draw.gammavariate(0.8, 1 / 6.0), draw.betavariate(0.9, 3.0)
        moments, at, alive = [], 0.0, True
        while alive:
            at += draw.expovariate(rate) if rate > 1e-12 else 1e12
            if at > 50:
                break
            moments.append(at)
            alive = draw.random() >= dropout
        before = [one for one in moments if one <= 26]
        if len(before) == 1 and 6 <= before[0] <= 10:
            number, came = number + 1, came + len(moments) - 1
    found = model.expected(24.0, np.array([1.0]), np.array([8.0]), np.array([26.0]))
    assert isclose(float(found[0]), came / number, rel_tol=0.1)


def test_amounts_are_drawn_to_the_mean_of_all() -> None:
    draw, p, q, gamma = np.random.default_rng(3), 6.0, 4.0, 15.0
    x = draw.integers(1, 9, 4_000)
    rates = draw.gamma(q, 1 / gamma, 4_000)
    means = draw.gamma(p * x, 1 / (rates * x))
    model = fit_spending(x, means)
    assert model is not None
    assert isclose(model.p * model.gamma / (model.q - 1), p * gamma / (q - 1), rel_tol=0.05)
    low, high = model.expected(np.array([1.0, 50.0]), np.array([100.0, 100.0]))
    assert p * gamma / (q - 1) < low < high < 100


@pytest.mark.parametrize("x", [[], [0, 0, 0]])
def test_without_repeats_there_is_no_model_of_amounts(x: list[int]) -> None:
    assert fit_spending(x, [0.0] * len(x)) is None


def test_of_few_who_bought_again_nothing_is_foretold() -> None:
    buyers = Buyers()
    for number in range(49):
        buyers.add((date(2026, 1, 1), None), date(2026, 1, 1), 2, number + 1, Decimal(5), 1)
    assert forecast(buyers, date(2026, 6, 1), 12) == "few_repeats"


def test_spending_is_an_average_of_ones_own_and_of_all() -> None:
    """Equation 5 of the note, written as a weighted mean."""
    model = Spending(6.25, 3.74, 15.44, 0.0)
    all_, own, x = 6.25 * 15.44 / 2.74, 40.0, 3
    weight = (3.74 - 1) / (6.25 * x + 3.74 - 1)
    expected = weight * all_ + (1 - weight) * own
    assert isclose(float(model.expected(np.array([3.0]), np.array([own]))[0]), expected)
