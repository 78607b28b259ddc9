"""Words on stderr, in the language of the command line that is carried out."""

from __future__ import annotations

import click

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...dsl.words.catalogue import ENGLISH
from .terminal import Session


def language_now() -> Language:
    """The language of the session; English outside of a command."""
    context = click.get_current_context(silent=True)
    session = None if context is None else context.find_object(Session)
    return ENGLISH if session is None else session.language


def speak(words: str | Phrase) -> None:
    """A line, or a few, on stderr."""
    click.echo(in_language(words, language_now()), err=True)
