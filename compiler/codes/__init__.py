"""Every kind of mistake that keeps a project from being compiled, or warns of it."""

from __future__ import annotations

from types import ModuleType

from ...dsl import codes as dsl
from . import (
    brakes,
    certain,
    compliance,
    files,
    journeys,
    logic,
    money,
    moves,
    names,
    plans,
    reversals,
    scenarios,
    schedules,
    silence,
    sql,
    timers,
    types,
)
from .measuring import goals, measures

AREAS: tuple[ModuleType, ...] = (
    *dsl.AREAS,
    brakes,
    certain,
    compliance,
    files,
    goals,
    journeys,
    logic,
    measures,
    money,
    moves,
    names,
    plans,
    reversals,
    scenarios,
    schedules,
    silence,
    sql,
    timers,
    types,
)
