"""Help in the language of the session: click and the commands have English alone.

A text of help is found in the catalogue by its English, as it is in the source: `help.…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

import click

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...dsl.words.catalogue import ENGLISH, texts
from ..screen.terminal import Session

HELP = "help."
"""The prefix of keys of texts of help."""

_HEADINGS: Mapping[str, Phrase] = MappingProxyType(
    {"Options": Phrase("help_page.options"), "Commands": Phrase("help_page.commands")}
)
_EXTRAS: Mapping[str, Phrase] = MappingProxyType(
    {"required": Phrase("help_page.required"), "now": Phrase("help_page.now")}
)
_PLACEHOLDERS = (
    Phrase("help_page.arguments"),
    Phrase("help_page.command"),
    Phrase("help_page.flags"),
)
"""The words that click puts into a line of usage."""
_EXTRA = re.compile(r" *\[(?:(default): )?([^\]]*)\]$")
_SPACE = re.compile(r"[ \t]*\n[ \t]*|[ \t]{2,}")


class SpokenContext(click.Context):
    """A context whose help is in the language of the session."""

    def make_formatter(self) -> click.HelpFormatter:
        """Return the formatter of `--help`."""
        session = self.find_object(Session)
        if session is None or session.language == ENGLISH:
            return super().make_formatter()
        formatter = _Spoken(width=self.terminal_width, max_width=self.max_content_width)
        formatter.language = session.language
        return formatter


class _Spoken(click.HelpFormatter):
    language: Language = ENGLISH

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for placeholder in _PLACEHOLDERS:
            english = in_language(placeholder, ENGLISH)
            args = args.replace(english, in_language(placeholder, self.language))
        super().write_usage(
            prog, args, prefix or in_language(Phrase("help_page.usage"), self.language)
        )

    def write_heading(self, heading: str) -> None:
        super().write_heading(in_language(_HEADINGS.get(heading, heading), self.language))

    def write_text(self, text: str) -> None:
        super().write_text(translated(text, self.language))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        shown = [(name, translated(words, self.language)) for name, words in rows]
        super().write_dl(shown, col_max, col_spacing)


def translated(english: str, language: Language) -> str:
    """A text of help, with what follows it in brackets; in English if it is not in the catalogue.

    Line breaks inside of a paragraph make no difference.
    """
    found = key_of(english)
    if found is not None:
        key, values = found
        return texts(language).get(key, texts(ENGLISH)[key]).format_map(values)
    extra = _EXTRA.search(english)
    if extra is None:
        return english
    default, word = extra.groups()
    shown: str | Phrase = _EXTRAS.get(word, f"[{word}]")
    if default:
        shown = Phrase("help_page.default", value=word)
    before = translated(english[: extra.start()], language)
    return f"{before}  {in_language(shown, language)}"


def key_of(english: str) -> tuple[str, Mapping[str, str]] | None:
    """The key of a text of help, and the values that stand in it; `None` if it has none."""
    wanted = _paragraphs(english)
    whole, patterns = _keys_by_english()
    if wanted in whole:
        return whole[wanted], {}
    for pattern, key in patterns:
        found = pattern.fullmatch(wanted)
        if found is not None:
            return key, found.groupdict()
    return None


@cache
def _keys_by_english() -> tuple[Mapping[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """The keys of help by their English, and by a pattern for those with values."""
    texts_of_help = {key: text for key, text in texts(ENGLISH).items() if key.startswith(HELP)}
    whole = {text: key for key, text in texts_of_help.items() if "{" not in text}
    patterns = tuple(
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(text))), key)
        for key, text in texts_of_help.items()
        if "{" in text
    )
    return MappingProxyType(whole), patterns


def _paragraphs(text: str) -> str:
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(_SPACE.sub(" ", part.strip()) for part in parts)
