"""Commands that are imported when they are used: help must not wait for a database to load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

import click

from ...dsl.diagnostics.diagnostic import CannotRun
from ..codes import command_line as codes
from ..nearest import misspelt
from .spoken import SpokenContext
from .usage import missing


class LazyGroup(click.Group):
    """A group that knows its commands by name and one line of help, and imports one to run it.

    `summaries` maps a command to its line. The command is `command` in the module of that name in
    the package `package`; `folders` names those that are in a folder of it.
    """

    context_class = SpokenContext

    def __init__(
        self,
        name: str,
        *,
        package: str,
        summaries: Mapping[str, str],
        text: str,
        exit_codes: str,
        params: Sequence[click.Parameter] = (),
        folders: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        settings = {"help_option_names": ["-h", "--help"]}
        super().__init__(
            name,
            help=text,
            short_help=text,
            epilog=exit_codes,
            params=list(params),
            context_settings=settings,
        )
        self.package = package
        self.folders = folders
        self.summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of their use, not of the alphabet."""
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; `None` if there is none of that name."""
        if cmd_name not in self.summaries:
            return None
        path = ".".join((self.package, *self.folders.get(cmd_name, "").split(), cmd_name))
        command = import_module(path).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{path} has no command")
        command.context_class = SpokenContext
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first of `args` names; `CannotRun` with the nearest name if none."""
        name = args[0]
        if name in self.summaries or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        group, known = ctx.command_path, self.summaries
        raise CannotRun(misspelt(codes.NO_SUCH_COMMAND, name, known, name=name, group=group))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in `--help`, from the summaries alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))


class VerbGroup(LazyGroup):
    """Verbs about a project: `campaigner ledger VERB [PROJECT] …`.

    Scripts of earlier versions name the project first, `campaigner ledger PROJECT VERB …`: the two
    words are exchanged where only the second is a verb.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse `VERB [PROJECT] …`, or the same with the project first."""
        match args:
            case [project, verb, *rest] if self._project_first(project, verb):
                args = [verb, project, *rest]
            case [] if not ctx.resilient_parsing:
                raise missing("VERB", self.summaries)
            case _:
                pass
        return super().parse_args(ctx, args)

    def _project_first(self, project: str, verb: str) -> bool:
        known = self.summaries
        return project not in known and not project.startswith("-") and verb in known
