"""The input of every format: diagnostics, their source texts, and the reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase, Severity
from ...dsl.diagnostics.source import SourceFile

_COUNTS: dict[Severity, tuple[Phrase, Phrase]] = {
    "error": (Phrase("report.1_error"), Phrase("report.count_errors")),
    "warning": (Phrase("report.1_warning"), Phrase("report.count_warnings")),
}
_NOTHING = Phrase("report.nothing")
_FOUND = Phrase("report.found")
_COMMA = Phrase("report.comma")


@dataclass(frozen=True, slots=True)
class Report:
    """Diagnostics in reading order, and how to show them.

    `sources` holds the texts by the path that places use (relative to the project). `prefix` leads
    from the current folder to the project (`campaigns/bank/`). It is put before paths that an
    editor or a CI system must find. `width` is the terminal's, in columns.
    """

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    language: Language = "en"
    prefix: str = ""
    colour: bool = False
    width: int = 120

    def path(self, file: str) -> str:
        """The file as seen from the current folder; `<stdin>` is seen from everywhere."""
        return file if file.startswith("<") else self.prefix + file

    def count(self) -> str:
        """`found 2 errors, 1 warning`, or that there are none."""
        seen = Counter(diagnostic.code.severity for diagnostic in self.diagnostics)
        parts = []
        for severity, (one, many) in _COUNTS.items():
            if seen[severity]:
                phrase = one if seen[severity] == 1 else many
                parts.append(phrase.say(self.language, {"count": str(seen[severity])}) or "")
        if not parts:
            return _NOTHING.say(self.language) or ""
        comma = _COMMA.say(self.language) or ""
        return _FOUND.say(self.language, {"what": comma.join(parts)}) or ""
