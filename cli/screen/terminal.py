"""The reader of the output: a person at a terminal, in a language, or a program."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

from ...dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase
from ...dsl.diagnostics.source import SourceFile
from ...dsl.words.catalogue import ENGLISH, of_locale
from ..stopping import Bell

_WIDTH_OF_FILES = 120


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def as_it_is(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic itself, where there are no secrets to hide."""
    return diagnostic


def traceback_of(error: BaseException) -> str:
    """The traceback of an error as Python writes it."""
    from traceback import format_exception

    return "".join(format_exception(error))


@dataclass(slots=True)
class Session:
    """The settings of one command line for everything that is shown.

    Once a project is loaded, `sources` holds its texts, and `prefix` leads from the current folder
    to the project's. So a later fault can still show its line. `traceback` formats a bug, and
    `hidden` changes a diagnostic, so that neither contains a secret. `now` reads the clock, and
    `pause` waits for so many seconds. `kept` is for commands that write: what a signal leaves
    behind.
    """

    language: Language
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    prefix: str = ""
    traceback: Callable[[BaseException], str] = traceback_of
    hidden: Callable[[Diagnostic], Diagnostic] = as_it_is
    now: Callable[[], datetime] = utc_now
    pause: Callable[[float], None] = time.sleep
    kept: Phrase | None = None
    bell: Bell = field(default_factory=Bell)


def spoken(environment: Mapping[str, str]) -> Language:
    """The language of the locale, or English; the first of the three that is set counts."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        locale = environment.get(name, "")
        if locale:
            return of_locale(locale)
    return ENGLISH


def in_colour(stream: TextIO) -> bool:
    """Colour for a terminal; NO_COLOR (https://no-color.org) and FORCE_COLOR have the last word."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """The columns to fill: the terminal's, or what reads well in a file."""
    return shutil.get_terminal_size().columns if stream.isatty() else _WIDTH_OF_FILES


def shows_progress() -> bool:
    """Whether a bar that moves has somebody to look at it: a terminal, and not a CI log."""
    return sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
