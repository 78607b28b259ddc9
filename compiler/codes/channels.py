"""W152 and E184: channels that send in the clear."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

SECRET_IN_THE_CLEAR = Code("E184")
MESSAGES_IN_THE_CLEAR = Code("W152")
