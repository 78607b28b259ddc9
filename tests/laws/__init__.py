"""The laws of the project as properties of generated projects and data."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import settings

SOAK = 20
"""How many times more examples a soak looks at."""


def soaking() -> bool:
    """Whether this is the long test."""
    return os.environ.get("HYPOTHESIS_PROFILE") == "soak"


def at_most(examples: int) -> Callable[[Any], Any]:
    """So many examples on each run of CI, many more in a soak."""
    return settings(max_examples=examples * (SOAK if soaking() else 1))
