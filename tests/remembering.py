"""Event workers that have few of the events in memory that the warehouse lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def in_memory(most: int) -> Iterator[None]:
    """Let the workers that are made have at most so many of them in memory."""
    with patch("campaigner.runtime.events.past.IN_MEMORY", most):
        yield
