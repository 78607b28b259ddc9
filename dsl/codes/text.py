"""E1xx: the words of each mistake of this area."""

from __future__ import annotations

from ..diagnostics import Code, Phrase  # noqa: F401
