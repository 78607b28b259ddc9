"""Every kind of mistake that a run, the ledger or a delivery meets."""

from __future__ import annotations

from types import ModuleType

from ...compiler import codes as compiler
from . import (
    behaviour,
    delivery,
    events,
    feedback,
    ledger,
    lifecycles,
    rewinding,
    running,
    samples,
    simulating,
    spark,
    warehouses,
)

AREAS: tuple[ModuleType, ...] = (
    *compiler.AREAS,
    behaviour,
    delivery,
    events,
    ledger,
    feedback,
    lifecycles,
    rewinding,
    running,
    samples,
    simulating,
    spark,
    warehouses,
)
