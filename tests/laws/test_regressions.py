"""Regressions, shrunk: every engine decides them as the reference does.

A case is a file of `to_json`; its `why` explains the fault.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .cases import from_json
from .test_agreement import hold

FOLDER = Path(__file__).resolve().parents[1] / "corpus" / "regressions"
CASES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_once_went_wrong_stays_right(path):
    text = path.read_text("utf-8")
    assert json.loads(text)["why"]
    hold(from_json(text))
