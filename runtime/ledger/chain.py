"""The audit chain: every entry carries the hash of the entry before it.

An entry is a decision or an amendment. Its hash is SHA-256 over its canonical bytes: a JSON array
in UTF-8 without spaces, which begins with the entry's number and the hash (hex) of the one before.
`docs/ledger.md` lists what follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring

NOTHING = b""
"""What the first entry of a chain carries."""

text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Canonical JSON."""

quoted = encode_basestring
"""A text as it stands in the canonical bytes: `json` escapes it in the same way."""


def quoted_or_null(words: str | None) -> str:
    """The same, where there may be none."""
    return "null" if words is None else quoted(words)


Line = Sequence[object]
"""line, reward, benefit, amount, currency, cost, deliver_at, expires_at of one grant, and 1 after
them where it returns to the budget."""

Posting = tuple[str, str, str, int]
"""account, period, key, amount."""


def entry_hash(
    number: int,
    previous: bytes,
    told: Sequence[object],
    lines: Iterable[Line],
    postings: Iterable[Posting],
) -> bytes:
    """The hash of an entry; `told` is what `decision_told` or `amendment_told` gives."""
    return _hashed(number, previous, _rest(told, lines, postings))


def _rest(told: Sequence[object], lines: Iterable[Line], postings: Iterable[Posting]) -> str:
    return f"{text(told)},{text(tuple(lines))},{text(sorted(postings))}"


def _hashed(number: int, previous: bytes, rest: str) -> bytes:
    entry = f'[{number},"{previous.hex()}",{rest}]'
    return sha256(entry.encode("utf-8", "surrogatepass")).digest()


class Chain:
    """The end of a chain, to which a batch adds. Mutable, and in memory for one batch only.

    A store may keep several chains side by side, one a `lane`, so that workers need not wait for
    each other; numbers of one lane are `lanes` apart, without a gap.
    """

    __slots__ = ("changed", "hash", "lane", "lanes", "last")

    def __init__(self, lane: int, lanes: int, last: int, hash_: bytes) -> None:
        self.lane = lane
        self.lanes = lanes
        self.last = last
        self.hash = hash_
        self.changed = False

    @property
    def next(self) -> int:
        """The number of the next entry."""
        return self.last + self.lanes

    def link(
        self, told: Sequence[object], lines: Iterable[Line] = (), postings: Iterable[Posting] = ()
    ) -> bytes:
        """Adds the entry `next`; the hash that it carries."""
        return self.link_text(_rest(told, lines, postings))

    def link_text(self, rest: str) -> bytes:
        """The same, where what follows the number and the hash in the array is at hand as JSON."""
        previous, self.last = self.hash, self.last + self.lanes
        self.hash = _hashed(self.last, previous, rest)
        self.changed = True
        return previous
