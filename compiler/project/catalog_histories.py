"""Mistakes in the histories of fields that the catalog names."""

from __future__ import annotations

from collections.abc import Iterator

from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ..codes import files
from ..files.positions import KeyPath, Positions
from ..plan.data import SINCE
from .catalog_entries import CatalogEntries, CatalogWords


def wrong_histories(catalog: CatalogEntries, positions: Positions) -> Iterator[Diagnostic]:
    """The mistakes that no entry shows by itself."""
    for name, field in catalog.customer.fields.items():
        path: KeyPath = ("customer", "fields", name)
        at, owner = positions.key(path).place, CatalogWords().owner(path)
        if field.history is not None and field.history.start is None:
            place = positions.key((*path, "history")).place
            yield diagnose(files.HISTORY_WITHOUT_TIME, place, owner=owner)
        if field.history is not None and not field.optional:
            yield diagnose(files.HISTORY_NOT_OPTIONAL, at, owner=owner)
        if name == SINCE and catalog.customer.since is not None:
            yield diagnose(files.SINCE_TWICE, at)
    for event, entry in catalog.events.items():
        for name, field in entry.fields.items():
            if field.history is not None:
                path = ("events", event, "fields", name)
                place = positions.key((*path, "history")).place
                yield diagnose(files.HISTORY_OF_EVENT, place, owner=CatalogWords().owner(path))
