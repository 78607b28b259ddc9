"""YAML of a catalog: entries, lists and texts, each with its position.

Every value is read as its literal text; the models of the catalog give it a type. So `0.1` stays
exact, `values: [yes, no]` are words, and a date keeps its spelling. An empty value, `~` and
`null` are `None`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from ...dsl.diagnostics.diagnostic import Diagnostic, Label, Phrase, diagnose
from ...dsl.diagnostics.source import SourceFile, Span
from ..codes import files
from .positions import Entry, KeyPath, Positions, nfkc

MAX_DEPTH = 32

YamlValue = str | None | list["YamlValue"] | dict[str, "YamlValue"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = ("", "~", "null", "Null", "NULL")

_SAYS = (
    ("tab", Phrase("yaml_text.a_tab_stands_here_expected")),
    (
        "cannot start any token",
        Phrase("yaml_text.this_character_must_stand_between"),
    ),
    (
        "mapping values are not allowed",
        Phrase("yaml_text.a_second_stands_in_one"),
    ),
    ("',' or", Phrase("yaml_text.a_or_a_closing_bracket")),
    ("end of stream", Phrase("yaml_text.a_quote_is_not_closed")),
    ("could not find expected ':'", Phrase("yaml_text.a_was_expected_before_this")),
    ("not allowed", Phrase("yaml_text.this_character_may_not_stand")),
)
_OTHERWISE = Phrase("yaml_text.otherwise")


@dataclass(frozen=True, slots=True)
class YamlText:
    """The parsed data (keys in NFKC); `None` if the text cannot be read."""

    data: YamlValue
    positions: Positions
    diagnostics: tuple[Diagnostic, ...]


def read_yaml(source: SourceFile) -> YamlText:
    """One document. Entries that stand twice keep their first value; references are refused."""
    builder = _Builder(source)
    try:
        data = builder.document(iter(yaml.parse(source.text, Loader=_LOADER)))
    except yaml.YAMLError as error:
        data = None
        builder.diagnostics.append(_syntax(source, error))
    except _Unreadable:
        data = None
    return YamlText(data, Positions(source, builder.entries), tuple(builder.diagnostics))


class _Unreadable(Exception):  # noqa: N818  (it names what happened, and is caught above)
    """The rest of the text cannot be read; why has been noted."""


@dataclass(slots=True)
class _Builder:
    source: SourceFile
    entries: dict[KeyPath, Entry] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def document(self, events: Iterator[yaml.Event]) -> YamlValue:
        data: YamlValue = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.entries:
                    self.diagnostics.append(_second_document(self.source, event))
                    raise _Unreadable
                data, span = self.value(next(events), events, ())
                self.entries.setdefault((), Entry("", self.start(span), span))
        return data

    def start(self, span: Span) -> Span:
        return Span(self.source, span.start, min(span.start + 1, span.end))

    def value(
        self, event: yaml.Event, events: Iterator[yaml.Event], path: KeyPath
    ) -> tuple[YamlValue, Span]:
        span = _span(self.source, event)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            place = Span(self.source, span.start, span.start + len(anchor) + 1).place
            self.diagnostics.append(diagnose(files.REFERENCE, place, text=f"{sign}{anchor}"))
        if len(path) > MAX_DEPTH:
            place = self.start(span).place
            self.diagnostics.append(diagnose(files.TOO_DEEP, place, limit=str(MAX_DEPTH)))
            raise _Unreadable
        match event:
            case yaml.MappingStartEvent():
                return self.mapping(events, path, span)
            case yaml.SequenceStartEvent():
                return self.sequence(events, path, span)
            case yaml.ScalarEvent():
                plain = event.style in (None, "")
                return (None if plain and event.value in _NOTHING else event.value), span
            case _:
                return None, span

    def mapping(
        self, events: Iterator[yaml.Event], path: KeyPath, opened: Span
    ) -> tuple[YamlValue, Span]:
        data: dict[str, YamlValue] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key, key_span = self.value(event, events, (*path, "?"))
            name = key if isinstance(key, str) else key_span.text
            inner = (*path, nfkc(name))
            if inner in self.entries:
                self.repeated(name, key_span, self.entries[inner], path)
                self.value(next(events), events, (*path, name, 0))
                continue
            self.entries[inner] = Entry(name, key_span, key_span)
            given = next(events)
            value, value_span = self.value(given, events, inner)
            shown = value_span if value_span.end > value_span.start else key_span
            self.entries[inner] = Entry(name, key_span, shown)
            if not isinstance(given, yaml.AliasEvent):
                data[nfkc(name)] = value
        return data, Span(self.source, opened.start, _end(event, opened))

    def sequence(
        self, events: Iterator[yaml.Event], path: KeyPath, opened: Span
    ) -> tuple[YamlValue, Span]:
        data: list[YamlValue] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            value, span = self.value(event, events, (*path, len(data)))
            self.entries[(*path, len(data))] = Entry(span.text, span, span)
            data.append(value)
        return data, Span(self.source, opened.start, _end(event, opened))

    def repeated(self, name: str, span: Span, first: Entry, path: KeyPath) -> None:
        labels = [Label(first.key.place, files.FIRST_HERE)]
        owner = f"`{path[-1]}`" if path else files.THE_CATALOG
        code = files.REPEATED if first.name == name else files.SAME_NAME
        values: dict[str, str | Phrase] = {"name": name, "owner": owner, "first": first.name}
        self.diagnostics.append(diagnose(code, span.place, labels=labels, fix=None, **values))


def _span(source: SourceFile, event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(source, start.index if start else 0, end.index if end else 0)


def _end(event: yaml.Event, opened: Span) -> int:
    """Where a group ends: its bracket, or for an indented one its first line."""
    closing = _span(opened.source, event)
    if closing.end > closing.start:
        return closing.end
    newline = opened.source.text.find("\n", opened.start)
    line_end = newline if newline >= 0 else len(opened.source.text)
    return max(min(line_end, closing.end), opened.start)


def _second_document(source: SourceFile, event: yaml.Event) -> Diagnostic:
    place = _span(source, event).place
    expected = Phrase("yaml_text.a_catalog_has_one_part")
    return diagnose(files.YAML_SYNTAX, place, expected=expected)


# The loader scans ahead of our own count, and from PyYAML 6.0.4 on it has a limit of its own.
_LOADER_TOO_DEEP = "nesting depth"
_COLON = Phrase("yaml_text.colon")


def _syntax(source: SourceFile, error: yaml.YAMLError) -> Diagnostic:
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    mark = getattr(error, "problem_mark", None)
    index = mark.index if mark is not None else getattr(error, "position", 0)
    index = max(0, min(int(index), len(source.text)))
    if _LOADER_TOO_DEEP in problem:
        return diagnose(files.TOO_DEEP, Span(source, index, index + 1).place, limit=str(MAX_DEPTH))
    expected = next((phrase for part, phrase in _SAYS if part in problem), _OTHERWISE)
    if source.text[index : index + 1] == "\t":
        expected = _SAYS[0][1]
    values: dict[str, str | Phrase] = {"expected": expected}
    line, _ = source.position(index)
    if "：" in source.line(line - 1) + source.line(line):
        # What the reader stumbles over comes after it: on the next line, when it ends one.
        values = {"expected": _COLON, "wide": "："}
        before = source.text.rfind("：", 0, index + 1)
        index = before if before >= 0 else source.text.index("：", index)
    span = Span(source, index, min(index + 1, len(source.text)))
    return diagnose(files.YAML_SYNTAX, span.place, labels=(), fix=None, **values)
