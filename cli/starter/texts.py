"""The comments and quoted texts of the starter's files, in the language of the reader."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...dsl.diagnostics.source import SourceFile
from ...dsl.words.catalogue import ENGLISH

_COMMENTS = (
    Phrase("starter.settings"),
    Phrase("starter.organiser"),
    Phrase("starter.warehouse"),
    Phrase("starter.ledger"),
    Phrase("starter.chance"),
    Phrase("starter.messages"),
    Phrase("starter.rewards"),
    Phrase("starter.catalog"),
    Phrase("starter.lifecycle"),
    Phrase("starter.benefits"),
    Phrase("starter.policies"),
    Phrase("starter.cash_back"),
    Phrase("starter.win_back"),
    Phrase("starter.scenarios"),
    Phrase("starter.ignored"),
)
"""The comments of the files, in English as they are there."""

_QUOTED = (
    Phrase("starter.label_benefit"),
    Phrase("starter.label_cash_back"),
    Phrase("starter.message_cash_back"),
    Phrase("starter.label_city"),
    Phrase("starter.label_lifecycle"),
    Phrase("starter.label_newcomer"),
    Phrase("starter.label_regular"),
    Phrase("starter.label_dormant"),
    Phrase("starter.label_frequent"),
    Phrase("starter.label_policy"),
    Phrase("starter.because"),
    Phrase("starter.phrase_guaranteed"),
    Phrase("starter.phrase_risk_free"),
    Phrase("starter.label_win_back"),
    Phrase("starter.message_win_back"),
    Phrase("starter.title_cash_back"),
    Phrase("starter.title_win_back"),
    Phrase("starter.owner"),
    Phrase("starter.organiser_name"),
    Phrase("starter.contact"),
)
"""The texts between quotation marks, in English as they are there."""


def translated(text: str, name: str, language: Language) -> str:
    """The file `name` in `language`; campaign files in the canonical layout."""
    if language == ENGLISH:
        return text
    for comment in _COMMENTS:
        text = text.replace(_lines(comment, ENGLISH), _lines(comment, language))
    for quoted in _QUOTED:
        text = text.replace(_quotation(quoted, ENGLISH), _quotation(quoted, language))
    if not name.endswith(".campaign"):
        return text
    from ...dsl.formatting.formatter import format_source

    return format_source(SourceFile(name, text)) or text


def _lines(comment: Phrase, language: Language) -> str:
    return "".join(f"# {line}\n" for line in in_language(comment, language).splitlines())


def _quotation(quoted: Phrase, language: Language) -> str:
    return f'"{in_language(quoted, language)}"'
