"""The grammar, loaded once: the one place (with the parser's loop) that knows lark."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lark import Lark
from lark.parsers.lalr_interactive_parser import InteractiveParser

from .builder import Builder

START = "campaign_file"


@cache
def grammar() -> Lark:
    """The LALR tables and the lexer of `grammar.lark`, with `Builder` called at every reduction."""
    text = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start=[START, "outside"],
        maybe_placeholders=True,
        transformer=Builder(),
    )


def session(text: str | None = None) -> InteractiveParser:
    """A fresh parser, to be fed token by token."""
    return grammar().parse_interactive(text, start=START)
