"""Diagnostics: a mistake, its place and the way out, as values that every layer can make.

Texts are in `words/`, one file per language. Each kind of mistake has a `Code` in `codes/`. A
diagnostic holds the code and the values that fill its sentence. So it can be cached, and shown
later in another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count, takewhile
from string import Formatter
from types import MappingProxyType
from typing import Literal, TypeAlias

from ..words import catalogue
from .source import Place

Language: TypeAlias = str
"""One of `catalogue.languages()`."""

Severity = Literal["error", "warning"]
Safety = Literal["safe", "look"]
"""`safe`: the replacement is what the parser read anyway. `look`: an author must confirm it."""

_NOTHING_MORE: Mapping[str, str | Phrase] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False)
class Phrase:
    """A text of the catalogue by its key, with values for some or all of its `{name}`.

    What every language writes alike, such as a name between backticks, is a plain `str`.
    """

    key: str
    values: tuple[tuple[str, str | Phrase], ...]

    def __init__(self, key: str, /, **values: str | Phrase) -> None:
        object.__setattr__(self, "key", key)
        pairs = tuple(values.items())
        object.__setattr__(self, "values", pairs if len(pairs) < 2 else tuple(sorted(pairs)))

    def filled(self, **values: str | Phrase) -> Phrase:
        """The phrase with these values, and with its own where none is given."""
        return Phrase(self.key, **{**dict(self.values), **values})

    def say(
        self, language: Language, values: Mapping[str, str | Phrase] = _NOTHING_MORE
    ) -> str | None:
        """The text, its own values and these filled in; `None` if it needs another one."""
        template = catalogue.text(self.key, language)
        known = {**values, **dict(self.values)}
        wanted = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
        if any(name not in known for name in wanted):
            return None
        return template.format_map({name: in_language(known[name], language) for name in wanted})


class Foreign(str):
    """Words of a driver, a server or an address, which may repeat what came from a secret."""

    __slots__ = ()


def in_language(value: str | Phrase, language: Language) -> str:
    """A value as the reader of `language` sees it; `ValueError` if it lacks a value of its own."""
    if isinstance(value, str):
        return value
    said = value.say(language)
    if said is None:
        raise ValueError(f"{value.key} was made without all of its values: {value.values}")
    return said


def joined(key: str, parts: Sequence[str | Phrase]) -> str | Phrase:
    """The parts in one, two at a time by the text of `key`, which has `{left}` and `{right}`."""
    return reduce(lambda left, right: Phrase(key, left=left, right=right), parts)


def listed(words: Iterable[str | Phrase]) -> str | Phrase:
    """The words with the comma of the reader's language between them; empty if there are none."""
    parts = list(words)
    return joined("blocks.comma", parts) if parts else ""


def names_listed(names: Iterable[str]) -> str | Phrase:
    """The names, each between backticks, as `listed` has them."""
    return listed(f"`{name}`" for name in names)


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake by its number (`E201`, `W501`); its texts are in the catalogue."""

    id: str

    @property
    def title(self) -> Phrase:
        """The kind of mistake in a few words: `E201.title`."""
        return Phrase(f"{self.id}.title")

    @property
    def message(self) -> Phrase:
        """The sentence that names a mistake: `E201.message`."""
        return Phrase(f"{self.id}.message")

    @property
    def helps(self) -> tuple[Phrase, ...]:
        """The ways out, `E201.help.1` and on; the first whose values are all known is shown."""
        numbered = (f"{self.id}.help.{number}" for number in count(1))
        return tuple(map(Phrase, takewhile(catalogue.is_known, numbered)))

    @property
    def severity(self) -> Severity:
        """A code that starts with `W` only warns."""
        return "warning" if self.id.startswith("W") else "error"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that helps to see the mistake, with a few words: `declared here`."""

    place: Place
    text: str | Phrase


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
        """The suggested fix; `None` unless a fix is known."""
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
    """Something outside the campaigns stops the work: a file, a server, a setting. Exit code 2.

    `diagnostics`: all findings, where several stop it; `diagnostic` is the first error of them.
    """

    diagnostics: tuple[Diagnostic, ...] = ()

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message())
        self.diagnostic = diagnostic
