"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .terminal import Session

_Command = TypeVar("_Command", bound=Callable[..., Any])


def project(command: _Command) -> _Command:
    """The argument PROJECT: a folder or its campaigner.toml; the current folder if left out."""
    return click.argument("project", default=".", metavar="[PROJECT]")(command)


def language(command: _Command) -> _Command:
    """The option `--lang`, over the locale."""
    return click.option(
        "--lang",
        type=click.Choice(["en", "zh"]),
        expose_value=False,
        is_eager=True,
        callback=_speak,
        help="The language of what is said; else that of the locale.",
    )(command)


def campaign(command: _Command) -> _Command:
    """The option `--campaign`, which must be given."""
    return click.option("--campaign", required=True, metavar="ID", help="Its name.")(command)


def period(command: _Command) -> _Command:
    """`--at INSTANT`, or `--from A --to B`: exactly one of the two forms."""
    at = click.option("--at", "at", metavar="INSTANT", help="The instant to decide for.")
    start = click.option("--from", "start", metavar="A", help="The period's first day or instant.")
    end = click.option("--to", "end", metavar="B", help="The period's last day or instant, in it.")
    return at(start(end(command)))


def even_in_the_future(command: _Command) -> _Command:
    """The option `--even-in-the-future`: instants that the clock has not reached are taken too."""
    return click.option(
        "--even-in-the-future",
        is_flag=True,
        help="Decide also for an instant later than the clock.",
    )(command)


def _speak(context: click.Context, _: click.Parameter, value: str | None) -> None:
    session = context.find_object(Session)
    if session is not None and value is not None:
        session.language = "zh" if value == "zh" else "en"
