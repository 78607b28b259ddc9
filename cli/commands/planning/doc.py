"""`campaigner doc`: a site of static pages about a project, for its team."""

from __future__ import annotations

from pathlib import Path

import click

from ....dsl.diagnostics.diagnostic import Phrase
from ...arguments import options
from ...exits import FINE
from ...projects import with_scenarios
from ...screen.speaking import speak
from ...screen.terminal import Session


@click.command("doc", epilog="Example: campaigner doc shop --out site")
@options.project
@click.option(
    "--out",
    "folder",
    required=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="The folder of the site, which must be empty, new, or of a former call.",
)
@options.language
@click.pass_obj
def command(session: Session, project: str, folder: Path) -> int:
    """Write a site of static pages about PROJECT into a folder, in every language.

    It has each campaign in plain words with its scenarios, a calendar, lifecycles and journeys as
    diagrams, and who uses which field of the catalog.
    """
    loaded, plan, scenarios = with_scenarios(project, session)
    from ....compiler.codes import files as codes
    from ....compiler.files.places import use_of
    from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
    from ...pages.site.folder import write
    from ...pages.site.pages import site
    from ...pages.site.tested import tested

    use = use_of(folder, loaded.uses)
    if use is not None:
        raise CannotRun(diagnose(codes.OUTPUT_IN_USE, None, path=str(folder), use=use))
    results = tested(plan, scenarios, loaded.config.channels)
    write(folder, site(plan, session.language, results))
    speak(Phrase("doc.written", path=str(folder / "index.html")))
    return FINE
