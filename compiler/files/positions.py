"""The positions of entries in TOML and YAML, so that a mistake has a line and a column.

An entry is known by its path: `("events", "invest", "fields", "amount", "type")`; places in a
list count from 0. Keys in a path are NFKC, as names are compared everywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from ...dsl.diagnostics.source import SourceFile, Span

KeyPath = tuple[str | int, ...]


def nfkc(name: str) -> str:
    """A name as names are compared: full-width letters are letters, composed accents are one."""
    return normalize("NFKC", name)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key and its value. `name` is the key as written; of an item of a list, its value."""

    name: str
    key: Span
    value: Span


@dataclass(frozen=True, slots=True)
class Positions:
    """The entries of one text by their paths."""

    source: SourceFile
    entries: Mapping[KeyPath, Entry] = field(repr=False)

    @property
    def start(self) -> Span:
        """The first character, for what is missing from the text as a whole."""
        return Span(self.source, 0, min(1, len(self.source.text)))

    def in_text(self, path: KeyPath) -> KeyPath:
        """The path without the parts that stand nowhere in the text.

        Pydantic puts into a path also the variant that it tried, and the key that is missing.
        """
        found: KeyPath = ()
        for part in path:
            step = nfkc(part) if isinstance(part, str) else part
            if (*found, step) in self.entries:
                found = (*found, step)
        return found

    def key(self, path: KeyPath) -> Span:
        """The key at the path, or the nearest one around it."""
        entry = self.entries.get(self.in_text(path))
        return entry.key if entry else self.start

    def value(self, path: KeyPath) -> Span:
        """The value at the path, or the nearest one around it."""
        entry = self.entries.get(self.in_text(path))
        return entry.value if entry else self.start


# --- TOML ---------------------------------------------------------------------------------------

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\r\n]*")


def toml_positions(source: SourceFile) -> Positions:
    """The entries of a text that `tomllib` has read without complaint; of another, anything."""
    scan = _Toml(source)
    scan.document()
    return Positions(source, scan.entries)


@dataclass(slots=True)
class _Toml:
    source: SourceFile
    at: int = 0
    entries: dict[KeyPath, Entry] = field(default_factory=dict)
    counts: dict[KeyPath, int] = field(default_factory=dict)

    def document(self) -> None:
        text = self.source.text
        prefix: KeyPath = ()
        self.skip(_BLANK)
        while self.at < len(text):
            before = self.at
            if text[self.at] == "[":
                prefix = self.header()
            else:
                self.pair(prefix)
            self.skip(_BLANK)
            if self.at == before:  # not TOML: `tomllib` has reported it
                return

    def skip(self, pattern: re.Pattern[str]) -> Span:
        start = self.at
        found = pattern.match(self.source.text, start)
        self.at = found.end() if found else start
        return Span(self.source, start, self.at)

    def peek(self) -> str:
        return self.source.text[self.at : self.at + 1]

    def header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`; of the second each one is an item of a list."""
        listed = self.source.text.startswith("[[", self.at)
        self.at += 2 if listed else 1
        path: KeyPath = ()
        for name, span in self.dotted():
            path = (*self.inside(path), nfkc(name))
            self.entries.setdefault(path, Entry(name, span, span))
        self.at += 2 if listed else 1
        if listed:
            self.counts[path] = self.counts.get(path, -1) + 1
        entry = self.entries[path]
        inner = self.inside(path)
        self.entries.setdefault(inner, entry)
        return inner

    def inside(self, path: KeyPath) -> KeyPath:
        """The path, or where it is a list of tables, its last table."""
        return (*path, self.counts[path]) if path in self.counts else path

    def dotted(self) -> list[tuple[str, Span]]:
        """The parts of the key `a."b c".d`, each with its span."""
        parts = []
        while True:
            self.skip(_SPACE)
            quoted = self.peek() in ('"', "'")
            span = self.skip(_TEXT if quoted else _BARE_KEY)
            parts.append((_unquoted(span.text) if quoted else span.text, span))
            self.skip(_SPACE)
            if self.peek() != ".":
                return parts
            self.at += 1

    def pair(self, prefix: KeyPath) -> None:
        """`key = value`."""
        path = prefix
        parts = self.dotted()
        for name, span in parts:
            path = (*path, nfkc(name))
            self.entries.setdefault(path, Entry(name, span, span))
        self.at += 1
        self.skip(_SPACE)
        name, span = parts[-1]
        self.entries[path] = Entry(name, span, self.value(path))

    def value(self, path: KeyPath) -> Span:
        match self.peek():
            case "[":
                return self.several(path, "]")
            case "{":
                return self.several(path, "}")
            case '"' | "'":
                return self.skip(_TEXT)
            case _:
                span = self.skip(_PLAIN)
                return Span(self.source, span.start, span.start + len(span.text.rstrip()))

    def several(self, path: KeyPath, closing: str) -> Span:
        """`[1, 2]` or `{a = 1}`."""
        start = self.at
        self.at += 1
        index = 0
        self.skip(_BLANK)
        while self.peek() not in (closing, ""):
            before = self.at
            if closing == "}":
                self.pair(path)
            else:
                span = self.value((*path, index))
                self.entries[(*path, index)] = Entry(span.text, span, span)
            index += 1
            self.skip(_BLANK)
            if self.peek() == ",":
                self.at += 1
            self.skip(_BLANK)
            if self.at == before:
                break
        self.at += 1
        return Span(self.source, start, self.at)


def _unquoted(text: str) -> str:
    if text.startswith("'"):
        return text.strip("'")
    return str(tomllib.loads(f"key = {text}")["key"])
