"""The laws of the project as properties of generated projects and data."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import settings

MORE = {"probe": 4}
"""How many times more examples a profile looks at; `make soak` goes round and round instead."""


def at_most(examples: int) -> Callable[[Any], Any]:
    """So many examples on each run of CI, and on each round of a soak."""
    factor = MORE.get(os.environ.get("HYPOTHESIS_PROFILE", "ci"), 1)
    return settings(max_examples=examples * factor)
