"""campaigner.toml: the settings of a project, parsed to a `Config`.

Addresses that are opened when campaigns run (warehouse, ledger, channels) are kept as written,
with `${NAME}`. `environment.expand` replaces the variables when they are opened. So a check
needs no secrets.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose
from ...dsl.diagnostics.source import SourceFile, Span
from ..codes import files
from ..files.environment import Setting, expand, misuses
from ..files.folder import LONGEST_LINE
from ..files.positions import KeyPath, Positions, toml_positions
from ..plan import LANGUAGE
from ..plan.currencies import NO_CURRENCY
from .calendar_entries import own_days
from .channel_entries import (
    SECONDS,
    ChannelEntry,
    EventsEntry,
    between,
    channel_example,
    channel_keys,
    channel_settings,
    source_example,
    source_keys,
    source_settings,
)
from .channels import field_of
from .config import Config, Organiser, OwnDays, config_without_file
from .entries import described, one_line, refuse, validate
from .field_types import Currency, Name, Text, Zone, url_of

# --- the models ---------------------------------------------------------------------------------

_EXAMPLES = {"warehouse": "duckdb:///data/warehouse.duckdb", "ledger": "sqlite:///var/ledger.db"}
_WAREHOUSES = url_of(
    Phrase("config.warehouse"), ("duckdb", "postgresql", "spark"), _EXAMPLES["warehouse"]
)
_LEDGERS = url_of(Phrase("config.ledger"), ("sqlite", "postgresql"), _EXAMPLES["ledger"])


def _language(value: int) -> int:
    if value != LANGUAGE:
        raise refuse(files.BAD_LANGUAGE, value=described(value))
    return value


def _bad_rows(value: str) -> str:
    if value != "stop" and bad_share(value) is None:
        raise refuse(files.BAD_SHARE, value=one_line(value))
    return value


def _holdout(value: str) -> str:
    share = _share(value, digits=4)
    if share is None or share >= 1:
        raise refuse(files.BAD_HOLDOUT, value=one_line(value))
    return value


def bad_share(written: str) -> Decimal | None:
    """The share that `bad_rows` allows, 0 to 1; `None` if the text is not a percentage."""
    return _share(written, digits=6)


def _share(written: str, *, digits: int) -> Decimal | None:
    if re.fullmatch(rf"[0-9]{{1,3}}([.][0-9]{{1,{digits}}})?%", written) is None:
        return None
    share = Decimal(written[:-1]) / 100
    return share if share <= 1 else None


class _Entries(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Project(_Entries):
    name: Text
    language: Annotated[int, AfterValidator(_language)]
    time_zone: Zone
    currency: Currency
    catalog: Text = "catalog.yaml"
    holdout: Annotated[str, AfterValidator(_holdout)] = "0%"


class _Warehouse(_Entries):
    url: Annotated[Text, _WAREHOUSES]
    bad_rows: Annotated[str, AfterValidator(_bad_rows)] = "1%"
    reread_seconds: Annotated[int, Field(strict=True), between(0, 86_400, SECONDS)] = 0


class _Ledger(_Entries):
    url: Annotated[Text, _LEDGERS]


class _Chance(_Entries):
    seed: Text


class _Organiser(_Entries):
    name: Text
    contact: Text | None = None


class _Config(_Entries):
    project: _Project
    organiser: _Organiser | None = None
    warehouse: _Warehouse | None = None
    ledger: _Ledger | None = None
    chance: _Chance | None = None
    channels: dict[Name, ChannelEntry] = {}
    ingest: dict[Name, EventsEntry] = {}
    calendar: dict[Name, dict[str, str | date]] = {}


@dataclass(frozen=True, slots=True)
class _Words:
    """The names of the parts of campaigner.toml."""

    def owner(self, path: KeyPath) -> str | Phrase:
        match path:
            case ():
                return "campaigner.toml"
            case ("channels", str(name), *_):
                return Phrase("config.channel", name=name)
            case ("ingest", str(name), *_):
                return Phrase("config.source", name=name)
            case _:
                heading = ".".join(str(part) for part in path)
                return Phrase("config.heading", heading=heading)

    def keys(self, path: KeyPath, data: Mapping[str, object]) -> tuple[str, ...]:
        match path:
            case ():
                return tuple(_Config.model_fields)
            case ("project",):
                return tuple(_Project.model_fields)
            case ("organiser",):
                return tuple(_Organiser.model_fields)
            case ("warehouse",):
                return tuple(_Warehouse.model_fields)
            case ("ledger",):
                return ("url",)
            case ("chance",):
                return ("seed",)
            case ("channels", _):
                return channel_keys(data)
            case ("ingest", _):
                return source_keys(data)
            case _:
                return ()

    def example(self, path: KeyPath) -> str | None:
        match path:
            case ("project",):
                return "[project]"
            case ("warehouse" | "ledger" as kind, "url"):
                return f'url = "{_EXAMPLES[kind]}"'
            case ("organiser", "name"):
                return _ORGANISER
            case ("chance", "seed"):
                return 'seed = "${DRAW_SEED}"'
            case ("channels", str(name), str(entry)):
                return channel_example(name, entry)
            case ("ingest", str(name), str(entry)):
                return source_example(name, entry)
            case _:
                return _PROJECT_EXAMPLES.get(str(path[-1]))


_ORGANISER = 'name = "Corner Shop Ltd"'

_PROJECT_EXAMPLES = {
    "name": 'name = "shop"',
    "language": "language = 1",
    "time_zone": 'time_zone = "Asia/Shanghai"',
    "currency": 'currency = "CNY"',
}

_PROJECT_FILLER: dict[str, object] = {
    "name": "unnamed",
    "language": LANGUAGE,
    "time_zone": "UTC",
    "currency": NO_CURRENCY,
}
_FILLER: dict[KeyPath, Any] = {
    ("project",): _PROJECT_FILLER,
    **{("project", name): value for name, value in _PROJECT_FILLER.items()},
}

# --- the configuration --------------------------------------------------------------------------


def read_config(source: SourceFile, root: Path) -> tuple[Config, tuple[Diagnostic, ...]]:
    """The configuration of that text, in the folder `root`, and every mistake in it."""
    read = _toml(source)
    if isinstance(read, Diagnostic):
        return config_without_file(), (read,)
    data, positions = read
    found = [*misuses(data, positions)]
    found += _expand_project(data, positions, root)
    result = validate(_Config, data, positions, _Words(), _FILLER)
    calendar, wrong_days = own_days(result.model.calendar, positions)
    config = _config(result.model, positions, root, calendar)
    return config, (*found, *result.diagnostics, *wrong_days)


def _toml(source: SourceFile) -> tuple[dict[str, Any], Positions] | Diagnostic:
    """The entries of the text and their positions, or a diagnostic of its TOML syntax."""
    for number, start in enumerate(source.line_starts, 1):
        if len(source.line(number)) > LONGEST_LINE:
            place = Span(source, start, start + 1).place
            return diagnose(files.TOML_SYNTAX, place, expected=_TOO_LONG)
    try:
        return tomllib.loads(source.text, parse_float=Decimal), toml_positions(source)
    except tomllib.TOMLDecodeError as error:
        return _syntax(source, error)
    except RecursionError:
        return diagnose(files.TOO_DEEP, Span(source, 0, 1).place, limit="100")
    except ValueError:  # a number of more digits than Python reads
        return diagnose(files.TOML_SYNTAX, Span(source, 0, 1).place, expected=_SAYS[""])


_KINDS: dict[str | int, Literal["url", "path"]] = {
    "url": "url",
    "path": "path",
    "dead_letters": "path",
}


def _config(
    model: _Config, positions: Positions, root: Path, calendar: Mapping[str, OwnDays]
) -> Config:
    def setting(path: KeyPath, text: str) -> Setting:
        kind: Literal["url", "path", "text"] = _KINDS.get(path[-1], "text")
        return Setting(".".join(map(str, path)), text, kind, root, positions.value(path).place)

    def of(heading: str, name: str, entry: str, text: str) -> Setting:
        return setting((heading, name, entry), text)

    project, organiser = model.project, model.organiser
    return Config(
        name=project.name,
        organiser=None if organiser is None else Organiser(organiser.name, organiser.contact),
        language=project.language,
        time_zone=project.time_zone,
        currency=project.currency,
        catalog=Path(project.catalog).as_posix(),
        warehouse=setting(("warehouse", "url"), model.warehouse.url) if model.warehouse else None,
        ledger=setting(("ledger", "url"), model.ledger.url) if model.ledger else None,
        seed=setting(("chance", "seed"), model.chance.seed) if model.chance else None,
        channels={
            name: channel_settings(name, one, partial(of, "channels", name))
            for name, one in sorted(model.channels.items())
        },
        longest={name: one.longest for name, one in sorted(model.channels.items())},
        staff=frozenset(name for name, one in model.channels.items() if one.audience == "staff"),
        consents={
            name: named
            for name, one in sorted(model.channels.items())
            if one.consent is not None and (named := field_of(one.consent)) is not None
        },
        festivals=calendar,
        ingest={
            name: source_settings(name, one, partial(of, "ingest", name))
            for name, one in sorted(model.ingest.items())
        },
        holdout=bad_share(project.holdout) or Decimal(0),
        bad_share=bad_share(model.warehouse.bad_rows if model.warehouse else "1%"),
        reread_seconds=model.warehouse.reread_seconds if model.warehouse else 0,
    )


def _expand_project(data: dict[str, Any], positions: Positions, root: Path) -> list[Diagnostic]:
    """Put the environment's values into `[project]`, which a check needs."""
    project: Any = data.get("project")
    found = []
    for name, value in list(project.items()) if isinstance(project, dict) else []:
        if isinstance(value, str) and "${" in value:
            path = ("project", name)
            place = positions.value(path).place
            try:
                project[name] = expand(Setting(f"project.{name}", value, "text", root, place))
            except CannotRun as problem:
                found.append(problem.diagnostic)
                project[name] = _PROJECT_FILLER.get(name, "catalog.yaml")
    return found


# --- errors of TOML syntax ----------------------------------------------------------------------

_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_TOO_LONG = Phrase("config.too_long", most=str(LONGEST_LINE))
_SAYS = {
    "Expected '=' after a key": Phrase("config.a_was_expected_here_between"),
    "Invalid value": Phrase("config.a_value_was_expected_here"),
    "Expected newline or end of document": Phrase("config.the_end_of_the_line"),
    "Cannot overwrite": Phrase("config.this_name_has_a_value"),
    "Cannot declare": Phrase("config.this_heading_stands_in_the"),
    "Cannot mutate": Phrase("config.this_name_has_a_value"),
    "Duplicate": Phrase("config.says.duplicate"),
    "Expected ']'": Phrase("config.a_was_expected_here"),
    "Unclosed array": Phrase("config.a_was_expected_here"),
    "Unclosed inline": Phrase("project.config.a_was_expected_here"),
    "Unterminated string": Phrase("config.a_text_was_not_closed"),
    "Expected '\"": Phrase("config.a_text_was_not_closed"),
    "Expected \"'": Phrase("config.a_text_was_not_closed"),
    "Illegal character": Phrase("config.this_character_may_not_stand"),
    "backslash": Phrase("config.says.backslash"),
    "": Phrase("config.a_line_such_as_name"),
}


def _syntax(source: SourceFile, error: tomllib.TOMLDecodeError) -> Diagnostic:
    message = str(error)
    expected = next(phrase for part, phrase in _SAYS.items() if part in message)
    at = _AT.search(message)
    if at is None:  # at the end of the file
        offset = len(source.text.rstrip())
    else:
        offset = source.line_starts[int(at[1]) - 1] + int(at[2]) - 1
    offset = min(offset, len(source.text))
    end = min(offset + 1, len(source.text))
    return diagnose(files.TOML_SYNTAX, Span(source, offset, end).place, expected=expected)
