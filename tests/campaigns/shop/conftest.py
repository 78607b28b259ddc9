"""The shop, carried out once on made-up purchases and, by `make test-shop`, on real ones."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ...projects import ROOT
from ..ran import Ran, campaigner, script
from .purchases import FIRST, LAST, Order, made_up, read

SOURCE = ROOT / "campaigns" / "shop"
ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Shop(Ran):
    """The shop, and the orders of each customer in its warehouse."""

    orders: dict[str, list[Order]]


def occurrence_of(when: datetime) -> str:
    """An instant of a schedule, as decisions are known by it."""
    return when.replace(tzinfo=ZONE).isoformat()


@pytest.fixture(
    scope="package", params=["made up", pytest.param("real", marks=pytest.mark.purchases)]
)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "var", ".campaigner"))
    module = script(SOURCE / "load.py")
    if request.param == "real":
        source, every = module.purchases(), 20
    else:
        source, every = folder / "purchases.txt", 1
        made_up(source)
    module.load(source, folder / "data" / "shop.duckdb", every)
    campaigner("run", str(folder), "--from", str(FIRST), "--to", str(LAST))
    return Shop(folder, ZONE, read(source, every))
