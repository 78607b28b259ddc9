"""How `verify` proves each table; every table belongs to one of these lists.

Chained tables are proved by the audit chain. All others are sealed, even those that follow from the
chain. A seal is a row count and a sum of row hashes, stored in the transaction that changes the
table. `docs/adr/0002-seals.md` explains why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

CHAINED = (
    "decisions",
    "grants",
    "postings",
    "amendments",
    "settlements",
    "reductions",
    "draws",
    "reveals",
    "brakes",
    "chains",
)
"""Tables whose every value is hashed in the chain, or is the end of one."""

SEALED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "meta": ("only_row",),
        "plans": ("id",),
        "accounts": ("id",),
        "wallets": ("owner", "wallet"),
        "touches": ("account", "recipient", "at", "decision", "n"),
        "outbox": ("decision", "channel", "n"),
        "attempts": ("decision", "channel", "n"),
        "sent": ("account", "recipient", "decision", "channel", "n"),
        "channels": ("channel",),
        "progress": ("campaign",),
        "seen_events": ("event", "occurrence"),
        "offsets": ("source", "part"),
        "due": ("at", "decision", "line"),
        "exhaustions": ("account", "at"),
        "event_customers": ("event", "key"),
        "steps_of_format_7": ("campaign", "step"),
        "journeys": ("campaign", "customer", "occurrence", "step"),
        "hash_keys": ("id",),
        "reversals": ("campaign", "key", "entry"),
        "pattern_events": ("campaign", "key", "decision"),
        "codes": ("id",),
        "ended": ("campaign", "turn", "at"),
        "kept_plans": ("digest",),
        "handed_labels": ("channel", "kind", "name", "customer"),
        "rewinds": ("id",),
        "rewound_decisions": ("id",),
        "rewound_amendments": ("id",),
        "rewound_grants": ("decision", "line"),
        "rewound_postings": ("decision", "account", "period", "key"),
        "rewound_settlements": ("entry", "account", "period", "key"),
        "rewound_reductions": ("entry", "line"),
        "rewound_outbox": ("decision", "channel", "n"),
    }
)
"""Tables that the chain does not hash, or not completely, with the columns that name a row."""

SEALS = "seals"
"""The table of seals: one row for each sealed table and lane, to be summed over lanes."""

MODULUS = 2**63
"""The modulus of the sums of hashes."""


class Sealed(NamedTuple):
    """The number of rows, and the sum of their hashes."""

    rows: int
    total: int


class Unsealed(NamedTuple):
    """A table that differs from its seal: its number of rows, and the sealed one.

    `row` names the row that is too many, if there is exactly one: `decision 17, channel push`.
    """

    table: str
    rows: int
    sealed: int
    row: str | None = None


def excess(there: Sealed, sealed: Sealed) -> int | None:
    """The hash of the row that is too many, if nothing else was changed; `None` otherwise.

    Sums of hashes differ by just that hash.
    """
    return (there.total - sealed.total) % MODULUS if there.rows == sealed.rows + 1 else None


def named_row(keys: Sequence[str], values: Sequence[object]) -> str:
    """The name of a row, from the columns that name it and their values."""
    shown = (
        one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values
    )
    return ", ".join(f"{key} {value}" for key, value in zip(keys, shown, strict=True))
