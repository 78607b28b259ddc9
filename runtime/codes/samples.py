"""W614: an experiment whose sample is too small for what it asks."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

HOPELESS_SAMPLE = Code("W614")
