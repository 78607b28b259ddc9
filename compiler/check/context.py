"""The shared state of one compilation: the project, its names, and the diagnostics so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Fix, Label, Phrase
from ...dsl.diagnostics.source import Place, Span
from ...dsl.tree import Node
from ..codes import names
from ..plan import Benefit, CodeTable, Column, CustomerTable, EventTable, Feature
from ..plan.expressions import Origin
from ..project.channels import Channel
from .fixes import fix_of
from .symbols import Symbols

_UNKNOWN = (names.UNKNOWN_NAME, names.UNKNOWN_FIELD, names.UNKNOWN_DECLARATION)


@dataclass(frozen=True, slots=True)
class Context:
    """One compilation. The last three grow as it goes; all else is given.

    `longest`: so many bytes a message on each channel has at most. `staff`: channels that go to
    people of the house. `consents`: the customer's field that a channel asks.

    `festivals` have days in campaigner.toml.

    `doubtful` names stand in the catalog, but were left out for a mistake in them.
    `files`: campaigns of others are not read; `None` if all are.
    `past` has the pasts of the customer's fields, by field.
    `features` holds each fact about a customer once, by its id; `benefits` what can be given.
    """

    zone: ZoneInfo
    currency: str
    catalog_file: str
    customers: CustomerTable
    events: dict[str, EventTable]
    codes: dict[str, CodeTable]
    channels: Mapping[str, Channel]
    longest: Mapping[str, int]
    staff: frozenset[str]
    consents: Mapping[str, str]
    doubtful: frozenset[str]
    symbols: Symbols
    festivals: frozenset[str] = frozenset()
    past: Mapping[str, EventTable] = field(default_factory=dict)
    files: Collection[str] | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    features: dict[str, Feature] = field(default_factory=dict)
    benefits: dict[str, Benefit] = field(default_factory=dict)

    def reads(self, node: Node) -> bool:
        """Whether a campaign is in one of the files that are read."""
        return self.files is None or node.span.source.path in self.files

    def report(self, code: Code, at: Node | Place, *labels: Label, **values: str | Phrase) -> None:
        """Note a mistake at a node or place, with the fix that its values leave no doubt about."""
        fix = fix_of(code, at.span, values) if isinstance(at, Node) else None
        self.report_with(fix, code, at, *labels, **values)

    def report_with(
        self,
        fix: Fix | None,
        code: Code,
        at: Node | Place,
        /,
        *labels: Label,
        **values: str | Phrase,
    ) -> None:
        """Note a mistake with its fix; `doubtful` names were reported with the catalog."""
        if code in _UNKNOWN and values.get("name") in self.doubtful:
            return
        place = at.span.place if isinstance(at, Node) else at
        self.diagnostics.append(Diagnostic(code, place, tuple(sorted(values.items())), labels, fix))

    def customer_field(self, name: str) -> Column | None:
        """The customer's field of that name."""
        return find_column(self.customer_fields, name)

    @property
    def customer_fields(self) -> tuple[Column, ...]:
        """All fields of the customer, those that have a history too."""
        return (*self.customers.fields, *(table.fields[0] for table in self.past.values()))

    def feature(self, feature: Feature) -> Feature:
        """The feature as the plan has it: the first of its id, which says the same."""
        return self.features.setdefault(feature.id, feature)


def find_column(columns: Iterable[Column], name: str) -> Column | None:
    """The column of that name, if there is one."""
    for column in columns:
        if column.name == name:
            return column
    return None


def origin(span: Span) -> Origin:
    """The position and the text of a span, with its white space folded."""
    line, column = span.source.position(span.start)
    return Origin(span.source.path, line, column, folded(span))


def folded(span: Span) -> str:
    """The text of a span on one line."""
    return " ".join(span.text.split())
