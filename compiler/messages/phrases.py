"""Find forbidden phrases despite spacing, decoration or concatenation.

Texts are compared by their letters and digits, after NFKD and case folding. Traditional
characters become simplified ones, and look-alikes of other scripts become Latin.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Protocol

_SYMBOLS = frozenset("%‰#@&+=<>*~^")
"""Signs that carry meaning in a phrase: `100%` is not `100`. Currency signs count too."""

_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that show nothing: fillers of Hangul."""

_ALIKE = str.maketrans(
    "аеорсухіѕјкмтвнԁԛԝһүαορνυικτɑɡıᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "aeopcyxisjkmtbhdqwhyaopvuiktagiabcdefghijklmnoprstuvwyz",
)
"""Letters of Cyrillic, Greek and phonetics, and the Latin ones that they look like."""

_BADGES = (0x1F150, 0x1F170, 0x1F1E6)
"""Where the white-on-black and the flag alphabets begin, 26 letters each."""


_AT_START = frozenset({0})
"""No letter of the phrase has been read."""


class _Converter(Protocol):
    """As much of OpenCC as is used."""

    def convert(self, text: str, /) -> str: ...


class Phrase:
    """A phrase that no text may say. `letters` is empty where it has none: it forbids nothing."""

    __slots__ = ("_symbols", "letters", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._symbols = frozenset(one for one in unicodedata.normalize("NFKD", text) if _means(one))
        self.letters = self.fold(text)

    def fold(self, text: str) -> str:
        """The letters of a text, with those symbols that the phrase has too."""
        return "".join(map(_letters, text)) if not self._symbols else "".join(self._folded(text))

    def _folded(self, text: str) -> Iterator[str]:
        for one in text:
            plain = unicodedata.normalize("NFKD", one)
            yield plain if plain in self._symbols else _letters(one)

    def is_in(self, text: str) -> bool:
        """Whether the text says it, read as it is or as a page of HTML."""
        return self.is_said(text, self.fold(text))

    def is_said(self, text: str, folded: str) -> bool:
        """Whether a text says it whose letters are known."""
        if not self.letters:
            return False
        if self.letters in folded:
            return True
        page = html.unescape(text) if "&" in text else text
        return page != text and self.letters in self.fold(page)


@cache
def phrase_of(text: str) -> Phrase:
    """The phrase of a text, made once: each message is held against all that policies forbid."""
    return Phrase(text)


class Hunt:
    """Whether a text that is concatenated from parts may contain a phrase.

    `reached` has the lengths of prefixes of the phrase that may end the text so far. Each part
    advances them; alternatives are merged. `met` is set once the whole phrase may be present.
    """

    __slots__ = ("_phrase", "met", "reached")

    def __init__(self, phrase: Phrase, reached: frozenset[int] = _AT_START) -> None:
        self._phrase = phrase
        self.reached = reached
        self.met = False

    def read(self, text: str) -> None:
        """Read a part whose text is known."""
        letters, folded = self._phrase.letters, self._phrase.fold(text)
        self.met = self.met or self._phrase.is_said(text, folded)
        whole = len(letters)
        for letter in folded:
            if self.reached == _AT_START and letters[:1] != letter:
                continue
            longer = {at + 1 for at in self.reached if letters[at] == letter}
            self.met = self.met or whole in longer
            self.reached = _AT_START.union(at for at in longer if at < whole)

    def skip(self) -> None:
        """Read a part with words that only data know."""
        self.reached = _AT_START

    def fork(self) -> Hunt:
        """Another hunt from here."""
        return Hunt(self._phrase, self.reached)

    def join(self, ways: Iterable[Hunt]) -> None:
        """Go on from wherever one of the ways ended."""
        found = tuple(ways)
        self.met = self.met or any(way.met for way in found)
        self.reached = frozenset().union(*(way.reached for way in found))


def _means(character: str) -> bool:
    return character in _SYMBOLS or unicodedata.category(character) == "Sc"


@cache
def _letters(character: str) -> str:
    """The letters of one character: none, one, or several of a ligature."""
    for first in _BADGES:
        if first <= ord(character) < first + 26:
            return chr(ord("a") + ord(character) - first)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = "".join(one for one in plain if _is_letter(one))
    return "".join(map(_simplified, kept)).translate(_ALIKE)


def _is_letter(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] in "LN" and kind != "Lm" and character not in _INVISIBLE


def _simplified(character: str) -> str:
    return _converter().convert(character) if character > "\u2e7f" else character


@cache
def _converter() -> _Converter:
    # Its tables are read from files, which only a project that forbids Chinese phrases needs.
    from opencc import OpenCC  # noqa: PLC0415

    converter: _Converter = OpenCC("t2s")
    return converter
