"""E789: what an engine cannot say."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

TOO_DEEP_FOR_DIALECT = Code("E789")
