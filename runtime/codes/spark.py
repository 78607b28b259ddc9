"""E770–E779: warehouses on Spark."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

SPARK_START = Code("E770")
SPARK_ADDRESS = Code("E771")
