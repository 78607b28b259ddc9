"""The holdout and the split of an experiment, as they are written in a file."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..plan_json import amount


def as_written(holdout: Decimal, arms: Iterable[tuple[str, Decimal]]) -> str:
    """`holdout 10%  split a 50%, b 50%`."""
    held = [f"holdout {_percent(holdout)}"] if holdout else []
    split = ", ".join(f"{name} {_percent(part)}" for name, part in arms)
    return "  ".join([*held, *([f"split {split}"] if split else [])])


def _percent(part: Decimal) -> str:
    return f"{amount(part * 100)}%"
