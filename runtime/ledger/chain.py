"""The audit chain: every entry carries the hash of the entry before it.

An entry is a decision or an amendment. Its hash is SHA-256 over its canonical bytes: a JSON array
in UTF-8 without spaces, which begins with the entry's number and the hash (hex) of the one before.
`docs/ledger.md` lists what follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

NOTHING = b""
"""What the first entry of a chain carries."""

_bytes = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

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
    canonical = (number, previous.hex(), told, tuple(lines), sorted(postings))
    return sha256(_bytes(canonical).encode("utf-8", "surrogatepass")).digest()


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
        previous, self.last = self.hash, self.next
        self.hash = entry_hash(self.last, previous, told, lines, postings)
        self.changed = True
        return previous
