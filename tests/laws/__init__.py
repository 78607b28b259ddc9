"""The laws of the project as properties of generated projects and data."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
MORE = {"soak": 3, "probe": 12}
"""How many times more examples a profile draws; `make soak` draws so many in each of its rounds."""


def at_most(examples: int, **more: Any) -> Callable[[Any], Any]:
    """The settings of a property: so many examples in CI, and MORE of them in a soak.

    The first of them is always the smallest, so two are the fewest that say anything.
    `more` are settings by their names in hypothesis.
    """
    return settings(max_examples=examples * MORE.get(PROFILE, 1), **more)
