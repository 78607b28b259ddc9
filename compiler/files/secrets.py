"""Keep values of environment variables in campaigner.toml out of every output.

Drivers and servers repeat their input: whole, encoded, quoted, or cut where a password has an `@`.
Their texts are `Foreign` and go through `Secrets.hide` before anybody sees them.

- A whole value is replaced by its `${NAME}`.
- A piece of a value is replaced by `***` from 4 characters on, and a word of it from 2 characters
  on. Drivers cut a URL at `@`, `:` and `/`.
- A shorter value would match in any sentence, so a text that has it as a word is withheld. If it
  entered as a password, token or seed, a text that has any two characters of it is withheld too.

Other texts are the program's own, with names from the files and the data. In those, only a whole
value of 8 characters or more is replaced.

Values of `[project]` are not secrets: they are part of the plan and of every output.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from traceback import format_exception
from urllib.parse import quote, quote_plus, unquote

from ...dsl.diagnostics.diagnostic import Diagnostic, Foreign, Phrase, in_language
from ...dsl.words.catalogue import ENGLISH
from .environment import private_names
from .folder import VARIABLE, raw_settings

PIECE = 4
"""Characters. A shorter piece of a secret says nothing of it."""
_LONG = 8
_WORD = re.compile(r"[^\W_]{2,}")
_HIDDEN = "***"
_WITHHELD = Phrase("secrets.withheld")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values of the environment by the names of their variables.

    `private` are the variables that stand where a password, a token or a seed does.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    private: frozenset[str] = frozenset()

    def hidden(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic without these values."""
        if not self.values:
            return diagnostic
        values = tuple((name, self._masked(value)) for name, value in diagnostic.values)
        return replace(diagnostic, values=values)

    def _masked(self, value: str | Phrase) -> str | Phrase:
        match value:
            case Foreign():
                return self.hide(value)
            case str():
                return "".join(self._without_whole(value, _LONG))
            case Phrase(values=values):
                return value.filled(**{name: self._masked(inner) for name, inner in values})

    def hide(self, text: str) -> str | Phrase:
        """Words of a driver without these values and their pieces."""
        short = {name: value for name, value in self.values.items() if len(value) < PIECE}
        if any(_is_word(value, text) for value in short.values()):
            return _WITHHELD
        if any(_has_piece(short[name], text) for name in self.private & short.keys()):
            return _WITHHELD
        parts = [*self._without_whole(text, PIECE)]
        return "".join(
            part if is_name else self._without_pieces(part)
            for part, is_name in zip(parts, _alternating(), strict=False)
        )

    def traceback(self, error: BaseException) -> str:
        """The traceback of an error, the words of each error in it without these values."""
        return "".join(
            part if part.startswith(("  File", "Traceback", "\n")) else self._in_full(part)
            for part in format_exception(error)
        )

    def _in_full(self, text: str) -> str:
        shown = self.hide(text)
        if isinstance(shown, str):
            return shown
        return f"{text.partition(':')[0]}: {in_language(shown, ENGLISH)}\n"

    def _without_whole(self, text: str, shortest: int) -> Iterator[str]:
        """The text in parts: what holds no value, the name of a variable, and so on in turn."""
        names = {
            form.lower(): name
            for name, value in self.values.items()
            if len(value) >= shortest
            for form in _forms(value)
        }
        longest_first = sorted(names, key=len, reverse=True)
        if not longest_first:
            yield text
            return
        found = re.split(f"({'|'.join(map(re.escape, longest_first))})", text, flags=re.IGNORECASE)
        for at, part in enumerate(found):
            yield f"${{{names[part.lower()]}}}" if at % 2 and part.lower() in names else part

    def _without_pieces(self, text: str) -> str:
        known = {
            form[at : at + PIECE]
            for value in self.values.values()
            for form in map(_small, _forms(value))
            for at in range(len(form) - PIECE + 1)
        }
        small = _small(text)
        starts = (at for at in range(len(text) - PIECE + 1) if small[at : at + PIECE] in known)
        covered = {at for start in starts for at in range(start, start + PIECE)}
        words = {word for value in self.values.values() for word in _WORD.findall(_small(value))}
        cut = (found.span() for found in _WORD.finditer(small) if found[0] in words)
        covered.update(at for start, end in cut for at in range(start, end))
        marked = "".join("\0" if at in covered else one for at, one in enumerate(text))
        return re.sub("\0+", lambda _: _HIDDEN, marked)


def secrets_of(settings: bytes, environment: Mapping[str, str] | None = None) -> Secrets:
    """The values of environment variables that campaigner.toml (as bytes) uses."""
    known = os.environ if environment is None else environment
    data = raw_settings(settings)
    names = sorted({*_named(data)} - of_project(settings))
    return Secrets({name: known[name] for name in names if known.get(name)}, private_names(data))


def of_project(settings: bytes) -> frozenset[str]:
    """The variables that `[project]` names: their values are in the plan, and are no secrets."""
    return frozenset(_named(raw_settings(settings).get("project")))


def _named(data: object) -> Iterator[str]:
    """The variables that the texts in the data name."""
    match data:
        case str():
            yield from VARIABLE.findall(data)
        case dict():
            for value in data.values():
                yield from _named(value)
        case list():
            for value in data:
                yield from _named(value)
        case _:
            return


def _forms(value: str) -> Iterator[str]:
    """A value as programs write it: as it is, as a part of a URL, between quotes, as bytes."""
    data = value.encode("utf-8", "surrogateescape")
    cases = (value, value.upper(), value.casefold())
    plain = (*cases, unquote(value), data.decode("latin-1"), data.decode("utf-8", "replace"))
    encoded = (quote(data, safe=""), quote(data), quote(data, safe=":/[],"), quote_plus(data))
    quoted = (repr(value), ascii(value), repr(data)[1:], json.dumps(value), repr(json.dumps(value)))
    doubled = (value.replace("'", "''"), value.replace('"', '""'), value.replace("\\", "\\\\"))
    inside = (one[1:-1] for one in quoted)
    yield from dict.fromkeys(one for one in (*plain, *encoded, *inside, *doubled) if one)


def _small(text: str) -> str:
    """The text in small letters, each where it was."""
    return "".join(small if len(small := one.lower()) == 1 else one for one in text)


def _is_word(value: str, text: str) -> bool:
    pattern = rf"(?<![^\W_]){re.escape(value)}(?![^\W_])"
    return re.search(pattern, text, re.IGNORECASE) is not None


def _has_piece(value: str, text: str) -> bool:
    """Whether the text has two characters of a short value, one after the other; or the only."""
    small, length = _small(text), min(len(value), 2)
    return any(
        form[at : at + length] in small
        for form in {_small(value), _small(unquote(value))}
        for at in range(len(form) - length + 1)
    )


def _alternating() -> Iterator[bool]:
    while True:
        yield False
        yield True
