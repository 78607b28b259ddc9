"""The value of the shop's customers: results for real purchases, and the published fit."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from math import isclose

import duckdb
import numpy as np
import pytest
from campaigner.runtime.value.purchases import fit_purchases
from campaigner.runtime.value.spending import fit_spending

from ..ran import campaigner, script
from .conftest import SOURCE, Shop

END = date(1997, 9, 30)


def test_every_cohort_has_the_value_of_a_plain_account(shop: Shop) -> None:
    line = ("value", str(shop.folder), "--event", "order", "--at", "1998-07-01", "--months", "12")
    found = json.loads(campaigner(*line, "--format", "json"))
    months: dict[str, set[tuple[str, int]]] = defaultdict(set)
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    customers: dict[str, set[str]] = defaultdict(set)
    for who, orders in shop.orders.items():
        first = min(one.day for one in orders)
        cohort = f"{first:%Y-%m}"
        customers[cohort].add(who)
        for one in orders:
            number = (one.day.year - first.year) * 12 + one.day.month - first.month
            if number < 12:
                months[cohort].add((who, number))
                revenue[cohort] += one.amount
    lines = {one["cohort"]: one for one in found["lines"]}
    assert set(lines) == set(customers)
    for cohort, one in lines.items():
        assert one["customers"] == len(customers[cohort])
        if one["why"] is None:
            assert one["active_months"] == len(months[cohort])
            assert Decimal(one["revenue"]) == revenue[cohort]


@pytest.fixture(scope="module")
def sample() -> list[tuple[int, float, float, float]]:
    """The 2,357 customers of the published sample, to the end of September 1997, in weeks."""
    source = script(SOURCE / "load.py").purchases().with_name("CDNOW_sample.txt")
    rows = [line.split() for line in source.read_text("utf-8").splitlines() if line.strip()]
    bought: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for who, _, day, _, amount in rows:
        on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        if on <= END:
            bought[who][on] += float(amount)
    found = []
    for days in bought.values():
        first, last = min(days), max(days)
        repeats = len(days) - 1
        mean = sum(v for on, v in days.items() if on != first) / repeats if repeats else 0.0
        found.append((repeats, (last - first).days / 7, (END - first).days / 7, mean))
    return found


@pytest.mark.purchases
def test_the_fit_of_repeat_purchases_is_the_published_one(sample) -> None:
    """Fader, Hardie & Lee 2005, table 2."""
    x, last, age, _ = zip(*sample, strict=True)
    assert len(x) == 2_357
    model = fit_purchases(x, last, age, [1] * len(x))
    assert model is not None
    fitted = [round(one, 3) for one in (model.r, model.alpha, model.a, model.b)]
    assert fitted == [0.243, 4.414, 0.793, 2.426]
    assert round(model.likelihood, 1) == -9_582.4


@pytest.mark.purchases
def test_the_fit_of_amounts_is_the_published_one(sample) -> None:
    """Fader & Hardie 2013, page 5: 946 customers with a repeat purchase."""
    x, _, _, mean = (np.asarray(one) for one in zip(*sample, strict=True))
    assert int(((x > 0) & (mean > 0)).sum()) == 946
    model = fit_spending(x, mean)
    assert model is not None
    assert isclose(model.p, 6.25, abs_tol=0.01)
    assert isclose(model.q, 3.74, abs_tol=0.01)
    assert isclose(model.gamma, 15.44, abs_tol=0.02)


@pytest.mark.purchases
def test_all_purchases_fall_into_the_known_cohorts(tmp_path) -> None:
    module = script(SOURCE / "load.py")
    module.load(module.purchases(), tmp_path / "shop.duckdb")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as warehouse:
        sizes = warehouse.execute(
            "SELECT strftime(first_bought_on, '%Y-%m') AS cohort, count(*) FROM customers"
            " GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert sizes == [("1997-01", 7_846), ("1997-02", 8_476), ("1997-03", 7_248)]
