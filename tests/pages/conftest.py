"""A browser for the tests that are marked `pages`: Debian's Chromium, without any network."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def browser():
    """Chromium. Without its command these tests fail: they have nothing else to look with."""
    # An extra has it: other tests are collected without it.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    command = shutil.which("chromium")
    assert command is not None, "apt-get install chromium fonts-wqy-microhei"
    with sync_playwright() as playwright:
        # Its sandbox needs rights that a container has not; the pages are our own.
        opened = playwright.chromium.launch(executable_path=command, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def pictures(tmp_path):
    """The folder of screenshots: that of PICTURES, to look at them afterwards."""
    folder = Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
