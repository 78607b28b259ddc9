"""A project of `campaigner init` for the tests of the interface."""

from __future__ import annotations

import campaigner
import pytest
from campaigner.cli.main import invoke


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """The starter's project, loaded from the current folder."""
    monkeypatch.chdir(tmp_path)
    assert invoke(["init", "shop"]) == 0
    return campaigner.load("shop")
