"""Chance without randomness: a documented hash against a threshold, the same on every engine.

A draw's hash has a secret part, the campaign's seed, where the project has one: without it anybody
can compute every ticket beforehand.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import md5, sha256
from itertools import pairwise

DIGITS = 8
"""The number of hexadecimal digits of a hash that are compared, as text."""

PROJECT = "project"
"""In place of a step, in the text that is hashed for the holdout of a whole project."""

ESCAPES = (("%", "%25"), ("/", "%2F"))
"""Escapes of a part that another part follows, applied in this order."""

SURPRISES = 16
"""The characters of a seed that nobody can expect, at least."""

_ALL = "g"  # comes after every text of hexadecimal digits


def threshold(part: Decimal) -> str:
    """The text before which `part` (0 to 1) of all eight digits come, to 1 in 4,294,967,296."""
    return _ALL if part >= 1 else format(int(part * 16**DIGITS), f"0{DIGITS}x")


def joined(*parts: str) -> str:
    """The text that is hashed: the parts between slashes, so that no two lists of parts share one.

    Only the last part may hold a `/` as it is. In the others `%` and `/` are `%25` and `%2F`, so
    keys without them give the plain text.
    """
    *before, last = parts
    return "/".join([*map(_escaped, before), last])


def digest(*parts: str) -> str:
    """Return the hash by which all engines order and choose: MD5 of the joined parts, as hex."""
    return md5(joined(*parts).encode(), usedforsecurity=False).hexdigest()


def ticket(campaign: str, step: str, customer: str, occurrence: str, seed: str | None) -> str:
    """The text that a customer draws at an occurrence: the first eight digits of the hash.

    `seed`: the campaign's; `None` for a draw without one.
    """
    secret = () if seed is None else (seed,)
    return digest("draw", *secret, campaign, step, customer, occurrence)[:DIGITS]


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds of a project's campaigns, from the project's own; `None` where it has none."""

    project: str | None = field(default=None, repr=False)

    def of(self, campaign: str) -> str | None:
        """The campaign's seed, 64 hexadecimal digits: HMAC-SHA-256 of its name."""
        if self.project is None:
            return None
        return hmac.new(
            self.project.encode("utf-8", "surrogateescape"), campaign.encode(), sha256
        ).hexdigest()


NO_SEEDS = Seeds()


def is_guessable(seed: str) -> bool:
    """Whether a seed is short or regular: fewer than `SURPRISES` of its characters surprise.

    A character surprises unless the two before it lead to it, as in `aaa` and `123`, or the same
    pair came earlier. 16 random hexadecimal digits have 64 bits, too many to be tried.
    """
    codes = [ord(one) for one in seed.strip()]
    pairs = list(pairwise(codes))
    regular = {
        place
        for place, ((first, second), (_, third)) in enumerate(pairwise(pairs), 1)
        if third - second == second - first
    }
    surprising = {pair for place, pair in enumerate(pairs) if place not in regular}
    return len(surprising) + 1 < SURPRISES


def seed_digest(seed: str) -> str:
    """The SHA-256 (hex) of a campaign's seed as text: names the seed and does not disclose it."""
    return sha256(seed.encode()).hexdigest()


def _escaped(part: str) -> str:
    for found, written in ESCAPES:
        part = part.replace(found, written)
    return part
