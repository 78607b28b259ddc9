"""Help in the language of the session: click has English alone."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ..screen.terminal import Session
from . import chinese


class SpokenContext(click.Context):
    """A context whose help is Chinese if the session is."""

    def make_formatter(self) -> click.HelpFormatter:
        """What lays out `--help`."""
        session = self.find_object(Session)
        if session is None or session.language == "en":
            return super().make_formatter()
        return _Chinese(width=self.terminal_width, max_width=self.max_content_width)


class _Chinese(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or f"{chinese.HEADINGS['Usage']}：")

    def write_heading(self, heading: str) -> None:
        super().write_heading(chinese.HEADINGS.get(heading, heading))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        super().write_dl(
            [(name, chinese.text(words)) for name, words in rows], col_max, col_spacing
        )
