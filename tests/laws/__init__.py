"""The laws of the project as properties of generated projects and data."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import settings

MORE = {"soak": 20, "probe": 4}
"""How many times more examples these profiles look at."""


def at_most(examples: int) -> Callable[[Any], Any]:
    """So many examples on each run of CI, many more in a soak."""
    factor = MORE.get(os.environ.get("HYPOTHESIS_PROFILE", "ci"), 1)
    return settings(max_examples=examples * factor)
