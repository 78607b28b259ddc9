"""E960–E979 and W960–W969: what keeps a page from being made, or from being whole."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

NO_ORGANISER = Code("E960")
NO_APPEAL = Code("E961")
NOT_SETTLED = Code("W960")
NO_DIGEST = Code("W961")
NOT_OUR_FOLDER = Code("E962")
