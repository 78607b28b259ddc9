"""The contract of verification."""

from __future__ import annotations

from typing import Protocol

from ...dsl.diagnostics.diagnostic import Diagnostic


class Verifying(Protocol):
    """The part of a ledger that verifies itself."""

    def verify(self) -> tuple[Diagnostic, ...]:
        """Everything that does not add up, or was changed."""

    def unchecked(self) -> Diagnostic | None:
        """A warning if the database could not check its own storage."""
