"""Tests that ask engines ask those that are executed always, and again those on request."""

from __future__ import annotations

import pytest

from ...warehouses import EXECUTED, ON_REQUEST
from . import asking


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`engine` is one engine after the other; who asks through `asking.py` asks all at once."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", [*EXECUTED, *ON_REQUEST])
    elif any(hasattr(metafunc.module, name) for name in ("agreed", "shown")):
        metafunc.fixturenames.append("engines")
        metafunc.parametrize("engines", [EXECUTED, *ON_REQUEST], ids=_named, indirect=True)


def _named(engines: tuple[str, ...] | str) -> str:
    return engines if isinstance(engines, str) else "executed"


@pytest.fixture
def engines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines that `asking.py` asks."""
    asked: tuple[str, ...] | str = request.param
    monkeypatch.setattr(asking, "EXECUTED", (asked,) if isinstance(asked, str) else asked)
