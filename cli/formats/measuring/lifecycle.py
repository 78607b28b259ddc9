"""The stages of a lifecycle with their customers: a table for people, a document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.tables import Column

if TYPE_CHECKING:
    from ....runtime.lifecycle.sizes import Sizes

FORMAT_VERSION = 1

COLUMNS = (
    Column("lifecycle"),
    Column("stage"),
    Column("customers", number=True),
)


def rows(found: Iterable[Sizes]) -> list[tuple[str | Phrase, ...]]:
    """A row a stage, and one for the customers who are in none."""
    return [
        row
        for one in found
        for row in (
            *((one.lifecycle, each.stage, f"{each.customers:,}") for each in one.stages),
            (one.lifecycle, Phrase("lifecycle.outside"), f"{one.outside:,}"),
        )
    ]


def as_json(found: Iterable[Sizes], at: datetime, zone: str) -> str:
    """One document, in the shape of docs/json.md."""
    document = {
        "format_version": FORMAT_VERSION,
        "at": at.astimezone(ZoneInfo(zone)).isoformat(),
        "lifecycles": [
            {
                "lifecycle": one.lifecycle,
                "stages": [
                    {"stage": each.stage, "label": each.label, "customers": each.customers}
                    for each in one.stages
                ],
                "outside": one.outside,
            }
            for one in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
