"""An option that a command does not have, in the user's words."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ..dsl.codes import command_line as codes
from ..dsl.diagnostics import Diagnostic
from .nearest import misspelt


def no_such_option(mistake: click.exceptions.NoSuchOption, context: click.Context) -> Diagnostic:
    """The diagnostic, with the verbs that have the option, or else with the nearest one."""
    name = mistake.option_name
    owners = list(_owners(name, context))
    values = {"command": context.command_path, "name": name}
    if owners:
        values["owners"] = ", ".join(f"`{owner}`" for owner in owners)
    return misspelt(codes.NO_SUCH_OPTION, name, _options(context.command), **values)


def _owners(name: str, context: click.Context) -> Iterator[str]:
    """The commands of the same group that have this option."""
    around = context.parent
    if around is None or around.parent is None or not isinstance(around.command, click.Group):
        return
    for verb in around.command.list_commands(around):
        command = around.command.get_command(around, verb)
        if command is not None and name in _options(command):
            yield f"{around.command.name} {verb}"


def _options(command: click.Command) -> list[str]:
    return [
        word
        for param in command.params
        if isinstance(param, click.Option)
        for word in param.opts
        if word.startswith("--")
    ]
