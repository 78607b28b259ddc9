"""Stocks of codes (`codes from coffee_codes`): each grant takes one, which no other grant has.

The table `codes` has every code once, for the benefit that took it in first. It is sealed. A code
is `free` or `given`. It is `withdrawn` if its table has it no more and nobody got it. It is `burnt`
if its grant was taken back after it may have been sent. Codes are of class C3: they leave by the
outbox alone.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..store import Store

LOADING = "codes"
"""The name to lock while codes are taken in."""

_EVERY = "SELECT id, benefit, code, state FROM codes"
_FREE = "SELECT id, code FROM codes WHERE state = 'free' AND benefit = ? ORDER BY id LIMIT ?"
_NEXT = "SELECT coalesce(max(id), 0) FROM codes"
_NEW = "INSERT INTO codes (id, benefit, code, state) VALUES (?, ?, ?, 'free')"
_SET = "UPDATE codes SET state = ? WHERE id = ?"
_GIVE = "UPDATE codes SET state = 'given', decision = ?, line = ? WHERE id = ?"
_COUNTS = "SELECT benefit, state, count(*) FROM codes GROUP BY benefit, state"
_OF = "SELECT DISTINCT benefit FROM codes WHERE decision = ?"
# A channel may have taken what was tried, whatever became of the attempt.
_SENT = (
    "EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = codes.decision"
    " AND (outbox.state IN ('delivered', 'dead') OR EXISTS (SELECT 1 FROM attempts"
    " WHERE attempts.decision = outbox.decision AND attempts.channel = outbox.channel"
    " AND attempts.n = outbox.n)))"
    " OR EXISTS (SELECT 1 FROM amendments WHERE amendments.decision = codes.decision"
    " AND amendments.kind = 'redeemed')"
)
_OF_LINE = "decision = ? AND (? < 0 OR line = ?) AND state = 'given'"
_BURN = f"UPDATE codes SET state = 'burnt' WHERE {_OF_LINE} AND ({_SENT})"  # noqa: S608  (our own words)
_FREED = f"UPDATE codes SET state = 'free', decision = NULL, line = NULL WHERE {_OF_LINE}"  # noqa: S608
EVERY_LINE = -1
_REWOUND = (
    "FROM rewound_grants AS gone WHERE gone.rewind = ? AND gone.decision = codes.decision"
    " AND gone.line = codes.line"
)
_REWINDING = (
    f"UPDATE codes SET state = 'burnt' WHERE state = 'given' AND EXISTS (SELECT 1 {_REWOUND})"  # noqa: S608
    f" AND ({_SENT})",
    "UPDATE codes SET state = 'free', decision = NULL, line = NULL"  # noqa: S608
    f" WHERE state = 'given' AND EXISTS (SELECT 1 {_REWOUND})",
)


class TakenIn(NamedTuple):
    """How many codes came new to a benefit, left its table, came back, or are of another one."""

    new: int
    withdrawn: int
    returned: int
    of_others: int


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many codes of a benefit are free, given, withdrawn and burnt."""

    benefit: str
    free: int
    given: int
    withdrawn: int
    burnt: int


class Coded(Protocol):
    """The stocks of codes of a ledger."""

    def take_codes(self, benefit: str, codes: Iterable[str]) -> TakenIn:
        """Take in the codes that a benefit's table has now: a free code that it lost is withdrawn.

        A code of another benefit stays with that one.
        """

    def code_counts(self) -> list[CodeCount]:
        """The counts of every benefit that ever had codes, by name."""


class StoredCodes:
    """The part of a stored ledger that is `Coded`."""

    _store: Store

    def take_codes(self, benefit: str, codes: Iterable[str]) -> TakenIn:
        """See `Coded.take_codes`."""
        return take_in(self._store, benefit, codes)

    def code_counts(self) -> list[CodeCount]:
        """See `Coded.code_counts`."""
        return counts(self._store)


class Codes:
    """The free codes that a batch may give, by benefit, and those that it gave."""

    def __init__(self, free: Mapping[str, Sequence[tuple[int, str]]]) -> None:
        self._free = {benefit: deque(some) for benefit, some in free.items()}
        self.given: list[tuple[int, int, int]] = []

    def lacking(self, benefits: Iterable[str | None]) -> str | None:
        """Return the stock that has no code for one of these benefits; `None` if all have one."""
        for benefit in benefits:
            if benefit in self._free and not self._free[benefit]:
                return stock_of(benefit)
        return None

    def take(self, decision: int, benefits: Iterable[str | None], first: int = 0) -> list[str]:
        """Give a code for each of these lines, the first of which has that number."""
        taken = []
        for line, benefit in enumerate(benefits, first):
            if benefit is not None and benefit in self._free:
                number, code = self._free[benefit].popleft()
                self.given.append((decision, line, number))
                taken.append(code)
        return taken


def stock_of(benefit: str) -> str:
    """The name under which an outcome shows the stock of a benefit's codes."""
    return f"benefit/{benefit}/codes"


def lock_of(benefit: str) -> str:
    """The name to lock for giving codes of a benefit."""
    return f"{LOADING}/{benefit}"


def codes_for(store: Store, wanted: Mapping[str, int]) -> Codes:
    """Load as many free codes as these benefits may need."""
    return Codes({name: list(store.ask(_FREE, (name, most))) for name, most in wanted.items()})


def give(store: Store, codes: Codes) -> None:
    """Write which grants have which codes."""
    if codes.given:
        store.change(_GIVE, codes.given)


def benefits_of(store: Store, decision: int) -> Iterator[str]:
    """Yield the benefits of which a grant has codes."""
    yield from (name for (name,) in store.ask(_OF, (decision,)))


def release(store: Store, decision: int, line: int = EVERY_LINE) -> None:
    """Take codes of a grant back: what may have been sent is burnt, the rest is free again."""
    for statement in (_BURN, _FREED):
        store.change(statement, [(decision, line, line)])


def take_rewound_back(store: Store, entry: int) -> None:
    """Take back the codes of the grants that a rewind takes, while their outbox is there."""
    for statement in _REWINDING:
        store.change(statement, [(entry,)])


def take_in(store: Store, benefit: str, codes: Iterable[str]) -> TakenIn:
    """See `Coded.take_codes`."""
    wanted = dict.fromkeys(codes)

    def work() -> TakenIn:
        there = {code: (number, of, state) for number, of, code, state in store.ask(_EVERY)}
        new = [code for code in wanted if code not in there]
        others = sum(code in there and there[code][1] != benefit for code in wanted)
        own = {
            code: (number, state) for code, (number, of, state) in there.items() if of == benefit
        }
        gone = [n for code, (n, state) in own.items() if state == "free" and code not in wanted]
        back = [n for code, (n, state) in own.items() if state == "withdrawn" and code in wanted]
        ((last,),) = store.ask(_NEXT)
        store.change(_NEW, [(last + n, benefit, code) for n, code in enumerate(new, 1)])
        store.change(_SET, [("withdrawn", number) for number in gone])
        store.change(_SET, [("free", number) for number in back])
        return TakenIn(len(new), len(gone), len(back), others)

    return store.write({LOADING, lock_of(benefit)}, work)


def counts(store: Store) -> list[CodeCount]:
    """See `Coded.code_counts`."""
    found: dict[str, Counter[str]] = {}
    for benefit, state, count in store.ask(_COUNTS):
        found.setdefault(benefit, Counter())[state] += count
    states = ("free", "given", "withdrawn", "burnt")
    return [CodeCount(name, *(found[name][one] for one in states)) for name in sorted(found)]
