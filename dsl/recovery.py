"""Reading the words of a file to the end, whatever stands in it."""

from __future__ import annotations

from .codes import text as codes
from .diagnostics import Diagnostic, Phrase, diagnose
from .machine import Machine
from .source import Span
from .tokens import Token
from .tree import Declaration


class Reading:
    """One pass over the words of a file."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.machine = Machine()
        self.diagnostics: list[Diagnostic] = []
        self.skipped: list[Span] = []

    def declarations(self) -> tuple[Declaration, ...]:
        """What the file declares."""
        for token in self.tokens:
            if not self.machine.feed(token):
                expected = Phrase("something else", "其他内容")
                found = diagnose(
                    codes.UNEXPECTED, token.span.place, found=f"`{token.text}`", expected=expected
                )
                self.diagnostics.append(found)
                return ()
        return self.machine.result
