"""campaigner.toml alone, as commands read it that need neither the catalog nor campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...dsl.decoding import decode
from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose, has_errors, in_reading_order
from ...dsl.diagnostics.source import Place, SourceFile
from ..codes import files
from ..files.environment import masked
from ..files.folder import SETTINGS, Contents, read_settings
from ..files.places import Use, clashes, diagnosed, uses
from ..files.reasons import phrase_of
from ..files.secrets import Secrets, secrets_of
from .cache import diagnostics_of, key, rows_of
from .config import Config, config_without_file
from .kept import keep, read_kept


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the project in the folder `root`, and every mistake found in reading them.

    `sources` has each file that was read by the path that places use; written secrets are hidden
    in it. `uses` are the paths that the project uses, `secrets` what its settings take from the
    environment.
    """

    root: Path
    config: Config
    sources: Mapping[str, SourceFile] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...]
    uses: tuple[Use, ...]
    secrets: Secrets


def load_settings(path: Path) -> Settings:
    """The settings of the project that `path` is or lies in; no other file is read.

    `CannotRun` if there is no project.
    """
    contents = read_settings(path)
    sources, diagnostics = decoded(contents)
    config, found = config_of(contents, sources)
    mask(sources)
    used = uses(contents)
    diagnostics += [*found, *diagnosed(clashes(used), sources.get(SETTINGS))]
    return Settings(
        root=contents.root,
        config=config,
        sources=sources,
        diagnostics=in_reading_order(diagnostics),
        uses=used,
        secrets=secrets_in(contents),
    )


def decoded(contents: Contents) -> tuple[dict[str, SourceFile], list[Diagnostic]]:
    """The texts of the files, and a mistake for each file that has none."""
    sources: dict[str, SourceFile] = {}
    found = [
        diagnose(files.UNREADABLE, beginning(name), file=name, reason=phrase_of(reason))
        for name, reason in contents.unreadable.items()
    ]
    for name, data in contents.files.items():
        source, wrong = decode(data, name)
        found += wrong
        if source is not None:
            sources[name] = source
    return sources, found


def config_of(
    contents: Contents, sources: Mapping[str, SourceFile]
) -> tuple[Config, tuple[Diagnostic, ...]]:
    """The configuration, and every mistake in it."""
    if SETTINGS not in sources:
        return config_without_file(), ()
    name = key({SETTINGS: contents.files[SETTINGS]}, None, "settings", str(contents.root))
    match read_kept(name):
        case (Config() as config, [*rows]):
            return config, diagnostics_of(rows)
        case _:
            from .config_file import read_config  # noqa: PLC0415  (models take long to build)
    config, found = read_config(sources[SETTINGS], contents.root)
    # A secret that is written out is an error, and goes into no other file.
    if not has_errors(found):
        keep(name, (config, rows_of(found)))
    return config, found


def mask(sources: dict[str, SourceFile]) -> None:
    """Hide the secrets that are written in campaigner.toml."""
    if SETTINGS in sources:
        sources[SETTINGS] = SourceFile(SETTINGS, masked(sources[SETTINGS].text))


def secrets_in(contents: Contents) -> Secrets:
    """The secrets that the settings take from the environment."""
    return secrets_of(contents.files.get(SETTINGS, b""))


def beginning(name: str) -> Place:
    """The first character of a file."""
    return Place(name, 1, 1, 1, 1)
