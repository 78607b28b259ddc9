"""Measures: what came of a campaign, asked after it reached somebody."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Duration, Name, Node, Percent
from .expressions import Expression, StageRef


@dataclass(frozen=True, slots=True)
class Conversion(Node):
    """`conversion on invest where … within 14 days`."""

    event: Name
    where: Expression | None
    within: Duration


@dataclass(frozen=True, slots=True)
class Revenue(Node):
    """`revenue 0.8% of sum(invest.amount) within 90 days`."""

    value: Expression
    within: Duration


@dataclass(frozen=True, slots=True)
class Success(Node):
    """`success when stage becomes retail.growing within 30 days`."""

    stage: StageRef
    within: Duration


@dataclass(frozen=True, slots=True)
class Guard(Node):
    """`guard at most 1% unsubscribe where … within 14 days`."""

    most: Percent
    event: Name
    where: Expression | None
    within: Duration


MeasureStatement = Conversion | Revenue | Success | Guard


@dataclass(frozen=True, slots=True)
class Measures(Node):
    """`measure { … }`, in the order of the file; the first is primary."""

    statements: tuple[MeasureStatement, ...]
