"""Mistakes whose meaning is plain: reported, and then read as if the right word stood there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from unicodedata import normalize

from ...codes import literals as written
from ...codes import text as codes
from ...diagnostics.diagnostic import Code, Fix, Phrase, Safety, diagnose
from ...diagnostics.fixes import in_place_of
from ...diagnostics.source import Span
from ...tree import Duration
from ..keywords import WORDS, spelled
from ..literals import Report
from ..tokens import Token
from .blocks import BLOCKS, FILE, STARTS, clauses_like
from .expectations import found, missing
from .machine import Machine

_NAMED = frozenset({"CAMPAIGN", "LIFECYCLE", "AUDIENCE", "BENEFIT", "POLICY", "BUDGET"})
_SIGNS = ("OPEN_BRACE", "COLON", "COMMA", "CLOSE_BRACKET")
_BRACKETS = 8
_NOTHING = frozenset({"null", "none", "empty", "missing"})
_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")


def unknown(block: str) -> Code:
    """The mistake of a first word that a block, or a file, does not have."""
    return codes.UNKNOWN_DECLARATION if block == FILE else codes.UNKNOWN_CLAUSE


@dataclass(frozen=True, slots=True)
class Workshop:
    """The words of a file, which repairs change, and the machine that reads them."""

    tokens: list[Token]
    machine: Machine
    report: Report

    def repair(self, at: int, block: str) -> int | None:
        """Repair the mistake at `at` and return where to continue; `None` if the intent is
        unclear."""
        for mend in (
            self._wrong_case,
            self._keyword_as_name,
            self._is_not_stage,
            self._is_for_equals,
            self._bare_window,
            self._unknown_unit,
            self._missing_name,
            self._missing_sign,
        ):
            on = mend(at)
            if on is not None:
                return on
        return self._misspelt(at, block)

    def _become(self, at: int, kind: str, text: str) -> None:
        self.tokens[at] = self.tokens[at]._replace(type=kind, text=text)

    def _wrong_case(self, at: int) -> int | None:
        """`AND`, `ａｎｄ`."""
        token = self.tokens[at]
        right = normalize("NFKC", token.text).lower()
        if token.type != "NAME" or right not in WORDS or not self.machine.accepts(right.upper()):
            return None
        place = token.span.place
        fix = in_place_of(token.span, right, "safe")
        code = codes.WRONG_CASE if token.text.isascii() else codes.FULL_WIDTH
        self.report(diagnose(code, place, fix=fix, found=token.text, right=right))
        self._become(at, right.upper(), right)
        return at

    def _keyword_as_name(self, at: int) -> int | None:
        """`score`-like words used as the name of a field, of a campaign."""
        token, after = self.tokens[at], self.tokens[at + 1 : at + 2]
        if token.text not in WORDS or not after or not self.machine.accepts("NAME", after[0].type):
            return None
        if token.starts_line and token.type in STARTS:
            return None
        place = token.span.place
        right = f"`{token.text}`"
        fix = Fix(place, right, "safe")
        self.report(diagnose(codes.KEYWORD_AS_NAME, place, fix=fix, found=token.text, right=right))
        self._become(at, "NAME", token.text)
        return at

    def _is_for_equals(self, at: int) -> int | None:
        """`product is "card"`, `product is not "card"`."""
        token, *after = self.tokens[at : at + 2]
        if token.type != "IS" or not self.machine.accepts("EQUAL"):
            return None
        text, kind, right = "is", "EQUAL", "="
        if after and after[0].type == "NOT":
            text, kind, right = "is not", "NOT_EQUAL", "!="
        elif after and after[0].text in _NOTHING:
            text, kind, right = f"is {after[0].text}", "IS_UNKNOWN", "is unknown"
        on = at if kind == "EQUAL" else at + 1
        place = token.span.to(self.tokens[on].span).place
        doubtful = {"IS_UNKNOWN": text != "is null", "EQUAL": False}
        doubtful["NOT_EQUAL"] = self.tokens[on + 1].text in _NOTHING
        fix = Fix(place, right, "look" if doubtful[kind] else "safe")
        self.report(diagnose(codes.FOREIGN_SIGN, place, fix=fix, found=text, right=right))
        self._become(on, kind, right)
        return on

    def _is_not_stage(self, at: int) -> int | None:
        """`stage is not retail.dormant`."""
        token, before = self.tokens[at], self.tokens[at - 1]
        if token.type != "NOT" or at == 0 or before.type != "STAGE_IS":
            return None
        place = before.span.to(token.span).place
        right = "stage not in (…)"
        self.report(diagnose(codes.FOREIGN_SIGN, place, found="stage is not", right=right))
        return at + 1

    def _bare_window(self, at: int) -> int | None:
        """`within 30 days`, `in 30 days`."""
        token, *after = self.tokens[at : at + 2]
        kind = {"within": "WITHIN_LAST", "in": "IN_LAST"}.get(token.text)
        if kind is None or not after or after[0].type not in ("DAYS", "DURATION"):
            return None
        if not self.machine.accepts(kind):
            return None
        right = spelled(kind)
        place = token.span.place
        fix = Fix(place, right)
        expected = f"`{right}`"
        self.report(
            diagnose(codes.UNEXPECTED, place, fix=fix, found=found(token), expected=expected)
        )
        self._become(at, kind, right)
        return at

    def _unknown_unit(self, at: int) -> int | None:
        """`30 dyas`."""
        token, *after = self.tokens[at : at + 2]
        if token.type != "NUMBER" or not after or after[0].type != "NAME":
            return None
        if self.machine.accepts("NUMBER") or not self.machine.accepts("DAYS"):
            return None
        unit = after[0]
        close = get_close_matches(unit.text.lower(), _UNITS, n=1, cutoff=0.6)
        place, word = unit.span.place, unit.text
        if close:
            safety: Safety = "safe" if word.lower() in _UNITS else "look"
            fix = Fix(place, close[0], safety)
            self.report(
                diagnose(written.UNKNOWN_UNIT, place, fix=fix, found=word, nearest=close[0])
            )
        else:
            self.report(diagnose(written.UNKNOWN_UNIT, place, found=word))
        literal = Duration(1, "day", span=token.span.to(unit.span))
        self.tokens[at + 1] = unit._replace(type="DAYS", start=token.start, literal=literal)
        return at + 1

    def _missing_name(self, at: int) -> int | None:
        """`campaign "新客见面礼" {`."""
        token, before = self.tokens[at], self.tokens[at - 1]
        if at == 0 or before.type not in _NAMED or token.type not in ("TEXT", "OPEN_BRACE"):
            return None
        if not self.machine.accepts("NAME", "OPEN_BRACE"):
            return None
        expected = Phrase("repairs.a_name")
        self.report(
            diagnose(codes.UNEXPECTED, token.span.place, found=found(token), expected=expected)
        )
        self.machine.feed(Token("NAME", "", token.source, before.end, before.end, False))
        if token.type == "TEXT":
            self._become(at, "LABEL", token.text)
        return at

    def _missing_sign(self, at: int) -> int | None:
        """Insert a missing `{`, `:`, `,` or closing bracket before the token."""
        token = self.tokens[at]
        for sign in _SIGNS:
            if sign == "COMMA" and token.starts_line:
                continue
            for count in range(1, _BRACKETS if sign == "CLOSE_BRACKET" else 2):
                if self.machine.accepts(*[sign] * count, token.type):
                    told = missing(self.tokens, at, f"`{spelled(sign)}`")
                    self.report(replace(told, fix=self._inserted(sign, count, at)))
                    self._insert(sign, count, at)
                    return at
        return None

    def _inserted(self, sign: str, count: int, at: int) -> Fix:
        end = self.tokens[at - 1].end
        return in_place_of(Span(self.tokens[at].source, end, end), spelled(sign) * count)

    def _insert(self, sign: str, count: int, at: int) -> None:
        end = self.tokens[at - 1].end
        for _ in range(count):
            self.machine.feed(Token(sign, spelled(sign), self.tokens[at].source, end, end, False))

    def _misspelt(self, at: int, block: str) -> int | None:
        """`adience`, `campain`."""
        token = self.tokens[at]
        opens = at == 0 or token.starts_line or self.tokens[at - 1].type == "OPEN_BRACE"
        if token.type != "NAME" or not opens:
            return None
        like = clauses_like(token.text, block)
        if not like or not self.machine.accepts(like[0]):
            return None
        clause = like[0]
        right = spelled(clause)
        place = token.span.place
        fix = Fix(place, right, "safe" if len(like) == 1 else "look") if " " not in right else None
        self.report(
            diagnose(
                unknown(block),
                place,
                fix=fix,
                found=token.text,
                block=BLOCKS[block],
                nearest=right,
            )
        )
        if " " in right:
            return None
        self._become(at, clause, right)
        label = self.tokens[at + 2 : at + 3]
        if block == FILE and label and label[0].type == "TEXT":
            self._become(at + 2, "LABEL", label[0].text)
        return at
