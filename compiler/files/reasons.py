"""Why a system or a server refused, in the language of the reader."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Phrase

_REASONS = (
    Phrase("reasons.bad_mail"),
    Phrase("reasons.bad_record"),
    Phrase("reasons.broke"),
    Phrase("reasons.closed"),
    Phrase("reasons.cut_off"),
    Phrase("reasons.exists"),
    Phrase("reasons.folder"),
    Phrase("reasons.full"),
    Phrase("reasons.host"),
    Phrase("reasons.links"),
    Phrase("reasons.long_name"),
    Phrase("reasons.missing"),
    Phrase("reasons.network"),
    Phrase("reasons.no_address"),
    Phrase("reasons.no_answer"),
    Phrase("reasons.no_broker"),
    Phrase("reasons.no_folder"),
    Phrase("reasons.no_route"),
    Phrase("reasons.no_secure"),
    Phrase("reasons.no_stream"),
    Phrase("reasons.no_text"),
    Phrase("reasons.not_allowed"),
    Phrase("reasons.not_let_in"),
    Phrase("reasons.not_permitted"),
    Phrase("reasons.not_smtp"),
    Phrase("reasons.odd_address"),
    Phrase("reasons.producer"),
    Phrase("reasons.read_only"),
    Phrase("reasons.refused"),
    Phrase("reasons.regular"),
    Phrase("reasons.reset"),
    Phrase("reasons.timed_out"),
    Phrase("reasons.too_large"),
    Phrase("reasons.too_large_record"),
    Phrase("reasons.too_many"),
    Phrase("reasons.waited"),
)
_PHRASES = {phrase.say("en"): phrase for phrase in _REASONS}


def phrase_of(words: str) -> str | Phrase:
    """The phrase whose English is `words`, in small or capital letters; else `words`."""
    return _PHRASES.get(words.lower(), words)
