"""From the text to the tree and every mistake in it. Never raises, whatever the text."""

from __future__ import annotations

from dataclasses import dataclass

from ..codes import text as codes
from ..diagnostics.diagnostic import Diagnostic, diagnose, in_reading_order
from ..diagnostics.source import SourceFile, Span
from ..tree import CampaignFile, Scenario
from ..tree.wallets import wallets_in
from .lexer import lex
from .recovery.resume import Reading
from .tokens import Comment

__all__ = ["Comment", "Parsed", "parse"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree of a file as far as it could be read, with its mistakes in reading order.

    `skipped` are the spans that a mistake left out of the tree. A check for missing parts must
    ignore a declaration that contains one. `wallets` are the names of those that rewards move.
    """

    tree: CampaignFile
    diagnostics: tuple[Diagnostic, ...]
    comments: tuple[Comment, ...]
    skipped: tuple[Span, ...] = ()
    wallets: frozenset[str] = frozenset()


def parse(source: SourceFile) -> Parsed:
    """The tree of the source, its comments, and every mistake in it, found in one run."""
    lexed = lex(source)
    reading = Reading(lexed.tokens)
    declarations = reading.declarations()
    tree = CampaignFile(declarations, span=Span(source, 0, len(source.text)))
    found = in_reading_order((*lexed.diagnostics, *reading.diagnostics))
    if len(lexed.tokens) == 1 and not found:
        found = (diagnose(codes.NOTHING_DECLARED, Span(source, 0, 0).place),)
    rules = tuple(one for one in declarations if not isinstance(one, Scenario))
    wallets = frozenset(wallets_in(rules))
    return Parsed(tree, found, lexed.comments, tuple(reading.skipped), wallets)
