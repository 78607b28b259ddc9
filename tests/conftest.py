"""How properties are tested, which tests are slow, and which come first.

`ci` is the same on every run, `soak` draws other examples each time, `quick` draws a few. Tests are
slow unless their file is in `QUICK`: they start servers or processes, or hold a law on engines.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "small",
    # The examples of `ci`; what fails is made small, which takes minutes of a law.
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=_SLOW,
    print_blob=True,
)
settings.register_profile(
    "ci", settings.get_profile("small"), phases=[Phase.explicit, Phase.generate, Phase.target]
)
settings.register_profile(
    "soak",
    derandomize=False,
    deadline=None,
    suppress_health_check=_SLOW,
    print_blob=True,
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)
settings.register_profile(
    # Looks for more; what fails is shown as it was found, at once.
    "probe",
    settings.get_profile("soak"),
    max_examples=400,
    phases=[Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

TESTS = Path(__file__).parent
QUICK = (
    "compiler",
    "docs/test_decisions.py",
    "docs/test_glossary.py",
    "docs/test_internals.py",
    "dsl",
    "test_house.py",
)
"""Folders and files of `make check`, which ends within 30 s on two cores."""

NOT_QUICK = (
    "compiler/sql",
    "compiler/test_certain.py",
    "compiler/test_festivals.py",
    "compiler/test_fixes.py",
    "compiler/test_keywords_as_names.py",
    "compiler/test_linear.py",
    "compiler/test_places.py",
    "compiler/test_plan_json.py",
    "compiler/test_project_fuzz.py",
    "compiler/test_silence.py",
    "dsl/test_formatter_laws.py",
    "dsl/test_parser_any_text.py",
    "dsl/test_tables.py",
)


FIRST = ("campaigns", "laws", "docs/test_recipes.py", "test_strategies.py", "runtime/ledger")
"""Folders and files with the longest tests, which one worker begins while another does the rest."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow files unread where only quick tests are wanted: reading all takes 10 s."""
    name = collection_path.relative_to(TESTS).as_posix()
    if config.getoption("markexpr") != "not slow" or collection_path.suffix != ".py":
        return None
    return None if name.endswith("conftest.py") or _is_quick(name) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make check` leaves out, and put the longest first."""
    items.sort(key=_turn)
    for item in items:
        if not _is_quick(item.path.relative_to(TESTS).as_posix()):
            item.add_marker(pytest.mark.slow)


def _turn(item: pytest.Item) -> int:
    """The place in `FIRST`; within it the order stays, which is a random one."""
    name = item.path.relative_to(TESTS).as_posix()
    return next((turn for turn, one in enumerate(FIRST) if _is_in(name, (one,))), len(FIRST))


def _is_quick(name: str) -> bool:
    return _is_in(name, QUICK) and not _is_in(name, NOT_QUICK)


def _is_in(name: str, places: Iterable[str]) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in places)
