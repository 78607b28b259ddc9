"""Attach each comment to a word.

The source and its canonical form have the same words in the same order. They differ only in
optional parentheses and backticks, underscores and escapes. Both are walked in parallel, and a
comment is attached to the gap between two words that both have.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import normalize

from ..diagnostics.source import SourceFile
from ..parsing.tokens import Comment
from .layout import Doc, words_of
from .page import Remark, Remarks

_PIECES = re.compile(
    r'(?P<comment>\#[^\n]*)|(?P<text>"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*")|(?P<word>\w+|[^\w\s])',
    re.DOTALL,
)
_NOT_NEEDED = frozenset("(),`")
_NEAR = 8


class _Piece(NamedTuple):
    """A run of letters and digits, one sign, or a whole text; `end` is its offset in the source."""

    key: str
    end: int


def pin(comments: Iterable[Comment], source: SourceFile, doc: Doc) -> Remarks:
    """Every comment of the source in its gap between the words of the document."""
    ordered = sorted(comments, key=lambda comment: comment.span.start)
    remarks = Remarks({}, {})
    if not ordered:
        return remarks
    found = list(_pieces(source.text))
    owners = _owners(found, doc)
    ends = [piece.end for piece in found]
    last_pinned = -2
    for comment in ordered:
        seen = bisect_right(ends, comment.span.start)
        after = owners[seen - 1] if seen else -1
        remark = _remark(comment, source)
        if comment.own_line or after < 0 or after == last_pinned:
            remarks.before.setdefault(after + 1, []).append(remark)
        else:
            remarks.after[after] = remark
        last_pinned = after
    return remarks


def _remark(comment: Comment, source: SourceFile) -> Remark:
    text = comment.span.text.rstrip()
    if not comment.own_line:
        return Remark(text)
    line, _ = source.position(comment.span.start)
    return Remark(text, _is_blank(source, line - 1), _is_blank(source, line + 1))


def _is_blank(source: SourceFile, line: int) -> bool:
    return 1 <= line <= len(source.line_starts) and not source.line(line).strip()


def _pieces(text: str) -> Iterator[_Piece]:
    for match in _PIECES.finditer(text):
        if match["comment"] is not None:
            continue
        key = '"' if match["text"] is not None else _key(match["word"])
        yield _Piece(key, match.end())


def _key(word: str) -> str:
    return normalize("NFKC", word).replace("_", "").casefold()


def _owners(found: list[_Piece], doc: Doc) -> list[int]:
    """For each piece of the source the number of the last word of the document up to it, or -1."""
    said = [
        (piece.key, number)
        for number, word in enumerate(words_of(doc))
        for piece in _pieces(word.text)
    ]
    owners: list[int] = []
    at = 0
    for here, piece in enumerate(found):
        at += _skipped(said, at, found, here)
        if at < len(said) and _meet(said[at][0], piece.key):
            at += 1
        owners.append(said[at - 1][1] if at else -1)
    return owners


def _meet(said: str, found: str) -> bool:
    """Whether the two can be the same piece: equal, or two spellings of one word."""
    return said == found or (said not in _NOT_NEEDED and found not in _NOT_NEEDED)


def _skipped(said: list[tuple[str, int]], at: int, found: list[_Piece], here: int) -> int:
    """The number of pieces of the document that the source does not have here."""
    ahead = [key for key, _ in said[at : at + _NEAR]]
    if not ahead or ahead[0] == found[here].key or found[here].key in _NOT_NEEDED:
        return 0
    if ahead[0] in _NOT_NEEDED and found[here].key in ahead:
        return ahead.index(found[here].key)
    return 0
