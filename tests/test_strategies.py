"""Generated projects are the same on every run: everybody can see a failure of CI."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from . import strategies
from .dsl import test_formatter_laws, tree_strategies
from .laws.cases import to_json

GENERATED = {
    "cases": (strategies.cases().map(to_json), 10),
    "halves": (strategies.halves().map(to_json), 5),
    "projects": (strategies.projects(), 15),
    "trees": (tree_strategies.campaign_files, 20),
    "comments": (test_formatter_laws.commented(), 10),
}
"""The strategies of laws, and how many examples each draws."""


def digest(strategy: st.SearchStrategy, most: int) -> str:
    """The digest of so many examples, in the order in which they come."""
    drawn: list[str] = []

    @settings(settings.get_profile("ci"), max_examples=most, database=None)
    @given(strategy)
    def collect(one):
        drawn.append(repr(one))

    collect()
    return hashlib.sha256("\n".join(drawn).encode("utf-8", "replace")).hexdigest()


_PRINTED = """
import sys
from tests import conftest
from tests.test_strategies import GENERATED, digest
clutter = [lambda: None for _ in range(int(sys.argv[1]))]
del clutter[::2]  # what is made from here on lies elsewhere in memory
for name, wanted in GENERATED.items():
    print(name, digest(*wanted))
"""


def _drawn(seed: str, clutter: str) -> str:
    told = subprocess.run(
        [sys.executable, "-c", _PRINTED, clutter],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


def test_what_is_generated_depends_on_no_hash_seed_and_no_address():
    drawn = _drawn("1", "0")
    assert len(drawn.splitlines()) == len(GENERATED)
    assert _drawn("4242", "100") == drawn
    assert _drawn("2", "100000") == drawn
