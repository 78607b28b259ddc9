"""Parse a file to its end, however many mistakes it has.

Each unexpected token is reported once. A mistake with a clear intent is repaired (`repairs`).
Otherwise the clause is dropped, and parsing resumes at the next clause, `}` or declaration.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...codes import literals as written
from ...codes import text as codes
from ...diagnostics.diagnostic import Diagnostic, Label, Phrase, diagnose
from ...diagnostics.source import Span
from ...tree import Declaration, Number, Percent
from ..characters import is_full_width
from ..keywords import WORDS, spelled
from ..lexer import END
from ..tokens import Token
from .blocks import BLOCKS, CLAUSES, FILE, LATER, MODIFIERS, STARTS, either, home
from .expectations import expected, found, missing
from .machine import Machine
from .phrases import names_instead
from .repairs import Workshop, unknown
from .reserved import meant_as_name
from .surroundings import ALSO_CLAUSES, NESTING, Surroundings

_WATCHED = NESTING | ALSO_CLAUSES
_INSIDE_REWARD = ("BY", "DRAW")
_OPENERS = frozenset(CLAUSES) - {FILE, *_INSIDE_REWARD}


class Reading:
    """One pass over the words of a file."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.diagnostics: list[Diagnostic] = []
        self.skipped: list[Span] = []
        self._machine = Machine()
        self._here = Surroundings(tokens, self._machine)
        self._workshop = Workshop(tokens, self._machine, self.diagnostics.append)
        self._repaired = -1

    def declarations(self) -> tuple[Declaration, ...]:
        """The declarations of the file."""
        machine, tokens = self._machine, self.tokens
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in _WATCHED:
                at = self._watched(at)
            elif machine.feed(token):
                at += 1
            else:
                at = self._names_or_mistake(at)
        return machine.result

    def _names_or_mistake(self, at: int) -> int:
        """Go on with the words of a phrase that are names here, or with what is wrong."""
        names = names_instead(self.tokens, at, self._machine)
        if names is None:
            return self._mistake(at)
        self.tokens[at : at + 2] = names
        self._here.forget()
        return at

    def _watched(self, at: int) -> int:
        """A word that can be wrong although it could stand here."""
        token = self.tokens[at]
        if token.type in NESTING:
            if self._here.too_deep():
                self.diagnostics.append(diagnose(codes.TOO_DEEP, token.span.place))
                return self._resume(at)
        elif self._machine.last_brace() >= 0 and self._here.starts_declaration(at):
            return self._mistake(at)
        return at + 1 if self._machine.feed(token) else self._names_or_mistake(at)

    # --- What is wrong ---------------------------------------------------------------------------

    def _mistake(self, at: int) -> int:
        """Report what is wrong with the word at `at`, and say where to go on."""
        if at and self.tokens[at - 1].type == "CLOSE_BRACE":
            self._machine.settle()
        if self._repaired < at and not self._here.after_stray(at):
            seen = len(self.diagnostics)
            on = self._workshop.repair(at, self._here.block())
            if on is not None:
                self._repaired = on
                return on
            if len(self.diagnostics) == seen:
                self._explain(at)
        return self._resume(at)

    def _explain(self, at: int) -> None:
        token = self.tokens[at]
        block = self._here.block()
        complete = self._machine.accepts(END if block == FILE else "CLOSE_BRACE")
        report = self.diagnostics.append
        place = token.span.place
        later = self._here.later(at)
        if later is not None:
            report(diagnose(codes.NOT_SUPPORTED_YET, place, found=later))
        elif token.type == "CLOSE_BRACE" and block == FILE:
            report(diagnose(codes.STRAY_BRACE, place))
        elif self._here.begins_something(at):
            self._explain_start(at, block, complete)
        elif complete and token.type in ("NAME", "QUOTED_NAME") and self._here.opens_clause(at):
            self._explain_unknown(at, block)
        elif token.type == "NUMBER" and self._machine.accepts("MONEY"):
            alone: dict[str, Any] = {"alone": token.text} if self._is_alone(at) else {}
            if self._machine.accepts("PERCENT"):
                alone["percent"] = f"{token.text}%"
            report(diagnose(written.MISSING_CURRENCY, place, found=token.text, **alone))
        elif is_full_width(token.span.text):
            pass  # The sign itself is reported already; no repair is evident.
        elif token.type != END or not complete:
            report(self._missing(at))

    def _is_alone(self, at: int) -> bool:
        """Whether nothing follows a number that may be a part of it: `10 CNY` is not `10,000`."""
        token, after = self.tokens[at], self.tokens[at + 1]
        between = token.source.text[token.end : after.start]
        ends = after.starts_line or after.type in (END, "CLOSE_BRACE") or after.text in WORDS
        return ends and (not between or between.isspace())

    def _missing(self, at: int) -> Diagnostic:
        name = meant_as_name(self.tokens, at, self._machine)
        return missing(self.tokens, at, expected(self._machine), name)

    def _explain_start(self, at: int, block: str, complete: bool) -> None:
        """A clause or declaration begins where the one before is not done, or where it cannot."""
        token = self.tokens[at]
        if not complete:
            self.diagnostics.append(self._missing(at))
        elif not self._here.starts_declaration(at) and self._here.blocks_to_close(at) is None:
            text, here, right = spelled(token.type), BLOCKS[block], home(token.type)
            place = token.span.place
            self.diagnostics.append(
                diagnose(codes.MISPLACED_CLAUSE, place, found=text, block=here, home=right)
            )

    def _explain_unknown(self, at: int, block: str) -> None:
        token = self.tokens[at]
        names = [f"`{spelled(each)}`" for each in CLAUSES[block]]
        text, here, clauses = token.text, BLOCKS[block], either(names)
        place = token.span.place
        self.diagnostics.append(
            diagnose(unknown(block), place, found=text, block=here, clauses=clauses)
        )

    # --- Where to go on --------------------------------------------------------------------------

    def _resume(self, at: int) -> int:
        """Give up what is being read, find where to go on, and close what must be closed for it."""
        if self.tokens[at].starts_line:
            self._machine.settle()
        clause = self._here.open_clause()
        if clause is not None:
            header = self._header(*clause, at)
            if header is not None:
                self._skip(at, header)
                return header
        start = self._cut_back(clause)
        on, blocks = self._next_start(at)
        self._skip(at, on, start)
        self._close(blocks, on)
        return on

    def _skip(self, at: int, on: int, start: int | None = None) -> None:
        begin = self.tokens[at].start if start is None else start
        end = self.tokens[on - 1].end if on else 0
        if begin < end:
            self.skipped.append(Span(self.tokens[at].source, begin, end))

    def _header(self, place: int, opener: Token, at: int) -> int | None:
        """The index of the `{` of a declaration with a faulty head, so that its block is parsed."""
        opens = opener.type in _OPENERS or any(
            word.type in _INSIDE_REWARD for _, word in self._machine.open_words(place)
        )
        brace = self._here.brace_ahead(at) if opens else None
        if brace is None:
            return None
        machine = self._machine
        for size in range(len(machine.values), place, -1):
            machine.cut(size)
            if not machine.accepts("OPEN_BRACE"):
                self._hold_place(at)
            if machine.accepts("OPEN_BRACE"):
                return brace
        return None

    def _hold_place(self, at: int) -> None:
        """Something for the score of a lifecycle, or the name of a declaration, that is faulty."""
        machine = self._machine
        last = machine.values[-1]
        token = self.tokens[at]
        if isinstance(last, Token) and last.type == "BY_SCORE":
            literal = Number(Decimal(0), True, span=token.span)
            machine.feed(token._replace(type="NUMBER", text="0", literal=literal))
        elif machine.accepts("NAME", "OPEN_BRACE"):
            machine.feed(token._replace(type="NAME", text=""))

    def _cut_back(self, clause: tuple[int, Token] | None) -> int | None:
        """Forget the clause being read; of a reward, only the part that is wrong.

        Gives where the forgotten text begins.
        """
        if self._here.block() == "DRAW":
            return self._cut_prize()
        if clause is None:
            return None
        machine = self._machine
        place, first = clause
        if first.type != "REWARD":
            machine.cut(place)
            return first.start
        parts = [(at, word) for at, word in machine.open_words(place) if word.type in MODIFIERS]
        if parts and not isinstance(machine.values[place + 1], Token):
            machine.cut(parts[0][0])
            return parts[0][1].start
        if not machine.accepts("LIMIT"):
            machine.cut(place + 1)
            machine.feed(first._replace(type="BROKEN"))
            return first.start
        return None

    def _cut_prize(self) -> int | None:
        """The same in a draw, whose prizes begin with no word but with their odds."""
        machine = self._machine
        for at in range(machine.last_brace() + 1, len(machine.values)):
            begun = machine.values[at]
            if isinstance(begun, Token | Percent):
                machine.cut(at)
                return begun.span.start
        return None

    def _next_start(self, at: int) -> tuple[int, int]:
        """The index of the next clause, `}` or declaration, and the number of blocks it closes
        first."""
        inside = 0
        end = len(self.tokens) - 1
        for on in range(at, end):
            token = self.tokens[on]
            if self._here.starts_declaration(on):
                return on, self._here.open_blocks()
            if token.type == "OPEN_BRACE":
                inside += 1
            elif token.type == "CLOSE_BRACE":
                if inside == 0 and self._machine.last_brace() >= 0:
                    return on, 0
                inside = max(0, inside - 1)
            elif inside == 0 and token.type in STARTS | LATER:
                blocks = self._here.blocks_to_close(on)
                if blocks is not None:
                    return on, blocks
                if on > at and self._here.misplaced(on):
                    return on, 0
            elif inside == 0 and on > at and self._here.strange_clause(on, at):
                return on, 0
        return end, self._here.open_blocks()

    def _close(self, blocks: int, at: int) -> None:
        """Close blocks that lack their `}`, and say which."""
        for _ in range(blocks):
            brace = self._machine.last_brace()
            clause = self._here.open_clause()
            if clause is not None:
                self._machine.cut(clause[0])
            opening = self._machine.values[brace]
            if isinstance(opening, Token) and opening.start < opening.end:
                self._unclosed(opening, at)
            token = self.tokens[at]
            end = self.tokens[at - 1].end
            self._machine.feed(Token("CLOSE_BRACE", "}", token.source, end, end, False))
            self._machine.settle()

    def _unclosed(self, opening: Token, at: int) -> None:
        token = self.tokens[at]
        label = Label(opening.span.place, Phrase("resume.opened_here"))
        place, block = token.span.place, self._here.titled()
        self.diagnostics.append(
            diagnose(codes.UNCLOSED_BRACE, place, labels=[label], block=block, found=found(token))
        )
