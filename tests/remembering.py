"""Event workers that have few of the events in memory that the warehouse lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def in_memory(most: int) -> Iterator[None]:
    """Let the workers that are made have at most so many of them in memory, also for a schedule."""
    laid_over = "campaigner.runtime.warehouse.laid_over"
    with (
        patch("campaigner.runtime.events.past.IN_MEMORY", most),
        patch(f"{laid_over}._AT_ONCE", most + 1),
        patch(f"{laid_over}._IN_MEMORY", 100 * most + 1),
    ):
        yield
