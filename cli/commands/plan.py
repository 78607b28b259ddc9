"""`campaigner plan`: what the project compiles to."""

from __future__ import annotations

from pathlib import Path

import click

from ..arguments import options
from ..exits import FINE
from ..projects import compiled
from ..screen import files
from ..screen.terminal import Session


@click.command("plan", short_help="Print what the project compiles to, as JSON.")
@options.project
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write it there.")
@options.language
@click.pass_obj
def command(session: Session, project: str, output: Path | None) -> int:
    """Compile PROJECT and print its plan: the same bytes for the same project, on any machine."""
    loaded, plan = compiled(project, session)
    from ...compiler.plan.plan_json import dump

    content = dump(plan)
    if output is None:
        click.echo(content, nl=False)
    else:
        files.write_output(output, content, loaded)
    return FINE
