"""Options and arguments that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...dsl.words.catalogue import languages
from ..codes import command_line as codes
from ..codes.measuring import NOT_IN_RANGE
from ..codes.usage import CAMPAIGN_OR_ALL, NOT_A_DAY
from ..nearest import misspelt
from ..screen.terminal import Session
from .usage import incomplete, missing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Choice(click.Choice[str]):
    """One of a few words; `CannotRun` with the nearest of them for any other."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word itself."""
        if value in self.choices:
            return value
        option = param.opts[-1] if param is not None and param.opts else ""
        del ctx
        code = codes.NO_SUCH_CHOICE
        raise CannotRun(misspelt(code, value, self.choices, option=option, value=value))


class Word(click.types.StringParamType):
    """A text that a ledger can keep, of at most `longest` characters; `CannotRun` for any other."""

    name = "text"

    def __init__(self, longest: int | None = None) -> None:
        self._longest = longest

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word itself."""
        option = param.opts[-1] if param is not None and param.opts else ""
        del ctx
        # What is not UTF-8 comes from the command line as halves of pairs of UTF-16.
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise CannotRun(diagnose(codes.NO_TEXT, None, option=option, reason=codes.NOT_UTF8))
        if self._longest is not None and len(value) > self._longest:
            said = codes.too_long(self._longest)
            raise CannotRun(diagnose(codes.NO_TEXT, None, option=option, reason=said))
        return value


class Whole(click.types.IntParamType):
    """A whole number from `low` to `high`; `CannotRun` for anything else."""

    name = "number"

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The number."""
        del ctx
        text = str(value)
        if text.isascii() and text.isdecimal() and len(text) < 10:
            number = int(text)
            if self._low <= number <= self._high:
                return number
        option = param.opts[-1] if param is not None and param.opts else ""
        low, high = str(self._low), str(self._high)
        raise CannotRun(diagnose(NOT_IN_RANGE, None, option=option, low=low, high=high, value=text))


TEXT = Word()
KEY = Word(255)
"""As long as `runtime.keys` lets a key be."""
NAME = Word(200)
"""Becomes part of a key."""


def day(_: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """The date that an option names, such as `2026-01-31`; `CannotRun` for anything else."""
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        problem = diagnose(NOT_A_DAY, None, option=param.opts[-1], value=value)
        raise CannotRun(problem) from None


def project(command: _Command) -> _Command:
    """The argument PROJECT: a folder or its campaigner.toml; the current folder if left out."""
    return click.argument("project", default=".", metavar="[PROJECT]", shell_complete=_paths)(
        command
    )


def language(command: _Command) -> _Command:
    """The option `--lang`, over the locale."""
    return click.option(
        "--lang",
        type=Choice(languages()),
        expose_value=False,
        is_eager=True,
        callback=_speak,
        help="The language of what is said; else that of the locale.",
    )(command)


def plan(command: _Command) -> _Command:
    """The option `--plan`: a plan that was made before, in place of the project's sources."""
    return click.option(
        "--plan",
        "plan_file",
        metavar="FILE",
        shell_complete=_paths,
        help="Carry out this plan and read no sources; - for stdin.",
    )(command)


def campaign(command: _Command) -> _Command:
    """The option `--campaign`, which must be given."""
    return click.option(
        "--campaign", required=True, metavar="ID", help="Its name.", shell_complete=_campaigns
    )(command)


def of_campaign(command: _Command) -> _Command:
    """The option `--campaign`, which may be left out."""
    return click.option(
        "--campaign", metavar="ID", help="Of this campaign alone.", shell_complete=_campaigns
    )(command)


def step(command: _Command) -> _Command:
    """The option `--step`, which matters only where a campaign has several."""
    return click.option(
        "--step",
        type=TEXT,
        metavar="NAME",
        help="Which of the campaign's steps, if it has several.",
    )(command)


def format_of(
    *formats: str, says: str = "The form of the output."
) -> Callable[[_Command], _Command]:
    """The option `--format`: one of these, the first if left out."""
    return click.option(
        "--format",
        "format_",
        type=Choice(formats),
        default=formats[0],
        show_default=True,
        help=says,
    )


listed = format_of("table", "json", "csv", "parquet")


def letters(command: _Command) -> _Command:
    """`--channel` and `--key`: which rows of the outbox."""
    channel = click.option("--channel", type=TEXT, metavar="NAME", help="Of this channel alone.")
    key = click.option(
        "--key",
        "keys",
        type=TEXT,
        metavar="KEY",
        multiple=True,
        help="This row alone; may be repeated.",
    )
    return channel(key(command))


def project_and_grants(command: _Command) -> _Command:
    """The arguments `[PROJECT] GRANT…`, to be taken apart by `split`."""
    return click.argument(
        "arguments", nargs=-1, metavar="[PROJECT] GRANT...", shell_complete=_paths
    )(command)


def split(arguments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """PROJECT and the grants; a number is always a grant, so a folder `17` is written `./17`."""
    match arguments:
        case [project, *grants] if not project.isdecimal():
            return project, tuple(grants)
        case _:
            return ".", arguments


def project_and_campaign(command: _Command) -> _Command:
    """The arguments `[PROJECT] CAMPAIGN`, to be taken apart by `split_campaign`."""
    return click.argument(
        "arguments", nargs=-1, metavar="[PROJECT] CAMPAIGN", shell_complete=_paths
    )(command)


def campaign_and_project(command: _Command) -> _Command:
    """The arguments CAMPAIGN and PROJECT, the current folder if left out."""
    campaign = click.argument("name", metavar="CAMPAIGN", type=TEXT, shell_complete=_campaigns)
    return campaign(project(command))


def in_order(project: str, campaign: str) -> tuple[str, str]:
    """PROJECT and the campaign, whichever comes first, where only one of them is a path."""
    is_turned = os.path.exists(campaign) and not os.path.exists(project)
    return (campaign, project) if is_turned else (project, campaign)


def split_campaign(arguments: tuple[str, ...]) -> tuple[str, str]:
    """PROJECT and the campaign; a usage error if it is not one, or one and a project."""
    match arguments:
        case [campaign]:
            return ".", campaign
        case [project, campaign]:
            return in_order(project, campaign)
        case _:
            raise missing("CAMPAIGN")


def braking(command: _Command) -> _Command:
    """`[PROJECT] CAMPAIGN` or `[PROJECT] --all`, to be taken apart by `split_all`; why, and who."""
    every = click.option("--all", "every", is_flag=True, help="Every campaign of the project.")
    reason = click.option("--reason", type=TEXT, metavar="TEXT", help="Why: it is kept.")
    by = click.option("--by", type=TEXT, metavar="NAME", help="Who: it is kept too.")
    return project_and_campaign(every(reason(by(command))))


def split_all(arguments: tuple[str, ...], *, every: bool) -> tuple[str, str | None]:
    """PROJECT and the campaign, which is `None` for all; a usage error if it is neither."""
    match arguments:
        case [] if every:
            return ".", None
        case [project] if every:
            return project, None
        case [_] | [_, _] if not every:
            return split_campaign(arguments)
        case _:
            raise incomplete(CAMPAIGN_OR_ALL)


def period(command: _Command) -> _Command:
    """`--at INSTANT`, or `--from A --to B`: exactly one of the two forms."""
    at = click.option("--at", "at", metavar="INSTANT", help="The instant to decide for.")
    start = click.option("--from", "start", metavar="A", help="The period's first day or instant.")
    end = click.option("--to", "end", metavar="B", help="The period's last day or instant, in it.")
    return at(start(end(command)))


def past_period(command: _Command) -> _Command:
    """`--from A --to B`: both must be given."""
    start = click.option(
        "--from", "start", required=True, metavar="A", help="The period's first day or instant."
    )
    end = click.option(
        "--to", "end", required=True, metavar="B", help="The period's last day or instant, in it."
    )
    return start(end(command))


def even_in_the_future(command: _Command) -> _Command:
    """The option `--even-in-the-future`: instants that the clock has not reached are taken too."""
    return click.option(
        "--even-in-the-future",
        is_flag=True,
        help="Decide also for an instant later than the clock.",
    )(command)


def plain(command: _Command) -> _Command:
    """The option `--plain`: the path without what makes it quicker."""
    return click.option(
        "--plain",
        is_flag=True,
        help="Take the slow path, for comparison; what comes of it is the same.",
    )(command)


MOST_WORKERS = 64


def workers(command: _Command) -> _Command:
    """The option `--workers`: how many processes decide."""
    return click.option(
        "--workers",
        type=Whole(1, MOST_WORKERS),
        default=1,
        show_default=True,
        metavar="N",
        help="Decide in N processes, each with customers of its own.",
    )(command)


def _campaigns(
    context: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from .completion import campaigns

    return campaigns(context, param, incomplete)


def _paths(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from .completion import paths

    return paths(context, param, incomplete)


def _speak(context: click.Context, _: click.Parameter, value: str | None) -> None:
    session = context.find_object(Session)
    if session is not None and value is not None:
        session.language = value
