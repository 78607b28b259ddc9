"""From the text to its words. It never fails: what has no meaning is reported and passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lark import Token as Match

from ..decoding import decode
from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.source import SourceFile, Span
from .characters import mended, quoted, unclosed
from .following import following
from .grammar import words
from .keywords import KEYWORDS, PHRASES
from .literals import READERS, Report
from .spelling import CORRECTED
from .tokens import Comment, Token, is_word

__all__ = ["KEYWORDS", "Lexed", "decode", "lex"]

END = "$END"

_ROUNDS = 3
_ODD = frozenset({"ODD_CHARACTER", "ODD_QUOTED", "UNCLOSED_TEXT"})
_LABELLED = frozenset(
    {"CAMPAIGN", "LIFECYCLE", "AUDIENCE", "BENEFIT", "BUDGET", "POLICY", "STAGE", "STEP", "TASK"}
)
_NAMES = frozenset({"NAME", "FIELD"})
_PLAIN_NAME = re.compile(r"\.?[A-Za-z0-9_]+")
_COMMENT = re.compile(r"#[^\r\n]*")


class Lexed(NamedTuple):
    """The words of a file (the last one is its end), its comments, its mistakes of spelling."""

    tokens: list[Token]
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]


def lex(source: SourceFile) -> Lexed:
    """Every word of the source, with its mistakes of spelling."""
    found: list[Diagnostic] = []
    report = found.append
    text, matches = _plain(source, report)
    tokens: list[Token] = []
    comments: list[Comment] = []
    line: int | None = 0
    for match in matches:
        kind, text_of, start = match.type, match.value, match.start_pos or 0
        end = start + len(text_of)
        starts_line = match.line != line
        line = match.end_line
        if kind == "COMMENT":
            comments.append(Comment(text_of, Span(source, start, end), starts_line))
        elif kind in READERS:
            node = READERS[kind](text_of, Span(source, start, end), report)
            kind = _kind_of_literal(kind, tokens)
            tokens.append(Token(kind, text_of, source, start, end, starts_line, node))
        elif kind in CORRECTED and not (kind in _NAMES and _PLAIN_NAME.fullmatch(text_of)):
            word = Token(kind, text_of, source, start, end, starts_line)
            tokens += CORRECTED[kind](word, report)
        else:
            word = Token(kind, text_of, source, start, end, starts_line)
            tokens.append(_phrase(word, comments) if kind in PHRASES else word)
    tokens.append(Token(END, "", source, len(text), len(text), True))
    return Lexed(following(tokens), tuple(comments), tuple(found))


def _kind_of_literal(kind: str, before: list[Token]) -> str:
    """A text after the name of a declaration is its label; one after `audience not` is compared."""
    if kind not in ("TEXT", "BLOCK_TEXT"):
        return kind
    if len(before) < 2 or before[-2].type not in _LABELLED:
        return "TEXT"
    return "LABEL" if is_word(before[-1]) and before[-1].type != "NOT" else "TEXT"


def _phrase(word: Token, comments: list[Comment]) -> Token:
    """A phrase with single spaces; the comments between its words are found here."""
    for inner in _COMMENT.finditer(word.text):
        span = Span(word.source, word.start + inner.start(), word.start + inner.end())
        own_line = not word.source.text[: span.start].rpartition("\n")[2].strip()
        comments.append(Comment(inner[0], span, own_line))
    return word._replace(text=" ".join(_COMMENT.sub(" ", word.text).split()))


def _plain(source: SourceFile, report: Report) -> tuple[str, list[Match]]:
    """The text with plain characters for odd ones, and its matches.

    A mended quotation mark can bare odd characters that seemed to be within a text, so there are
    several rounds.
    """
    text = source.text
    matches = _matches(text)
    for _ in range(_ROUNDS):
        better = _mended(text, matches, source, report)
        if better == text:
            break
        text = better
        matches = _matches(text)
    return text, [match for match in matches if match.type not in ("ODD_CHARACTER", "ODD_QUOTED")]


def _matches(text: str) -> list[Match]:
    return list(words(text))


def _mended(text: str, matches: list[Match], source: SourceFile, report: Report) -> str:
    out: list[str] = []
    done = 0
    for start, end, mend in _odd_runs(matches):
        right = mend(text[start:end], Span(source, start, end), report)
        if right is not None:
            out += [text[done:start], right]
            done = end
    return "".join([*out, text[done:]]) if out else text


Mend = Callable[[str, Span, Report], str | None]


def _odd_runs(matches: Iterable[Match]) -> Iterator[tuple[int, int, Mend]]:
    """Stretches to be mended; adjacent odd characters are one stretch."""
    start = end = -1
    for match in matches:
        if match.type not in _ODD:
            continue
        at = _start(match)
        if match.type == "ODD_CHARACTER":
            if at != end and start >= 0:
                yield start, end, mended
            start, end = (start if at == end else at), at + 1
            continue
        if start >= 0:
            yield start, end, mended
            start = end = -1
        yield at, at + len(match), quoted if match.type == "ODD_QUOTED" else unclosed
    if start >= 0:
        yield start, end, mended


def _start(match: Match) -> int:
    return match.start_pos or 0
