"""A folder of files, read as one project: settings, catalog and every campaign file parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose, in_reading_order
from ...dsl.diagnostics.source import SourceFile
from ...dsl.parsing.parser import Parsed, parse
from ..codes import files
from ..files.folder import SETTINGS, STDIN, SUFFIX, Contents, read_folder
from ..files.places import clashes, diagnosed, uses
from ..plan import CodeTable, CostTable, CustomerTable, EventTable
from .catalog import NO_CATALOG, Catalog, read_catalog
from .settings import Settings, beginning, config_of, decoded, mask, secrets_in
from .validation import check_channels


@dataclass(frozen=True, slots=True)
class Project(Settings):
    """A project as its files have it, and every mistake found in reading them.

    `customers` is `None` if the catalog has none that can be used. `doubtful` are the names
    of the catalog's fields and events that were left out for a mistake in them. `parsed` is in
    the order of the paths.
    """

    customers: CustomerTable | None
    events: tuple[EventTable, ...]
    codes: tuple[CodeTable, ...]
    costs: CostTable | None
    doubtful: frozenset[str]
    parsed: tuple[Parsed, ...] = field(repr=False)


NOTHING_KNOWN: Mapping[str, Parsed] = MappingProxyType({})
"""No file was parsed before."""


def load_project(path: Path, stdin_campaign: str | None = None) -> Project:
    """The project that `path`, a folder or a file, is or lies in.

    `stdin_campaign` is the text of one more campaign file. `CannotRun` where there is no project.
    """
    return project_of(read_folder(path), stdin_campaign)


def project_of(
    contents: Contents,
    stdin_campaign: str | None = None,
    known: Mapping[str, Parsed] = NOTHING_KNOWN,
) -> Project:
    """The project that these files are. Their bytes need not be those on the disk.

    A file of `known` that has the same text still is not parsed again.
    """
    sources, diagnostics = decoded(contents)
    config, found = config_of(contents, sources)
    diagnostics += found
    catalog, found = _catalog(contents, sources)
    diagnostics += found
    diagnostics += check_channels(config.channels, catalog.customers, catalog.doubtful)
    used = uses(contents)
    diagnostics += diagnosed(clashes(used), sources.get(SETTINGS))
    if stdin_campaign is not None:
        sources[STDIN] = SourceFile(STDIN, stdin_campaign)
    parsed = [
        _parsed(source, known.get(name))
        for name, source in sources.items()
        if name.endswith(SUFFIX) or name == STDIN
    ]
    diagnostics += [found for file in parsed for found in file.diagnostics]
    if not parsed and not any(name.endswith(SUFFIX) for name in contents.files):
        diagnostics.append(diagnose(files.NO_CAMPAIGNS, beginning(SETTINGS)))
    mask(sources)
    return Project(
        root=contents.root,
        config=config,
        sources=sources,
        diagnostics=in_reading_order(diagnostics),
        uses=used,
        secrets=secrets_in(contents),
        customers=catalog.customers,
        events=catalog.events,
        codes=catalog.codes,
        costs=catalog.costs,
        doubtful=catalog.doubtful,
        parsed=tuple(parsed),
    )


def _parsed(source: SourceFile, before: Parsed | None) -> Parsed:
    is_same = before is not None and before.tree.span.source.text == source.text
    return before if before is not None and is_same else parse(source)


def _catalog(
    contents: Contents, sources: Mapping[str, SourceFile]
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    name = contents.catalog
    if name in sources:
        catalog = read_catalog(sources[name])
        return catalog, catalog.diagnostics
    if name in contents.files or name in contents.unreadable:
        return NO_CATALOG, ()
    place = beginning(SETTINGS)
    return NO_CATALOG, (diagnose(files.NO_CATALOG, place, file=name),)
