"""Commands that are imported when they are used: help must not wait for a database to load."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """A group that knows its commands by name and one line of help, and imports one to run it.

    `summaries` maps a command to its line; the command itself is `command` in the module of that
    name in the package `package`.
    """

    def __init__(
        self,
        name: str,
        *,
        package: str,
        summaries: Mapping[str, str],
        text: str,
        exit_codes: str,
        params: list[click.Parameter],
    ) -> None:
        settings = {"help_option_names": ["-h", "--help"]}
        super().__init__(
            name, help=text, epilog=exit_codes, params=params, context_settings=settings
        )
        self.package = package
        self.summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of their use, not of the alphabet."""
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; nothing where there is none of that name."""
        if cmd_name not in self.summaries:
            return None
        command = import_module(f"{self.package}.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.package}.{cmd_name} has no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in `--help`, from the summaries alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))
