"""The contract of a store: the little in which SQLite and PostgreSQL differ.

Statements are constants in the SQL that both understand, with `?` for values. Rows are plain tuples
of text, integers and bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar

from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase
from .chain import Chain
from .seals import Unsealed
from .since import Since

T = TypeVar("T")

Row = tuple[Any, ...]

Table = Literal[
    "decisions",
    "grants",
    "postings",
    "outbox",
    "touches",
    "amendments",
    "accounts",
    "settlements",
    "reductions",
    "reversals",
    "pattern_events",
    "due",
    "exhaustions",
    "event_customers",
    "journeys",
]
"""Tables that batches add to, columns in the order of the schema."""

NewRows = Literal["seen_events"]
"""Tables of text columns to which existing rows may be added again."""

Question = Literal[
    "decisions",
    "accounts",
    "touches",
    "wallets",
    "event_customers",
    "firings",
    "reversals",
    "journeys",
]
"""Tables that are queried by keys.

`decisions`: (campaign, step, recipient, occurrence) → that, id, outcome, refused_by, content.
`accounts`: (account, period, key) → that, id, declared, cap, spent, exhausted, alerted.
`touches`: (account, recipient) and two instants → account, recipient, at; by instant.
`wallets`: (wallet, owner) → that, balance.
`firings`: (campaign, step, recipient) → that, occurrence, outcome, facts; granted ones alone.
`event_customers`: (event, key) → that, customer, at.
`reversals`: (campaign, key) → that, customer, part.
`journeys`: (campaign, customer) → that, occurrence, step, at, outcome, refused_by, and 1 if it was
reversed.
"""


KEPT_STEPS = (
    "SELECT journeys.campaign, journeys.customer, journeys.occurrence, journeys.step, decisions.at,"
    " outcome, refused_by, CASE WHEN EXISTS (SELECT 1 FROM amendments"
    " WHERE amendments.decision = decisions.id AND kind = 'reversed') THEN 1 ELSE 0 END"
)
PUT_IN = (
    "INSERT INTO wallets VALUES (?, ?, ?)"
    " ON CONFLICT (owner, wallet) DO UPDATE SET balance = wallets.balance + excluded.balance"
)
DONE = "DELETE FROM due WHERE at = ? AND decision = ? AND line = ?"
TAKE_OUT = "UPDATE wallets SET balance = balance - ? WHERE wallet = ? AND owner = ?"


class Store(Protocol):
    """A database that holds one ledger. Its faults are `CannotRun`, and roll the batch back."""

    @property
    def shown(self) -> str:
        """The place of the ledger for messages, without secrets."""

    @property
    def lanes(self) -> int:
        """The maximum number of parallel chains."""

    def ask(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Yield the rows of a query as they come."""

    def among(
        self, question: Question, keys: Sequence[Row], between: tuple[str, str] | None = None
    ) -> Iterable[Row]:
        """Return the rows whose key is one of these."""

    def change(self, statement: str, rows: Iterable[Row]) -> None:
        """Execute a statement for each row."""

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows in bulk."""

    def add_new(self, table: NewRows, rows: Sequence[Row]) -> None:
        """Insert the rows that are not there yet, in their order."""

    def adding(self, table: Table) -> AbstractContextManager[Callable[[Sequence[Row]], None]]:
        """Insert rows while more are computed; no other query may run meanwhile."""

    def update_accounts(self, rows: Sequence[Row]) -> None:
        """Update existing balances: the columns of `accounts`, by id."""

    def move_wallets(self, rows: Sequence[Row]) -> None:
        """Add to the balances of wallets, creating new ones: wallet, owner, amount."""

    def enter_keys(self, rows: Sequence[Row]) -> bool:
        """Insert rows of `event_customers` for new keys; return whether all of them were new.

        Rows come in the order of their keys. Waits for another worker's uncommitted row of the same
        key.
        """

    def delete_due(self, rows: Sequence[Row]) -> None:
        """Delete rows of `due` after they were settled."""

    def account_numbers(self, count: int) -> Iterable[int]:
        """Return ids for new balances."""

    def chain(self) -> Chain:
        """Return the end of a chain, locked until the transaction ends.

        Raise `CannotRun` if the ledger was rewound since the store was opened.
        """

    @property
    def since(self) -> Since:
        """The check for rewinds by others."""

    def keep_chain(self, chain: Chain) -> None:
        """Store the chain's new end."""

    def write(self, claims: Collection[str], work: Callable[[], T]) -> T:
        """Do the work in one transaction. It may be retried, so `work` must not keep state.

        The `claims` (names of campaigns and accounts) are locked meanwhile.
        """

    def delivering(self) -> AbstractContextManager[None]:
        """A transaction that excludes other deliveries."""

    def reading(self) -> AbstractContextManager[None]:
        """A transaction whose queries see one snapshot."""

    def damage(self) -> Iterator[Diagnostic]:
        """Yield what the database's own check finds wrong with its storage."""

    def unchecked(self) -> Phrase | None:
        """Return why the database cannot check itself; `None` if it can."""

    def apart(self) -> AbstractContextManager[None]:
        """A savepoint of a `reading`: a fault in it leaves later queries alone."""

    def dangling(self) -> Iterator[tuple[str, str]]:
        """Yield the tables with dangling references, and the tables that they refer to."""

    def uncounted(self) -> list[str]:
        """Return the sealed tables whose triggers no longer count writes."""

    def unsealed(self) -> Iterator[Unsealed]:
        """Yield the tables that another program changed."""

    def exclude_others(self) -> None:
        """Keep others from adding entries until the transaction at hand ends."""

    def seal_again(self, table: str, *, whole: bool) -> None:
        """Seal a table that was mended in the transaction at hand, as if nobody had changed it.

        The seal of a table that is not `whole` derived stays as it is: it fits if all rows are as
        they were.
        """

    def rehearsed(self) -> AbstractContextManager[Store]:
        """A copy whose changes are not kept."""

    def close(self) -> None:
        """Close the connection."""
