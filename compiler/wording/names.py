"""The names of a plan as people read them: labels where the project has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import Account, Campaign, Column, CustomerField, EventPick, Plan, Step
from ..plan.data import KEY, SINCE
from ..plan.demands import Index
from ..plan.expressions import Constant, EventValue, Expression, FeatureValue, RowValue
from ..plan.triggers import TIMES
from .values import Words, quoted


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a sentence may use.

    `campaign` is the one that it is about. `event` is the kind of event at hand, `row` that of the
    past event which a history looks at. `public`: the sentence is for everybody to read, so that it
    names no field of class C2 or C3. `bare`: fields of the event at hand go without its name, which
    the sentence says anyway. `sharers` are the campaigns whose grants an account counts,
    `places` the order of accounts in the plan.
    """

    index: Index
    accounts: Mapping[str, Account]
    sharers: Mapping[str, tuple[str, ...]]
    places: Mapping[str, int]
    campaign: Campaign | None = None
    event: str | None = None
    row: str | None = None
    public: bool = False
    bare: bool = False

    @property
    def plan(self) -> Plan:
        """The plan whose parts are named."""
        return self.index.plan

    @property
    def zone(self) -> ZoneInfo:
        """The project's time zone."""
        return ZoneInfo(self.plan.time_zone)

    def of_campaign(self, campaign: Campaign) -> Names:
        """The names for the clauses of a campaign; those of one step have its event at hand."""
        event = campaign.steps[0].trigger.event if campaign.steps else None
        return replace(self, campaign=campaign, event=event)

    def of_step(self, step: Step) -> Names:
        """The names for the clauses of a step, whose event is at hand."""
        return replace(self, event=step.trigger.event)

    def of_event(self, event: str) -> Names:
        """The names for conditions on an event of this kind."""
        return replace(self, event=event)

    def of_itself(self) -> Names:
        """The names for conditions on the event at hand, inside words that name it."""
        return replace(self, bare=True)

    def of_row(self, event: str) -> Names:
        """The names for the conditions on a past event."""
        return replace(self, row=event)

    # --- fields -----------------------------------------------------------------------------

    def customer_field(self, name: str) -> Words:
        """A field of the customer."""
        if name == KEY:
            return Phrase("wording.customer_key")
        if name == SINCE and self.plan.customers.since:
            return Phrase("wording.since_when")
        return _label(self.customer_column(name), name)

    def row_field(self, name: str) -> Words:
        """A field of the past event at hand."""
        return self.field_of(self.row, name)

    def event_field(self, name: str) -> Words:
        """A field of the event at hand, or of that of an earlier step: `ticket.level`."""
        if name == TIMES:
            return Phrase("wording.times")
        step, dot, own = name.partition(".")
        if not dot:
            field = self.field_of(self.event, name)
            if self.bare:
                return field
            return Phrase("wording.field_of", field=field, of=self._at_hand())
        if step == "customer":
            return self.customer_field(own)
        event = self._event_with(step, own)
        is_customers = event is None and own not in ("at", "key")
        field = self.customer_field(own) if is_customers else self.field_of(event, own)
        return Phrase("wording.field_of", field=field, of=self.step(step))

    def field_of(self, event: str | None, name: str) -> Words:
        """A field of a kind of event, with the moment and the key that each has."""
        match name:
            case "at":
                return Phrase("wording.moment")
            case "key":
                return Phrase("wording.number")
            case _:
                return _label(self.event_column(event, name), name)

    def _at_hand(self) -> Words:
        return Phrase("wording.the_event") if self.event is None else self.event_name(self.event)

    def _event_with(self, step: str, field: str) -> str | None:
        """The event of a step; `None` if the field is the customer's, as the event lacks it."""
        steps = () if self.campaign is None else self.campaign.steps
        event = next((one.trigger.event for one in steps if one.name == step), None)
        table = None if event is None else self.index.events.get(event)
        known = {"at", "key"} | {one.name for one in (table.fields if table else ())}
        return event if field in known else None

    # --- columns, and whether they may be named -----------------------------------------------

    def customer_column(self, name: str) -> Column | None:
        """The column of a field of the customer; `None` of its key and of what is unknown."""
        found = (one for one in self.plan.customers.fields if one.name == name)
        return next(found, None)

    def event_column(self, event: str | None, name: str) -> Column | None:
        """The column of a field of an event, or of that of an earlier step."""
        step, dot, own = name.partition(".")
        if dot and event == self.event:
            event, name = self._event_with(step, own), own
            if event is None:
                return self.customer_column(own)
        table = None if event is None else self.index.events.get(event)
        fields = () if table is None else table.fields
        return next((one for one in fields if one.name == name), None)

    def column_of(self, expression: Expression) -> Column | None:
        """The column whose value an expression is; `None` if it is worked out of something."""
        match expression:
            case EventValue(field=name):
                return self.event_column(self.event, name)
            case RowValue(field=name):
                return self.event_column(self.row, name)
            case FeatureValue(feature=id_):
                match self.index.features[id_]:
                    case CustomerField(field=name):
                        return self.customer_column(name)
                    case EventPick(event=event, field=name):
                        return self.of_row(event).event_column(event, name)
        return None

    def answer(self, asked: Expression, value: Expression) -> str | None:
        """The label of a value with which an enum is compared; `None` if it has none."""
        column = self.column_of(asked)
        if column is None or not isinstance(value, Constant):
            return None
        label = dict(column.labels).get(value.value)
        return None if label is None else quoted(label)

    def is_hidden(self, column: Column | None) -> bool:
        """Whether a public sentence must not name the column."""
        return self.public and column is not None and column.sensitivity != "C1"

    # --- declarations -------------------------------------------------------------------------

    def event_name(self, name: str) -> Words:
        """A kind of event."""
        table = self.index.events.get(name)
        if table is not None and table.past_of is not None:
            return Phrase("wording.past_of", field=self.customer_field(table.past_of))
        return spaced(name) if table is None or table.label is None else table.label

    def audience(self, name: str) -> str:
        """An audience, by its label."""
        return quoted(_worded(self.index.audiences[name].label, name))

    def stage(self, lifecycle: str, name: str) -> str:
        """A stage of a lifecycle, by its label."""
        stages = self.index.lifecycles[lifecycle].stages
        return quoted(next((_worded(one.label, name) for one in stages if one.name == name), name))

    def lifecycle(self, name: str) -> str:
        """A lifecycle, by its label."""
        return quoted(_worded(self.index.lifecycles[name].label, name))

    def benefit(self, name: str) -> str:
        """A benefit, by its label."""
        found = self.index.benefits.get(name)
        return quoted(name if found is None else _worded(found.label, name))

    def campaign_label(self, name: str) -> str:
        """A campaign, by its label; the name where the plan has none."""
        found = (one for one in self.plan.campaigns if one.name == name)
        return quoted(next((_worded(one.label, name) for one in found), spaced(name)))

    def step(self, name: str) -> str:
        """A step of the campaign, by its label, inside a sentence."""
        return quoted(self.step_label(name))

    def step_label(self, name: str) -> str:
        """A step of the campaign, by its label."""
        steps = () if self.campaign is None else self.campaign.steps
        found = (one.label for one in steps if one.name == name)
        return next(found, None) or spaced(name)


def names_of(plan: Plan, *, public: bool = False) -> Names:
    """The names of a plan, for the team or for everybody."""
    sharers: dict[str, list[str]] = {}
    for campaign in plan.campaigns:
        charged = dict.fromkeys(
            charge.account for step in campaign.steps for charge in step.charges
        )
        for account in charged:
            sharers.setdefault(account, []).append(campaign.name)
    return Names(
        Index(plan),
        {account.id: account for account in plan.accounts},
        {account: tuple(found) for account, found in sharers.items()},
        {account.id: place for place, account in enumerate(plan.accounts)},
        public=public,
    )


def spaced(name: str) -> str:
    """A name without a label: words for its underscores."""
    return name.replace("_", " ").replace(".", " ")


def _worded(label: str, name: str) -> str:
    return spaced(name) if label == name else label


def _label(column: Column | None, name: str) -> str:
    return spaced(name) if column is None or column.label is None else column.label
