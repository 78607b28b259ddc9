"""Mistakes on a command line, in the user's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose, names_listed
from ..codes import command_line as codes
from ..codes import usage
from ..nearest import misspelt


def diagnosed(
    mistake: click.UsageError, root: click.Group, arguments: Sequence[str]
) -> Diagnostic | None:
    """The diagnostic for a mistake that click found; `None` if its own words must do."""
    # The parser of a command does not know its context.
    context = mistake.ctx or _named(root, arguments)
    command = context.command_path
    match mistake:
        case click.NoSuchOption() if mistake.ctx is not None:
            return no_such_option(mistake, mistake.ctx)
        case click.MissingParameter() if mistake.param is not None:
            name = _name(mistake.param)
            return diagnose(usage.MISSING, None, command=command, name=name)
        case click.BadOptionUsage():
            given = next(
                (one for one in context.command.params if mistake.option_name in one.opts), None
            )
            code = (
                usage.A_FLAG
                if isinstance(given, click.Option) and given.is_flag
                else usage.NO_VALUE
            )
            return diagnose(code, None, command=command, name=mistake.option_name)
        case click.UsageError() if type(mistake) is click.UsageError:
            # The one mistake that click has no class for: "Got unexpected extra arguments (a b)".
            words = mistake.message.partition("(")[2].rpartition(")")[0]
            return diagnose(usage.EXTRA, None, command=command, words=f"`{words}`")
        case _:
            return None


def incomplete(problem: Phrase) -> CannotRun:
    """Return the diagnostic for a command line that is incomplete."""
    return CannotRun(diagnose(usage.INCOMPLETE, None, command=_command(), problem=problem))


def missing(name: str, known: Iterable[str] = (), *, steps: Iterable[str] = ()) -> CannotRun:
    """Return the diagnostic for a missing option or argument.

    `known` are possible commands, `steps` those of the campaign that is asked about.
    """
    choices = {"all": names_listed(known), "steps": names_listed(steps)}
    values = {heading: names for heading, names in choices.items() if names}
    values |= {"command": _command(), "name": name}
    return CannotRun(Diagnostic(usage.MISSING, None, tuple(sorted(values.items()))))


def _command() -> str:
    context = click.get_current_context(silent=True)
    return "campaigner" if context is None else context.command_path


def _named(root: click.Group, arguments: Sequence[str]) -> click.Context:
    """The context of the command that a command line names."""
    context = click.Context(root, info_name=root.name)
    for word in arguments:
        group = context.command
        if isinstance(group, click.Group) and word in group.list_commands(context):
            command = group.get_command(context, word)
            if command is not None:
                context = click.Context(command, context, word)
    return context


def _name(param: click.Parameter) -> str:
    return (
        param.opts[-1]
        if isinstance(param, click.Option)
        else (param.metavar or str(param.name).upper())
    )


def no_such_option(mistake: click.exceptions.NoSuchOption, context: click.Context) -> Diagnostic:
    """The diagnostic, with the verbs that have the option, or else with the nearest one."""
    name = mistake.option_name
    owners = list(_owners(name, context))
    values: dict[str, str | Phrase] = {"command": context.command_path, "name": name}
    if owners:
        values["owners"] = names_listed(owners)
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
