"""E650 to E659: a lifecycle that cannot be shown, or says less than it seems to."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

UNKNOWN_LIFECYCLE = Code("E650")
NO_LIFECYCLE = Code("E651")
