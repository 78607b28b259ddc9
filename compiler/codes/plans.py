"""E180 to E182 and E188 to E190: a plan that cannot be read, written or carried out."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

PLAN_MALFORMED = Code("E180")
PLAN_VERSION = Code("E181")
PLAN_TOO_DEEP = Code("E182")
PLAN_LANGUAGE = Code("E188")
PLAN_CHANGED = Code("E189")
PLAN_OF_ANOTHER = Code("E190")
