"""The recipe for arms on the page of the language, followed with nothing but Python."""

from __future__ import annotations

import re
from decimal import Decimal
from hashlib import md5
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
CUSTOMERS = ("ann", "bob", "cem", "dan")


def digits(experiment: str, customer: str) -> str:
    return md5(f"arm/{experiment}/{customer}".encode()).hexdigest()[:8]


def arm(experiment: str, split: dict[str, Decimal], customer: str) -> str:
    upto = Decimal(0)
    for name, percent in split.items():
        upto += percent
        if upto == 100 or digits(experiment, customer) < f"{int(upto * 2**32 / 100):08x}":
            return name
    raise AssertionError(split)


def test_the_digits_on_the_page_are_those_of_the_recipe() -> None:
    (said,) = re.findall(r"digits of ann, bob, cem and dan in [^`]*`spring` are ([^.]*)\.", _page())
    assert re.findall("`([0-9a-f]{8})`", said) == [digits("spring", one) for one in CUSTOMERS]


def test_the_rewards_on_the_page_follow_from_the_recipe() -> None:
    text = _page()
    found = re.findall(
        r"experiment spring \{ split ([^}]*) \} reward by \{ (.*?) \} -> (.*?) (?=experiment)", text
    )
    assert len(found) == 2
    for split, reward, given in found:
        parts = {name: Decimal(part) for name, part in re.findall(r"(\w) (\d+)%", split)}
        coffee = set(re.findall(r"arm is (\w)", reward.split("coffee")[0]))
        for one in CUSTOMERS:
            got = "coffee" if arm("spring", parts, one) in coffee else "20"
            assert f"{one} {got}" in given


def _page() -> str:
    return " ".join(PAGE.read_text("utf-8").split())
