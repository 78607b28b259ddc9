"""A name with balances that is gone while a similar one is new, on both stores."""

from pathlib import Path

import pytest
from campaigner.runtime.due.periods import Between
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse

from ...seeds import seeds_of
from ..houses import at
from ..shops import campaign, shop


def carried_out(folder: Path, url: str, text: str, *, orders: int = 1) -> list[str]:
    """The warnings W708 of a run over a project of this text, and a ledger that goes on."""
    folder.mkdir()
    house = shop(folder, text)
    if orders:
        house.order([(f"o{n}", "ann", f"2026-01-0{n}", 10, None) for n in range(1, orders + 1)])
    ledger = open_ledger(url, "test", "CNY", root=folder.parent)
    with ledger, open_warehouse(house.warehouse, folder) as warehouse:
        work = Work(house.plan, "plan-1", warehouse, ledger, seeds=seeds_of(house.plan))
        report = run(work, Between(at("2026-01-01"), at("2026-01-31")))
    return [one.message() for one in report.warnings if one.code.id == "W708"]


def drawing(budget: str, cap: str = "5_000") -> str:
    pool = f"budget {budget} {{ total {cap} CNY }}\n"
    return pool + campaign("coffee", name="gift", budget=f"from {budget}")


def giving(benefit: str, stock: str = "30") -> str:
    made = f"benefit {benefit} {{ kind coupon value 5 CNY stock {stock} }}\n"
    return made + campaign(benefit, name="gift")


def paying(wallet: str) -> str:
    return campaign(f"10 {wallet}", name="gift")


RENAMED = [
    ("budget", drawing("spring_money"), drawing("spring_cash", "9_000"), "spring_cash"),
    ("budget", drawing("spring_money"), drawing("april"), "april"),
    ("benefit", giving("green_tea"), giving("green_teas", "40"), "green_teas"),
    ("benefit", giving("green_tea"), giving("oolong"), "oolong"),
    ("wallet", paying("points"), paying("point"), "point"),
]


@pytest.mark.parametrize(("kind", "before", "after", "new"), RENAMED)
def test_a_name_that_is_much_like_one_that_is_gone(
    tmp_path: Path, url: str, kind: str, before: str, after: str, new: str
) -> None:
    assert carried_out(tmp_path / "before", url, before) == []
    assert carried_out(tmp_path / "again", url, before) == []
    (said,) = carried_out(tmp_path / "after", url, after, orders=2)
    assert said.startswith(f"the {kind} `{new}` is new to the ledger, and `")
    # Once it has balances of its own it is not new any more.
    assert carried_out(tmp_path / "later", url, after, orders=2) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (drawing("spring_money"), drawing("april", "9_000")),
        (giving("green_tea"), giving("oolong", "40")),
        (paying("points"), paying("growth")),
        (drawing("spring_money"), giving("spring_money")),
        (drawing("spring_money"), drawing("spring_money") + "budget spring_cash { total 5 CNY }\n"),
    ],
)
def test_what_is_another_or_still_there_is_silent(
    tmp_path: Path, url: str, before: str, after: str
) -> None:
    assert carried_out(tmp_path / "before", url, before) == []
    assert carried_out(tmp_path / "after", url, after, orders=2) == []


def test_a_name_without_balances_may_go(tmp_path: Path, url: str) -> None:
    assert carried_out(tmp_path / "before", url, drawing("spring_money"), orders=0) == []
    assert carried_out(tmp_path / "after", url, drawing("spring_cash")) == []
