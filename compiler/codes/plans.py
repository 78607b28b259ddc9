"""E180 to E182: a plan that cannot be read or written."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

PLAN_MALFORMED = Code("E180")
PLAN_VERSION = Code("E181")
PLAN_TOO_DEEP = Code("E182")
