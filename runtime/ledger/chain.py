"""The audit chain: every entry contains the hash of the entry before it.

An entry is a decision or an amendment. Its hash is SHA-256 over its canonical bytes: a JSON array
in UTF-8 without spaces. The array begins with the entry's number and the previous hash (hex).
`docs/ledger.md` lists the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from json.encoder import encode_basestring

NOTHING = b""
"""The previous hash of a chain's first entry."""

text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Canonical JSON."""

quoted = encode_basestring
"""Return a text as a JSON string, escaped as in the canonical bytes."""


def quoted_or_null(words: str | None) -> str:
    """Return a JSON string, or `null` for `None`."""
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
    """Return the hash of an entry. `told` is the row that the audit reads for it."""
    return _hashed(number, previous, _rest(told, lines, postings))


def _rest(told: Sequence[object], lines: Iterable[Line], postings: Iterable[Posting]) -> str:
    return f"{text(told)},{text(tuple(lines))},{text(sorted(postings))}"


def _hashed(number: int, previous: bytes, rest: str) -> bytes:
    entry = f'[{number},"{previous.hex()}",{rest}]'
    return sha256(entry.encode("utf-8", "surrogatepass")).digest()


class Chain:
    """The end of a chain, to which a batch adds. Mutable, and in memory for one batch only.

    A store may keep several chains, one for each `lane`, so that workers need not wait for each
    other. Numbers of a lane are `lanes` apart, without gaps.
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
        """Add the next entry; return the previous hash, which it contains."""
        return self.link_text(_rest(told, lines, postings))

    def link_text(self, rest: str) -> bytes:
        """Add the next entry from its JSON text after number and hash; return the previous hash."""
        previous, self.last = self.hash, self.last + self.lanes
        # As `_hashed` does; this is done for every decision.
        entry = f'[{self.last},"{previous.hex()}",{rest}]'
        self.hash = sha256(entry.encode("utf-8", "surrogatepass")).digest()
        self.changed = True
        return previous
