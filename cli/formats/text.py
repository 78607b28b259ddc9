"""For people: the sentence, the place, the line with the mark under it, and the way out.

error[E602]: cn_retail requires consent_marketing, and this audience does not ensure it
  --> winback.campaign:8:3
   |
 8 |   audience no login in last 30 days and not employee
   |   ^^^^^^^^ reaches customers without it
   |
   = help: add `and consent_marketing`
"""

from __future__ import annotations

from dataclasses import dataclass

import click

from ...dsl.diagnostics.diagnostic import Diagnostic, Label, Language, Phrase, in_language, listed
from ...dsl.diagnostics.source import Place, SourceFile
from ..screen.excerpt import cut, safe
from .report import Report

_SEVERITY = {"error": Phrase("text.severity.error"), "warning": Phrase("text.severity.warning")}
_COLOUR = {"error": "red", "warning": "yellow"}
_HELP = Phrase("text.help")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place to underline: with `^` where the mistake is, with `-` where it helps to look."""

    place: Place
    text: str
    main: bool


def render(report: Report) -> str:
    """All diagnostics, a blank line after each."""
    return "".join(_Page(report).block(each) + "\n" for each in report.diagnostics)


def render_one(diagnostic: Diagnostic, report: Report) -> str:
    """One diagnostic alone, as it is shown when it stops the work."""
    return _Page(report).block(diagnostic)


@dataclass(frozen=True, slots=True)
class _Page:
    report: Report

    def block(self, diagnostic: Diagnostic) -> str:
        lines = [self._headline(diagnostic)]
        place = diagnostic.place
        margin = 1
        if place is not None:
            marks = self._marks(diagnostic, place)
            margin = len(str(max(mark.place.line for mark in marks)))
            lines.append(self._dim(" " * (margin + 1) + "--> ") + self._where(place))
            lines += self._excerpts(marks, place, margin, diagnostic.code.severity)
        told = diagnostic.help(self.report.language)
        if told is not None:
            edge = self._dim(" " * (margin + 1) + " = ")
            word = click.style(_HELP.say(self.report.language), fg="cyan", bold=True)
            lines.append(f"{edge}{self._plain(word)}: {safe(told)}")
        return "\n".join(lines) + "\n"

    def _headline(self, diagnostic: Diagnostic) -> str:
        severity = diagnostic.code.severity
        word = in_language(_SEVERITY[severity], self.report.language)
        head = click.style(f"{word}[{diagnostic.code.id}]", fg=_COLOUR[severity], bold=True)
        said = click.style(safe(diagnostic.message(self.report.language)), bold=True)
        return f"{self._plain(head)}: {self._plain(said)}"

    def _marks(self, diagnostic: Diagnostic, place: Place) -> tuple[_Mark, ...]:
        """The mistake's own place first; a label at that very place gives its words to it."""
        language = self.report.language
        own = [label for label in diagnostic.labels if label.place == place]
        words = in_language(listed(_words(label, language) for label in own), language)
        rest = (label for label in diagnostic.labels if label.place != place)
        others = (_Mark(label.place, _words(label, language), main=False) for label in rest)
        return (_Mark(place, words, main=True), *others)

    def _excerpts(
        self, marks: tuple[_Mark, ...], place: Place, margin: int, severity: str
    ) -> list[str]:
        lines: list[str] = []
        files = dict.fromkeys([place.file, *(mark.place.file for mark in marks)])
        for file in files:
            here = sorted((m for m in marks if m.place.file == file), key=lambda m: m.place)
            if file != place.file:
                lines.append(self._dim(" " * (margin + 1) + "::: ") + self._where(here[0].place))
            source = self.report.sources.get(file)
            if source is not None:
                lines += self._excerpt(source, here, margin, severity)
        return lines

    def _excerpt(
        self, source: SourceFile, marks: list[_Mark], margin: int, severity: str
    ) -> list[str]:
        edge = self._dim(" " * (margin + 1) + " |")
        lines = [edge]
        previous: int | None = None
        for mark in marks:
            number = mark.place.line
            text = source.line(number)
            if previous is not None and number > previous + 1:
                lines.append(self._dim("..."))
            over = mark.place.end_line > number
            end = len(text) + 1 if over else mark.place.end_column
            shown = cut(text, mark.place.column, end, self.report.width - margin - 4)
            if number != previous:
                line = f"{self._dim(f' {number:>{margin}} |')} {shown.text}"
                lines.append(line.rstrip())
            sign = ("^" if mark.main else "-") * shown.width
            words = f" {mark.text}" if mark.text else ""
            under = sign + (" …" if over else "") + safe(words)
            fg = _COLOUR[severity] if mark.main else "blue"
            painted = self._plain(click.style(under, fg=fg, bold=True))
            lines.append(f"{edge} {' ' * shown.start}{painted}")
            previous = number
        return [*lines, edge]

    def _where(self, place: Place) -> str:
        return f"{safe(self.report.path(place.file))}:{place.line}:{place.column}"

    def _dim(self, text: str) -> str:
        return self._plain(click.style(text, fg="blue", bold=True))

    def _plain(self, painted: str) -> str:
        return painted if self.report.colour else click.unstyle(painted)


def _words(label: Label, language: Language) -> str:
    return in_language(label.text, language)
