"""The contract of plans that the ledger keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class KeptPlans(Protocol):
    """The ledger's part that has each plan by which something was decided."""

    def keep_plan(self, digest: str, document: Callable[[], bytes]) -> None:
        """Keep the plan that a run begins with as the last one; nothing is written if it is.

        `document` is asked for only if the ledger does not have this plan yet.
        """

    def kept_plan(self, digest: str | None = None) -> bytes | None:
        """The document of the last plan, or of the one with this digest; `None` if it has none."""
