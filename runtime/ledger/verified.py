"""What a ledger promises to those who want to know whether it is as it was written."""

from __future__ import annotations

from typing import Protocol

from ...dsl.diagnostics.diagnostic import Diagnostic


class Verifying(Protocol):
    """The part of a ledger that finds what is wrong with it."""

    def verify(self) -> tuple[Diagnostic, ...]:
        """Whatever does not add up, or is not as it was written, if anything."""

    def unchecked(self) -> Diagnostic | None:
        """A warning, where the database could not check how it keeps the ledger itself."""
