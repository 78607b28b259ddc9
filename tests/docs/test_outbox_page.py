"""Every channel on the page of the outbox can be set up as the page has it."""

from __future__ import annotations

import re

import pytest
from campaigner.compiler.project.config_file import read_config
from campaigner.dsl.diagnostics.source import SourceFile

from ..projects import ROOT

PROJECT = """\
[project]
name = "bank"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
"""
PAGE = (ROOT / "docs" / "outbox.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)


def test_every_kind_is_shown() -> None:
    kinds = re.findall(r'^kind\s*= "(\w+)"', "\n".join(BLOCKS), re.M)
    assert set(kinds) == {"file", "webhook", "smtp", "nats", "kafka"}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_channel_as_it_is_shown(block: str) -> None:
    config, found = read_config(SourceFile("campaigner.toml", PROJECT + block), ROOT)
    assert [one.message() for one in found] == []
    assert config.channels
