"""E688 to E695, W695: labels that cannot be handed to other systems."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

ASKS_LEDGER = Code("E688")
NOT_LABELS = Code("E689")
IN_USE = Code("E690")
EARLIER = Code("E691")
PRIVATE = Code("E692")
NOT_WRITTEN = Code("E693")
FEW_BUYERS = Code("E694")
NO_LABELS_THERE = Code("E695")
LABELS_WAIT = Code("W695")
