"""W309, W310, W313: conditions whose answer needs no data."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

EXCLUDE_EACH_OTHER = Code("W309")
NEVER_HOLDS = Code("W310")
ALWAYS_HOLDS = Code("W313")

ALWAYS = Phrase("certain.always")
WHERE_KNOWN = Phrase("certain.where_known")
NO_VALUE = Phrase("certain.no_value")
