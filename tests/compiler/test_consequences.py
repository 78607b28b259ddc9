"""A mistake is reported once, at its root, without errors that follow from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..projects import ROOT, codes, compile_folder, write

BLOCKS = re.findall(
    r"^```(\S+)\n(.*?)^```$", (ROOT / "docs" / "language.md").read_text("utf-8"), re.M | re.S
)
SETTINGS = next(text for kind, text in BLOCKS if kind == "toml")
PAGE = {
    "campaigner.toml": SETTINGS,
    "catalog.yaml": next(text for kind, text in BLOCKS if kind == "yaml"),
    "page.campaign": "\n".join(text for kind, text in BLOCKS if kind == "campaign"),
}
CAMPAIGN = """campaign t {{
  audience {audience}
  trigger  {trigger}
  reward   {reward}
  budget {{ {budget} }}
  message  push "{message}"
  compliance {{ follows cn_retail }}
}}
"""
USUAL = {
    "audience": "consent_marketing",
    "trigger": "on invest",
    "reward": "coffee",
    "budget": "total 1_000 CNY",
    "message": "hi",
}
OF_EVENT = {"reward": "1% of event.amount as cash", "message": "{{ event.amount }}"}

CASES = [
    ({"trigger": "on invst", **OF_EVENT}, "", "E203"),
    ({}, "benefit tea kind coupon\n", "E101"),
    ({"trigger": "24 hours after invst", **OF_EVENT}, "", "E387"),
    ({"trigger": "24 hours before invest", **OF_EVENT}, "", "E384"),
    ({"trigger": "every dya at 10:00", **OF_EVENT}, "", "E101"),
    ({"reward": "draw { 1% coffee }", "message": "{{ reward.label }}"}, "", "E101"),
    ({"reward": "draw { 1: coffee }", "message": "{{ reward.label }}"}, "", "E101"),
    ({"budget": "total 600"}, "", "E128"),
    ({"budget": "total 5 USD share 40% for high_value"}, "", "E501"),
    ({"audience": "tea"}, "audience tea aum >=\n", "E103"),
    ({"audience": "tea"}, "audience tea aum\n", "E304"),
    ({"reward": "tea"}, 'benefit tea { kind coupon value "x" }\n', "E322"),
    ({"audience": "stage is l.a"}, "lifecycle l { stage a when\n stage b when age > 3 }\n", "E103"),
]


@pytest.mark.parametrize(("clauses", "before", "code"), CASES)
def test_of_a_campaign(tmp_path: Path, clauses: dict[str, str], before: str, code: str) -> None:
    text = before + CAMPAIGN.format(**{**USUAL, **clauses})
    compiled = compile_folder(write(tmp_path, {**PAGE, "x.campaign": text}))
    assert codes(compiled) == [code]
    assert compiled.plan is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"CNY"', '"RMB"', "E165"),
        ("Shanghai", "Shangai", "E164"),
        ('kind = "file"', 'knd = "file"', "E160"),
        ('kind = "file"', 'kind = "fille"', "E163"),
        ('kind = "file"', "kind = file", "E154"),
    ],
)
def test_of_the_settings(tmp_path: Path, old: str, new: str, code: str) -> None:
    settings = {"campaigner.toml": SETTINGS.replace(old, new, 1)}
    assert codes(compile_folder(write(tmp_path, {**PAGE, **settings}))) == [code]


def test_another_mistake_beside_it_is_told(tmp_path: Path) -> None:
    text = CAMPAIGN.format(**{**USUAL, "trigger": "on invst", "reward": "cofee"})
    assert codes(compile_folder(write(tmp_path, {**PAGE, "x.campaign": text}))) == ["E203", "E203"]
