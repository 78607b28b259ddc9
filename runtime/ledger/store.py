"""What the ledger asks of a database: the little in which SQLite and PostgreSQL differ.

Statements are constants in the SQL that both know, with `?` for values. Rows are plain tuples of
text, whole numbers and bytes.
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
    "due",
    "exhaustions",
    "event_customers",
]
"""Tables that batches add to, columns in the order of the schema."""

NewRows = Literal["seen_events"]
"""Tables, all of text, to which rows are added that may be there already."""

Question = Literal["decisions", "accounts", "touches", "wallets", "event_customers"]
"""Rows wanted by their key.

`decisions`: (campaign, step, recipient, occurrence) → that, id, outcome, refused_by, content.
`accounts`: (account, period, key) → that, id, declared, cap, spent, exhausted, alerted.
`touches`: (account, recipient) and two instants → account, recipient, at; by instant.
`wallets`: (wallet, owner) → that, balance.
`event_customers`: (event, key) → that, customer, at.
"""


PUT_IN = (
    "INSERT INTO wallets VALUES (?, ?, ?)"
    " ON CONFLICT (owner, wallet) DO UPDATE SET balance = wallets.balance + excluded.balance"
)
DONE = "DELETE FROM due WHERE at = ? AND decision = ? AND line = ?"
TAKE_OUT = "UPDATE wallets SET balance = balance - ? WHERE wallet = ? AND owner = ?"


class Store(Protocol):
    """A database that holds one ledger. Its faults are `CannotRun`; nothing of a batch is kept."""

    @property
    def shown(self) -> str:
        """Where it is, as people should read it: no secret in it."""

    @property
    def lanes(self) -> int:
        """How many chains of entries it keeps side by side, at most."""

    def ask(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """The whole answer."""

    def stream(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """A long answer, as it comes."""

    def among(
        self, question: Question, keys: Sequence[Row], between: tuple[str, str] | None = None
    ) -> Iterable[Row]:
        """Those rows whose key is one of these."""

    def change(self, statement: str, rows: Iterable[Row]) -> None:
        """Carries out a statement for each row."""

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Adds rows, many at a time."""

    def add_new(self, table: NewRows, rows: Sequence[Row]) -> None:
        """Adds those that are not there yet, in their order."""

    def adding(self, table: Table) -> AbstractContextManager[Callable[[Sequence[Row]], None]]:
        """Adds rows as they come, while more of them are made; nothing else is asked meanwhile."""

    def update_accounts(self, rows: Sequence[Row]) -> None:
        """Writes balances that exist: the columns of `accounts`, of which the id finds the row."""

    def move_wallets(self, rows: Sequence[Row]) -> None:
        """Adds to the balances of wallets, also new ones: wallet, owner, amount."""

    def enter_keys(self, rows: Sequence[Row]) -> bool:
        """Adds rows of `event_customers` whose key has none yet; whether all of them were added.

        They come in the order of their keys. Another worker's row for the same key is waited for.
        """

    def done(self, rows: Sequence[Row]) -> None:
        """Takes rows of `due` off: something has become of them."""

    def account_numbers(self, count: int) -> Iterable[int]:
        """So many numbers for new balances."""

    def chain(self) -> Chain:
        """The end of a chain that is ours until the transaction ends.

        `CannotRun` if the ledger was rewound since the store began to work.
        """

    @property
    def since(self) -> Since:
        """Whether it was rewound since."""

    def keep_chain(self, chain: Chain) -> None:
        """Writes its new end."""

    def write(self, claims: Collection[str], work: Callable[[], T]) -> T:
        """Does the work in one transaction, which may be begun again, so it must not remember.

        Nobody else holds any of the `claims` (names of campaigns and accounts) meanwhile.
        """

    def delivering(self) -> AbstractContextManager[None]:
        """A transaction in which nobody else delivers."""

    def reading(self) -> AbstractContextManager[None]:
        """Several questions that see one state of the ledger."""

    def damage(self) -> Iterator[Diagnostic]:
        """What the database itself finds wrong with how it keeps the ledger."""

    def unchecked(self) -> Phrase | None:
        """Why the database cannot check itself, if it cannot: `damage` finds nothing then."""

    def apart(self) -> AbstractContextManager[None]:
        """Questions of a `reading` whose fault leaves what follows alone."""

    def dangling(self) -> Iterator[tuple[str, str]]:
        """Tables with a row that refers to nothing, and the tables to which they refer."""

    def uncounted(self) -> list[str]:
        """Sealed tables in which what is written is not counted any more."""

    def unsealed(self) -> Iterator[Unsealed]:
        """Tables in which something was changed, added or deleted by another program."""

    def rehearsed(self) -> AbstractContextManager[Store]:
        """A copy, of which nothing is kept."""

    def close(self) -> None:
        """Lets go of the connection."""
