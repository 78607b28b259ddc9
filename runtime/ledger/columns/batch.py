"""A batch whose plain decisions are prepared by columns.

A `Template` has their common parts, made once for each step and bundle of the batch. Each decision
adds its charges, and the texts of its instants, facts and names. Preparing takes 2.7 µs a claim in
the rush of `bench/ledger.py` instead of 7.9.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...decide.decisions import Decision
from ..batches.batch import Batch, Charges, Key, Request
from ..batches.books import Books, StepBook
from ..batches.facts import NO_FACTS, facts_of
from ..batches.hiding import hidden
from ..chain import quoted
from ..instants import instant_text
from .plain import is_plain, is_plain_step
from .templates import Charged, Template

NO_CHARGES: Charges = []

Row = tuple[Decision, Template, Charged | None, Charges, str, str, str, str]
"""A plain decision: the instants of it and of its delivery, its facts, and the head of its entry.

Without `Charged` it is held out or too late.
"""


class _Step:
    """A step in a batch. Its templates are those of the lines at an address, and of a share."""

    __slots__ = ("_alike", "_books", "book", "entry_text", "is_plain", "templates")

    def __init__(self, books: Books, book: StepBook) -> None:
        self._books = books
        self.book = book
        self.is_plain = is_plain_step(book)
        self.entry_text = f"[{book.entry_text},"
        self.templates: dict[tuple[int, int | None], Template] = {}
        self._alike: dict[tuple[int, int | None], Template] = {}

    def template(self, decision: Decision) -> Template:
        """Return the template of a decision whose lines are at an address that is new here."""
        lines, share = decision.lines, decision.share
        # Comparing lines takes long, and books keep their bundles for long.
        bundle = self._books.bundle(lines)
        found = self._alike.get((id(bundle), share))
        if found is None:
            found = Template(self._books, self.book, lines, bundle, share)
            self._alike[id(bundle), share] = found
        self.templates[id(lines), share] = found
        return found


class Columns(Batch):
    """A batch of rows in order: plain decisions, and a `Request` for each of the others.

    `requests` has only these. `repeats`: the batch has an identity twice.
    """

    def __init__(self, books: Books, decisions: Sequence[Decision]) -> None:
        super().__init__(books, kept=True)
        steps: dict[tuple[str, str], _Step] = {}
        self.rows: list[Row | Request] = []
        for decision in decisions:
            name = decision.identity[:2]
            step = steps.get(name)
            if step is None:
                book = self.steps[name] = books.steps[name]
                step = steps[name] = _Step(books, book)
            if step.book.private:
                decision = hidden(decision, step.book.private, books.secret)  # noqa: PLW2901
            row = self._row(step, decision) if step.is_plain and is_plain(decision) else None
            if row is not None:
                self.rows.append(row)
            else:
                request = self._prepare(decision)
                self.requests.append(request)
                self.rows.append(request)
        self.repeats = len(set(self.keys)) < len(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def keys(self) -> Sequence[Key]:
        """See `Batch.keys`."""
        return [row[0][0] for row in self.rows]

    @property
    def decisions(self) -> Sequence[Decision]:
        """See `Batch.decisions`."""
        return [row[0] for row in self.rows]

    @property
    def since(self) -> str:
        """See `Batch.since`."""
        instants = (row.at if isinstance(row, Request) else row[4] for row in self.rows)
        return min(instants, default="")

    def request(self, row: Row) -> Request:
        """Prepare a plain decision for `Deciding`."""
        return self._prepare(row[0])

    def _row(self, step: _Step, decision: Decision) -> Row | None:
        """Prepare a decision of a plain step; return `None` if its bundle is not plain."""
        identity, customer, instant, held_out, lines, _, delivery, share, keys, values, *_ = (
            decision
        )
        _, _, recipient, occurrence = identity
        template = step.templates.get((id(lines), share)) or step.template(decision)
        if not template.is_plain:
            return None
        charged, charges = None, NO_CHARGES
        if not held_out:
            charged = template.charged(self.balances, decision)
            charges = charged.charges(self.balances, decision)
            if decision.too_late:
                charged, charges = None, NO_CHARGES
            for wallet in template.wallets:
                self.wallets[wallet, recipient] = None
        at = self._instant_text(instant)
        deliver_at = at if delivery == instant else instant_text(delivery)
        facts = NO_FACTS
        if keys or values or template.offers or share is not None or decision.arm is not None:
            facts = facts_of(decision)
        owner = quoted(recipient)
        whose = owner if customer == recipient else quoted(customer)
        head = f'{step.entry_text}{owner},{quoted(occurrence)},{whose},"{at}","'
        return decision, template, charged, charges, at, deliver_at, facts, head
