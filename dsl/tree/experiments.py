"""Experiments: who is held out of a campaign, and into which arms the others are split."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Name, Node, Percent


@dataclass(frozen=True, slots=True)
class Holdout(Node):
    """`holdout 10%`: of all customers of the campaign."""

    percent: Percent


@dataclass(frozen=True, slots=True)
class Arm(Node):
    """`a 50%`: of the customers who are not held out."""

    name: Name
    percent: Percent


@dataclass(frozen=True, slots=True)
class Split(Node):
    """`split a 50%, b 50%`."""

    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Experiment(Node):
    """`experiment spring { holdout 10%  split a 50%, b 50% }`."""

    name: Name
    statements: tuple[Holdout | Split, ...]
