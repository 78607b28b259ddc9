"""A folder of files, read as one project: settings, catalog and every campaign file parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose, in_reading_order
from ...dsl.diagnostics.source import Place, SourceFile
from ...dsl.parsing.decoding import decode
from ...dsl.parsing.parser import Parsed, parse
from ..codes import files
from ..files.environment import masked
from ..files.folder import SETTINGS, STDIN, SUFFIX, Contents, read_folder, read_settings
from ..files.places import Use, clashes, diagnosed, uses
from ..files.secrets import Secrets, secrets_of
from ..plan import CustomerTable, EventTable
from .catalog import NO_CATALOG, Catalog, read_catalog
from .config import Config, config_without_file, read_config
from .validation import check_channels


@dataclass(frozen=True, slots=True)
class Project:
    """A project as it stands in its files, and every mistake found in reading them.

    `customers` is nothing where the catalog has none that can be used. `doubtful` are the names
    of the catalog's fields and events that were left out for a mistake in them. `parsed` is in
    the order of the paths. `sources` has every file by the path that places use; written secrets
    are hidden in it. `uses` are the paths that the project uses,
    `secrets` what its settings take from the environment.
    """

    root: Path
    config: Config
    customers: CustomerTable | None
    events: tuple[EventTable, ...]
    doubtful: frozenset[str]
    parsed: tuple[Parsed, ...] = field(repr=False)
    sources: Mapping[str, SourceFile] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...]
    uses: tuple[Use, ...] = ()
    secrets: Secrets = field(default_factory=Secrets)


def load_project(path: Path, stdin_campaign: str | None = None) -> Project:
    """The project that `path`, a folder or a file, is or lies in.

    `stdin_campaign` is the text of one more campaign file. `CannotRun` where there is no project.
    """
    return project_of(read_folder(path), stdin_campaign)


def project_of(contents: Contents, stdin_campaign: str | None = None) -> Project:
    """The project that these files are. Their bytes need not be those on the disk."""
    sources, diagnostics = _decoded(contents)
    config, found = _config(contents, sources)
    diagnostics += found
    catalog, found = _catalog(contents, sources)
    diagnostics += found
    diagnostics += check_channels(config.channels, catalog.customers, catalog.doubtful)
    used = uses(contents)
    diagnostics += diagnosed(clashes(used), sources.get(SETTINGS))
    if stdin_campaign is not None:
        sources[STDIN] = SourceFile(STDIN, stdin_campaign)
    parsed = [
        parse(source) for name, source in sources.items() if name.endswith(SUFFIX) or name == STDIN
    ]
    diagnostics += [found for file in parsed for found in file.diagnostics]
    if not parsed and not any(name.endswith(SUFFIX) for name in contents.files):
        diagnostics.append(diagnose(files.NO_CAMPAIGNS, _beginning(SETTINGS)))
    if SETTINGS in sources:
        sources[SETTINGS] = SourceFile(SETTINGS, masked(sources[SETTINGS].text))
    return Project(
        contents.root,
        config,
        catalog.customers,
        catalog.events,
        catalog.doubtful,
        tuple(parsed),
        sources,
        in_reading_order(diagnostics),
        used,
        _secrets(contents),
    )


def load_settings(path: Path) -> Project:
    """The project with campaigner.toml alone: no catalog, no campaigns, and no other file is read.

    `CannotRun` if there is no project.
    """
    contents = read_settings(path)
    sources, diagnostics = _decoded(contents)
    config, found = _config(contents, sources)
    if SETTINGS in sources:
        sources[SETTINGS] = SourceFile(SETTINGS, masked(sources[SETTINGS].text))
    used = uses(contents)
    diagnostics += [*found, *diagnosed(clashes(used), sources.get(SETTINGS))]
    found = in_reading_order(diagnostics)
    secrets = _secrets(contents)
    return Project(contents.root, config, None, (), frozenset(), (), sources, found, used, secrets)


def _secrets(contents: Contents) -> Secrets:
    return secrets_of(contents.files.get(SETTINGS, b""))


def _decoded(contents: Contents) -> tuple[dict[str, SourceFile], list[Diagnostic]]:
    """The texts, and which files are none."""
    sources: dict[str, SourceFile] = {}
    found = [
        diagnose(files.UNREADABLE, _beginning(name), file=name, reason=reason)
        for name, reason in contents.unreadable.items()
    ]
    for name, data in contents.files.items():
        source, wrong = decode(data, name)
        found += wrong
        if source is not None:
            sources[name] = source
    return sources, found


def _config(
    contents: Contents, sources: Mapping[str, SourceFile]
) -> tuple[Config, tuple[Diagnostic, ...]]:
    if SETTINGS not in sources:
        return config_without_file(), ()
    return read_config(sources[SETTINGS], contents.root)


def _catalog(
    contents: Contents, sources: Mapping[str, SourceFile]
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    name = contents.catalog
    if name in sources:
        catalog = read_catalog(sources[name])
        return catalog, catalog.diagnostics
    if name in contents.files or name in contents.unreadable:
        return NO_CATALOG, ()
    place = _beginning(SETTINGS)
    return NO_CATALOG, (diagnose(files.NO_CATALOG, place, file=name),)


def _beginning(name: str) -> Place:
    return Place(name, 1, 1, 1, 1)
