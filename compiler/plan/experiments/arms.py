"""Experiments: which arm each customer is in, by a documented hash that anybody can recompute."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..chance import DIGITS, digest, threshold
from ..expressions import Expression, Operation, Origin, walk

HASHED = "arm"
"""The first part of the text that is hashed: `arm/EXPERIMENT/CUSTOMER`."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm; `part` is its part, 0 to 1, of the customers who are not held out."""

    name: str
    part: Decimal
    origin: Origin


@dataclass(frozen=True, slots=True)
class Experiment:
    """The experiment of a campaign. `holdout` is the part that it asks for, 0 to 1.

    The campaign's own `holdout` is what holds: a policy may ask for more. The parts of the arms,
    in the order written, add up to 1. Without arms, everybody not held out is treated alike.

    Campaigns that share an experiment's name have the same arms, and so each customer is in the
    same arm of all of them. Each campaign holds out customers of its own.
    """

    name: str
    holdout: Decimal
    arms: tuple[Arm, ...]
    origin: Origin


def bounds(experiment: Experiment) -> tuple[str, ...]:
    """The text before which the hashes of each arm end, in the order of the arms."""
    upto = Decimal(0)
    found = []
    for arm in experiment.arms:
        upto += arm.part
        found.append(threshold(upto))
    return tuple(found)


def place_of(experiment: str, ends: tuple[str, ...], customer: str) -> int:
    """The place of the customer's arm: the first whose end the hash comes before, else the last."""
    hashed = digest(HASHED, experiment, customer)[:DIGITS]
    return next((at for at, end in enumerate(ends) if hashed < end), len(ends) - 1)


def arm_of(experiment: Experiment | None, customer: str) -> str | None:
    """The name of the customer's arm; `None` without an experiment, or if it has no arms.

    `customer` is the key as text. Whether the customer is held out does not matter here.
    """
    if experiment is None or not experiment.arms:
        return None
    return experiment.arms[place_of(experiment.name, bounds(experiment), customer)].name


def asks_arm(expression: Expression) -> bool:
    """Whether it asks in which arm the customer is."""
    return any(isinstance(one, Operation) and one.operator == "arm" for one in walk(expression))
