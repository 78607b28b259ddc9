"""Mistakes in histories of fields and in what cancels events, which no entry shows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Phrase, diagnose, names_listed
from ...dsl.diagnostics.nearest import suggestions
from ..codes import files, reversals
from ..files.positions import KeyPath, Positions, nfkc
from ..plan import EventTable
from ..plan.data import SINCE
from ..plan.types import TEXT
from .catalog_entries import (
    CatalogEntries,
    CatalogWords,
    EnumEntry,
    FieldEntry,
    TextEntry,
)
from .entries import one_line


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


# --- labels of values ----------------------------------------------------------------------------


def wrong_labels(
    fields: Iterable[tuple[KeyPath, FieldEntry]], positions: Positions
) -> Iterator[Diagnostic]:
    """The labels of what is not among the values of an enum."""
    for path, field in fields:
        if not isinstance(field, EnumEntry):
            continue
        known = {nfkc(one) for one in field.values}
        for value in field.labels:
            if nfkc(value) not in known:
                place = positions.key((*path, "labels", value)).place
                near = {**suggestions(value, field.values), "known": names_listed(field.values)}
                name = str(path[-1])
                word = one_line(value)
                code = files.NOT_ONE_OF
                yield diagnose(code, place, labels=(), fix=None, name=name, value=word, **near)


# --- costs of acquisition ------------------------------------------------------------------------


def wrong_costs(catalog: CatalogEntries, positions: Positions) -> Iterator[Diagnostic]:
    """Yield the mistake that no field of the customer can have the words of the costs' channel."""
    if catalog.costs is None:
        return
    name = catalog.costs.channel.field
    fields = catalog.customer.fields
    place = positions.value(positions.in_text(("costs", "channel", "field"))).place
    words = [one for one, field in fields.items() if _has_words(field)]
    found = fields.get(nfkc(name))
    if found is None:
        if ("customer", "fields", name) not in positions.entries:
            near = suggestions(name, words)
            yield diagnose(files.COSTS_BY_NO_FIELD, place, labels=(), fix=None, name=name, **near)
    elif not _has_words(found):
        type_ = Phrase("catalog_entries.history", name=name) if found.history else found.type
        yield diagnose(files.COSTS_BY_NO_WORDS, place, name=name, type=type_)


def _has_words(field: FieldEntry) -> bool:
    is_plain = field.history is None and field.sensitivity == "C1"
    return isinstance(field, TextEntry | EnumEntry) and is_plain


# --- what cancels an event -----------------------------------------------------------------------


def wrong_cancellations(
    catalog: CatalogEntries, tables: Mapping[str, EventTable], positions: Positions
) -> Iterator[Diagnostic]:
    """Yield the mistakes in `cancelled_by`. `tables` are the events of the catalog by name."""
    for event, entry in catalog.events.items():
        if entry.cancelled_by is None:
            continue
        path: KeyPath = ("events", event, "cancelled_by")
        by, field = (nfkc(one) for one in (entry.cancelled_by.event, entry.cancelled_by.field))
        found = _Mistakes(catalog, tables, positions, path)
        yield from found.of(event, by, field)


class _Mistakes:
    """The mistakes of one `cancelled_by`."""

    def __init__(
        self,
        catalog: CatalogEntries,
        tables: Mapping[str, EventTable],
        positions: Positions,
        path: KeyPath,
    ) -> None:
        self._catalog = catalog
        self._tables = tables
        self._positions = positions
        self._path = path

    def of(self, event: str, by: str, field: str) -> Iterator[Diagnostic]:
        """Yield the first mistake: a later one may follow from it."""
        cancelling = self._tables.get(by)
        if by == event:
            yield self._at("event", reversals.CANCELS_ITSELF, event=event)
        elif cancelling is None:
            if not self._is_doubtful(("events", by)):
                near = suggestions(by, self._tables)
                yield self._at("event", reversals.CANCELLED_BY_NOTHING, name=by, **near)
        elif self._catalog.events[by].cancelled_by is not None:
            yield self._at("event", reversals.CANCELLED_IN_TURN, event=event, by=by)
        else:
            yield from self._of_field(cancelling, field)

    def _of_field(self, cancelling: EventTable, field: str) -> Iterator[Diagnostic]:
        column = next((one for one in cancelling.fields if one.name == field), None)
        by = cancelling.name
        if column is None:
            if not self._is_doubtful(("events", by, "fields", field)):
                near = suggestions(field, (one.name for one in cancelling.fields))
                yield self._at("field", reversals.CANCELLED_BY_NO_FIELD, name=field, by=by, **near)
        elif column.type != TEXT:
            kind = self._catalog.events[by].fields[field].type
            yield self._at("field", reversals.CANCELLED_BY_NO_KEY, name=field, by=by, type=kind)

    def _is_doubtful(self, path: KeyPath) -> bool:
        """Whether the text has it, with a mistake that is reported there."""
        return path in self._positions.entries

    def _at(self, entry: str, code: Code, **values: str | Phrase) -> Diagnostic:
        place = self._positions.value((*self._path, entry)).place
        owner = CatalogWords().owner(self._path)
        return diagnose(code, place, labels=(), fix=None, owner=owner, **values)
