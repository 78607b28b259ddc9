"""How `verify` proves each table; every table belongs to one of these lists.

Chained tables are proved by the audit chain. All others are sealed, even those that follow from the
chain. A seal is a row count and a sum of row hashes, stored in the transaction that changes the
table. `docs/adr/0002-seals.md` explains why.
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
"""Tables whose every value is hashed in the chain, or is the end of one."""

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
    "hash_keys",
    "rewinds",
    "rewound_decisions",
    "rewound_amendments",
    "rewound_grants",
    "rewound_postings",
    "rewound_settlements",
    "rewound_outbox",
)
"""Tables that the chain does not hash, or not completely."""

SEALS = "seals"
"""The table of seals: one row for each sealed table and lane, to be summed over lanes."""

MODULUS = 2**63
"""The modulus of the sums of hashes."""


class Sealed(NamedTuple):
    """The number of rows, and the sum of their hashes."""

    rows: int
    total: int


class Unsealed(NamedTuple):
    """A table that differs from its seal: its number of rows, and the sealed one."""

    table: str
    rows: int
    sealed: int
