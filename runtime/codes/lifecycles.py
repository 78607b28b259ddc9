"""E650 to E659: a lifecycle that cannot be shown, or says less than it seems to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...dsl.diagnostics.diagnostic import Code, Phrase

UNKNOWN_LIFECYCLE = Code("E650")
NO_LIFECYCLE = Code("E651")
ASKS_LEDGER = Code("E652")
TOO_MANY = Code("E653")
UNKNOWN_EVENT = Code("E654")
NO_MONEY = Code("E655")
NO_SINCE = Code("E656")
WITHOUT_HISTORY = Code("W650")

EVERY: Mapping[str, Phrase] = MappingProxyType(
    {
        "day": Phrase("lifecycle.days"),
        "week": Phrase("lifecycle.weeks"),
        "month": Phrase("lifecycle.months"),
    }
)
