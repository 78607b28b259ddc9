"""Brakes of a campaign: what pauses it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, assert_never

from ..expressions import Origin, unless
from ..value import Span


@dataclass(frozen=True, slots=True)
class Call:
    """The person whom a pause calls, by a message on a channel for staff."""

    name: str
    channel: str


@dataclass(frozen=True, slots=True)
class FailureBrake:
    """More than the share `over` of the deliveries that ended within the span have failed.

    At least `of` must have ended.
    """

    over: Decimal
    of: int
    within: Span
    origin: Origin
    call: Call | None = unless(None)
    kind: Literal["failures"] = "failures"


@dataclass(frozen=True, slots=True)
class EventBrake:
    """More than `over` events within the span, of customers whom the campaign reached before."""

    event: str
    over: int
    within: Span
    origin: Origin
    call: Call | None = unless(None)
    kind: Literal["event"] = "event"


@dataclass(frozen=True, slots=True)
class SpendBrake:
    """The net spend of a day is more than the share `over` of the day before, if that is not 0."""

    over: Decimal
    origin: Origin
    call: Call | None = unless(None)
    kind: Literal["spend"] = "spend"


Brake = FailureBrake | EventBrake | SpendBrake


def written(brake: Brake) -> str:
    """The condition of a brake as the language has it, the same however it was laid out."""
    match brake:
        case FailureBrake(over, of, within):
            least = "" if of == 1 else f" of at least {of}"
            return f"failures over {_percent(over)}{least} within {_span(within)}"
        case EventBrake(event, over, within):
            return f"{event} over {over} within {_span(within)}"
        case SpendBrake(over):
            return f"spend over {_percent(over)} of yesterday"
        case _:
            assert_never(brake)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"


def _span(span: Span) -> str:
    return f"{span.count} {span.unit}{'' if span.count == 1 else 's'}"
