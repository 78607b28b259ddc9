"""Format a tree and its comments as canonical text.

Parsing the output gives an equal tree and every comment. Formatting the output changes nothing.
Layout depends on the tree and its comments alone, with one exception: an author's empty line
around a comment is kept.
"""

from __future__ import annotations

from typing import assert_never

from ..diagnostics.diagnostic import has_errors
from ..diagnostics.source import SourceFile
from ..parsing.parser import Parsed, parse
from ..tree import (
    Audience,
    Benefit,
    Campaign,
    CampaignFile,
    Declaration,
    Lifecycle,
    Policy,
    Pool,
    Scenario,
)
from .campaigns import campaign
from .comments import pin
from .layout import Break, Doc, Word, join
from .lifecycles import audience, lifecycle
from .names import misread
from .page import lay_out
from .policies import policy
from .rewards import benefit, pool
from .scenarios import scenario


def format_source(source: SourceFile) -> str | None:
    """The canonical text of the file; `None` if the file has a syntax error."""
    parsed = parse(source)
    return None if has_errors(parsed.diagnostics) else format_tree(parsed)


def format_tree(parsed: Parsed) -> str:
    """The canonical text of what was read: LF line ends, empty or ending in one of them."""
    doc = _file(parsed.tree)
    return lay_out(doc, pin(parsed.comments, parsed.tree.span.source, doc), misread(doc))


def _file(node: CampaignFile) -> Doc:
    parts: list[Doc] = []
    for each in node.declarations:
        parts += [Break(blank=bool(parts)), _declaration(each)]
    return join(*parts, Break(), Word(""))


def _declaration(node: Declaration) -> Doc:
    match node:
        case Lifecycle():
            return lifecycle(node)
        case Audience():
            return audience(node)
        case Benefit():
            return benefit(node)
        case Pool():
            return pool(node)
        case Policy():
            return policy(node)
        case Campaign():
            return campaign(node)
        case Scenario():
            return scenario(node)
    assert_never(node)
