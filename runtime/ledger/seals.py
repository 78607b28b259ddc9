"""What `verify` holds each table of a ledger against; a new table finds its place in one of these.

The chain proves itself. All else is sealed, also what can be added up from the chain: beside the
table stands how many rows it has and the sum of their hashes, written in the transaction that
changes them and by campaigner alone. `docs/adr/0002-seals.md` says why.
"""

from __future__ import annotations

from typing import NamedTuple

CHAINED = (
    "decisions",
    "grants",
    "postings",
    "amendments",
    "settlements",
    "draws",
    "reveals",
    "chains",
)
"""Every value of these is hashed in an entry of the chain, or is the end of one."""

SEALED = (
    "meta",
    "plans",
    "accounts",
    "wallets",
    "touches",
    "outbox",
    "attempts",
    "sent",
    "channels",
    "progress",
    "seen_events",
    "due",
    "exhaustions",
    "event_customers",
    "steps_of_format_7",
    "rewinds",
    "rewound_decisions",
    "rewound_amendments",
    "rewound_grants",
    "rewound_postings",
    "rewound_settlements",
    "rewound_outbox",
)
"""These no entry tells, or not all of it."""

SEALS = "seals"
"""The table of the seals themselves: a row a sealed table and lane, of which the sum counts."""

MODULUS = 2**63
"""Sums of hashes are kept below this."""


class Sealed(NamedTuple):
    """How many rows, and the sum of their hashes."""

    rows: int
    total: int


class Unsealed(NamedTuple):
    """A table that is not as it was sealed: how many rows it has, and how many it had."""

    table: str
    rows: int
    sealed: int
