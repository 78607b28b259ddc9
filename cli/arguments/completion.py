"""Completion in a shell: https://click.palletsprojects.com/en/stable/shell-completion/."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem, shell_complete

from ...dsl.diagnostics.diagnostic import CannotRun


def complete(group: click.Group, variable: str, instruction: str) -> int:
    """Print what the shell asked for: its script, or the words that may come next."""
    return shell_complete(group, {}, "campaigner", variable, instruction)


def campaigns(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The campaigns of the project on the command line, or of the current folder."""
    from ..projects import campaign_names

    project = ctx.params.get("project")
    first = next(iter(ctx.params.get("arguments") or ()), ".")
    path = project if isinstance(project, str) else str(first)
    try:
        names = campaign_names(Path(path if Path(path).exists() else "."))
    except (CannotRun, OSError):
        return []
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def paths(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Any path: the shell knows them."""
    return [CompletionItem(incomplete, type="file")]
