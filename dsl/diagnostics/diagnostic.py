"""What is wrong, where, and what to write instead: values that every layer makes and any can show.

The words stand in `codes/`, one `Code` for each kind of mistake, in every language we speak. A
diagnostic holds the code and the values that fill its sentence, so it can be kept in a cache and
be shown later in another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from .source import Place

Language = Literal["en", "zh"]
Severity = Literal["error", "warning"]
Safety = Literal["safe", "look"]
"""`safe`: the replacement is what the parser read anyway. `look`: an author must confirm it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence, or one word, in each language; `{name}` marks a value to be filled in."""

    en: str
    zh: str

    def say(self, language: Language, values: Mapping[str, str | Phrase]) -> str | None:
        """The sentence with its values in it; nothing where one of its values is not known."""
        template = self.zh if language == "zh" else self.en
        wanted = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
        if any(name not in values for name in wanted):
            return None
        return template.format_map({name: in_language(values[name], language) for name in wanted})


class Foreign(str):
    """Words of a driver, a server or an address, which may repeat what came from a secret."""

    __slots__ = ()


def in_language(value: str | Phrase, language: Language) -> str:
    """A value as the reader of `language` sees it."""
    if isinstance(value, str):
        return value
    return value.zh if language == "zh" else value.en


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake: its number (`E201`, `W501`), its sentence and its ways out.

    Of the helps, the first whose values are all known is shown.
    """

    id: str
    title: str
    message: Phrase
    helps: tuple[Phrase, ...] = ()

    @property
    def severity(self) -> Severity:
        """A code that starts with `W` only warns."""
        return "warning" if self.id.startswith("W") else "error"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that helps to see the mistake, with a few words: `declared here`."""

    place: Place
    text: Phrase


@dataclass(frozen=True, slots=True)
class Fix:
    """The text to put in place of the characters at `place`.

    `safe` ones are applied by `check --fix`; the others are only shown.
    """

    place: Place
    replacement: str
    safety: Safety = "look"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake at one place. `place` is empty only where there is no file to point into."""

    code: Code
    place: Place | None
    values: tuple[tuple[str, str | Phrase], ...] = ()
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None

    def message(self, language: Language = "en") -> str:
        """The sentence that names the mistake."""
        said = self.code.message.say(language, dict(self.values))
        if said is None:
            raise ValueError(f"{self.code.id} was made without all of its values: {self.values}")
        return said

    def help(self, language: Language = "en") -> str | None:
        """What to do about it, where something is known that would really mend it."""
        values = dict(self.values)
        said = (phrase.say(language, values) for phrase in self.code.helps)
        return next((text for text in said if text is not None), None)


def diagnose(
    code: Code,
    place: Place | None,
    *,
    labels: Iterable[Label] = (),
    fix: Fix | None = None,
    **values: str | Phrase,
) -> Diagnostic:
    """A diagnostic; the keyword values fill the code's sentence and its help."""
    return Diagnostic(code, place, tuple(sorted(values.items())), tuple(labels), fix)


def in_reading_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each mistake once, by file, line and column, then code; those without a place come first."""

    def key(diagnostic: Diagnostic) -> tuple[object, ...]:
        place = diagnostic.place or Place("", 0, 0, 0, 0)
        return (place, diagnostic.code.id, diagnostic.message())

    return tuple(sorted(dict.fromkeys(diagnostics), key=key))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them forbids going on."""
    return any(diagnostic.code.severity == "error" for diagnostic in diagnostics)


class CannotRun(Exception):  # noqa: N818  (it names what happened)
    """Something outside the campaigns stops the work: a file, a server, a setting. Exit code 2."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message())
        self.diagnostic = diagnostic
