"""Documents: words, gaps and possible line breaks, before text is cut into lines.

A document is built from the tree alone. Its words and their order do not depend on the layout,
so comments can be attached to words. Sizes are measured once, when a node is made. They count
terminal columns: a Chinese character takes two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

FAR = 1_000_000
"""The width of a document that does not fit on one line."""


@dataclass(frozen=True, slots=True)
class Size:
    """The width of a document, in columns.

    `flat`: on one line; `head`: before the first place to break, if any.
    """

    flat: int
    head: int
    unbroken: bool
    words: int


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text that is never broken.

    `closes` marks a brace that ends a block: remarks before it are inside. `name` marks a bare
    name, which the page may have to put between backticks. A text of several lines is laid out
    as a block: its last line closes it, those between are indented.
    """

    text: str
    closes: bool = False
    name: bool = False
    measured: Size = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first, *more = self.text.split("\n")
        flat = FAR if more else columns(first)
        object.__setattr__(self, "measured", Size(flat, columns(first), not more, 1))


@dataclass(frozen=True, slots=True)
class Gap:
    """Blanks between two words of one line."""

    width: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A place to break: a new line where the group around it does not fit, else a gap."""

    width: int = 1


@dataclass(frozen=True, slots=True)
class Break:
    """Always a new line; `blank` leaves an empty one before it."""

    blank: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """One after the other."""

    parts: tuple[Doc, ...]
    measured: Size = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        flat, head, unbroken, words = 0, 0, True, 0
        for part in self.parts:
            each = size(part)
            if unbroken:
                head += each.head
                unbroken = each.unbroken
            flat = min(FAR, flat + each.flat)
            words += each.words
        object.__setattr__(self, "measured", Size(flat, head, unbroken, words))


@dataclass(frozen=True, slots=True)
class Group:
    """On one line if it fits there, else broken at each of its own places to break."""

    body: Doc


@dataclass(frozen=True, slots=True)
class Align:
    """New lines inside start in the column where this starts."""

    body: Doc


@dataclass(frozen=True, slots=True)
class Indent:
    """New lines inside start two columns further in."""

    body: Doc


Doc: TypeAlias = Word | Gap | Line | Break | Join | Group | Align | Indent

SPACE = Gap()
NOTHING: Doc = Join(())


def size(doc: Doc) -> Size:
    """Its measures; found once for a node, however often it is asked."""
    match doc:
        case Word() | Join():
            return doc.measured
        case Gap(width):
            return Size(width, width, True, 0)
        case Line(width):
            return Size(width, 0, False, 0)
        case Break():
            return Size(FAR, 0, False, 0)
        case Group(body) | Align(body) | Indent(body):
            return size(body)
    assert_never(doc)


def says(doc: Doc) -> bool:
    """Whether there is a word in it."""
    return size(doc).words > 0


def join(*parts: Doc) -> Doc:
    """The parts without anything between them."""
    return Join(parts)


def phrase(*parts: str | Doc) -> Doc:
    """Words of one line with a space between them; a text is cut at its spaces first."""
    docs: list[Doc] = []
    for part in parts:
        docs.extend([Word(word) for word in part.split()] if isinstance(part, str) else [part])
    return between(SPACE, docs)


def between(separator: Doc, docs: Iterable[Doc]) -> Doc:
    """The documents with the separator between each two; empty ones are left out."""
    parts: list[Doc] = []
    for doc in docs:
        if not says(doc):
            continue
        if parts:
            parts.append(separator)
        parts.append(doc)
    return Join(tuple(parts))


def listed(docs: Sequence[Doc]) -> Doc:
    """`a, b, c`, going on in the next line, under the first, where the line is full."""
    first, *more = docs
    parts = [first]
    for doc in more:
        parts += [Word(","), Group(join(Line(), doc))]
    return Align(Join(tuple(parts)))


def block(statements: Sequence[Doc]) -> Doc:
    """`{`, a statement a line, `}`."""
    close = Word("}", closes=True)
    if not statements:
        return join(Word("{"), SPACE, close)
    inside = Join(tuple(part for each in statements for part in (Break(), each)))
    return join(Word("{"), Indent(inside), Break(), close)


def columned(rows: Sequence[Sequence[Doc]], gap: int, limit: int = 60) -> list[Doc]:
    """Rows of cells, each column as wide as its widest cell; wider than `limit` does not count.

    All rows have as many cells; an empty cell holds its place, unless the whole column is empty.
    """
    used = [i for i in range(len(rows[0])) if any(says(row[i]) for row in rows)] if rows else []
    kept = [[row[i] for i in used] for row in rows]
    widths = [
        max((flat for row in kept if (flat := size(row[i]).flat) <= limit), default=0)
        for i in range(len(used))
    ]
    return [_padded(row, widths, gap) for row in kept]


def _padded(row: Sequence[Doc], widths: Sequence[int], gap: int) -> Doc:
    last = max((i for i, cell in enumerate(row) if says(cell)), default=-1)
    parts: list[Doc] = []
    for i, cell in enumerate(row[: last + 1]):
        parts.append(cell)
        if i < last:
            parts.append(Gap(max(0, widths[i] - size(cell).flat) + gap))
    return Join(tuple(parts))


def words_of(doc: Doc) -> Iterator[Word]:
    """Its words in their order."""
    stack: list[Doc] = [doc]
    while stack:
        match stack.pop():
            case Word() as word:
                yield word
            case Join(parts):
                stack.extend(reversed(parts))
            case Group(body) | Align(body) | Indent(body):
                stack.append(body)
            case Gap() | Line() | Break():
                pass


def columns(text: str) -> int:
    """The number of columns of a terminal that the text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
