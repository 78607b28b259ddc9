"""The output of the lexer: tokens and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..diagnostics.source import SourceFile, Span
from ..tree import Node


class Token(NamedTuple):
    """A word, phrase, literal or sign. A tuple: a file has hundreds of thousands of them.

    `type` is the terminal of the grammar. `text` is normalized: a phrase has single spaces, and
    a full-width sign is its plain one. The span covers the characters of the file. A literal
    carries its node.
    """

    type: str
    text: str
    source: SourceFile
    start: int
    end: int
    starts_line: bool
    literal: Node | None = None

    @property
    def span(self) -> Span:
        """The characters of the file."""
        return Span(self.source, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Comment:
    """`# …` to the end of its line; `own_line`: only white space precedes it on the line."""

    text: str
    span: Span
    own_line: bool


def covering(children: Sequence[Token | Node | None]) -> Span:
    """From the first of the children that are there to the last."""
    first = next(child for child in children if child is not None)
    last = next(child for child in reversed(children) if child is not None)
    return first.span.to(last.span)


def is_word(token: Token) -> bool:
    """Whether it could be a name: an identifier, a keyword, a name between backticks."""
    return token.type == "QUOTED_NAME" or token.text.isidentifier()
