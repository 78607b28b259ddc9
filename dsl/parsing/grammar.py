"""The grammar, loaded once: the one place (with the parser's loop) that knows lark."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lark import Lark, Token
from lark.parsers.lalr_interactive_parser import InteractiveParser

from .nodes.builder import Builder
from .tables import kept_tables

START = "campaign_file"


@cache
def grammar() -> Lark:
    """The LALR tables and the lexer of `grammar.lark`, with `Builder` called at every reduction."""
    text = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    tables = kept_tables()
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start=[START, "outside"],
        maybe_placeholders=True,
        transformer=Builder(),
        cache=False if tables is None else str(tables),
    )


def session() -> InteractiveParser:
    """A fresh parser, to be fed token by token."""
    return grammar().parse_interactive(start=START)


def words(text: str) -> Iterator[Token]:
    """The text cut into words, comments among them. Every text can be cut."""
    fresh = grammar().parse_interactive(text, start=START)
    cut: Iterator[Token] = fresh.lexer_thread.lex(fresh.parser_state)  # type: ignore[no-untyped-call]  # lark
    return cut
