"""The messages of a decision: a step's templates, filled in."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from ...compiler.messages.filters import TooLongError
from ...compiler.messages.phrases import Phrase
from ...compiler.messages.templates import Part, storable
from ...compiler.plan import Campaign, Message, Plan
from ...compiler.plan.values import Value, decode
from ..decide.decisions import Decision, Identity, Line
from .templates import fill

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_FAULTS = (TypeError, ValueError, ArithmeticError, LookupError)

FAILED = "message_failed"
TOO_LONG = "message_too_long"
FORBIDDEN = "forbidden_phrase"


@dataclass(frozen=True, slots=True)
class Written:
    """A message for its channel. `reason` says why it cannot be sent; then `text` is empty."""

    channel: str
    text: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """A message ready to be filled; `joined` is how its language joins several rewards."""

    message: Message
    campaign: Campaign
    joined: str
    names_code: bool
    forbidden: tuple[Phrase, ...]


class Messages:
    """The messages of a plan; each template is parsed once, when a message first needs it."""

    def __init__(self, plan: Plan) -> None:
        self._zone = ZoneInfo(plan.time_zone)
        self._labels = {benefit.name: benefit.label for benefit in plan.benefits}
        # Most messages of a campaign say the same, so each text is made once.
        self._filled = lru_cache(10_000)(self._fill)
        self._parts = cache(_read)
        self._texts = {
            (campaign.name, step.name): tuple(
                _Text(
                    message,
                    campaign,
                    "、" if _CHINESE.search(message.template) else " and ",
                    "code" in message.template,
                    tuple(Phrase(phrase) for phrase in message.forbidden),
                )
                for message in step.messages
            )
            for campaign in plan.campaigns
            for step in campaign.steps
        }

    def write(
        self, decision: Decision, lines: tuple[Line, ...], codes: Sequence[str] = ()
    ) -> list[Written]:
        """Return each message of the step, in its order, for a grant of `lines`.

        Values that are unknown for the customer are empty. A message that cannot be written has a
        reason; the others are not affected. `codes` are those that the grant took.
        """
        identity = decision.identity
        texts = self._texts[identity.campaign, identity.step]
        return [self._say(text, decision, lines, codes) for text in texts]

    def _say(
        self, text: _Text, decision: Decision, lines: tuple[Line, ...], codes: Sequence[str]
    ) -> Written:
        known = tuple(decision.values.get(value.name) for value in text.message.values)
        if not text.names_code:
            return self._filled(text, lines, known, "")
        if codes:
            # No code of class C3 stays in the cache.
            return self._fill(text, lines, known, text.joined.join(codes))
        return self._filled(text, lines, known, grant_code(decision.identity))

    def _fill(
        self, text: _Text, lines: tuple[Line, ...], known: tuple[str | None, ...], code: str
    ) -> Written:
        channel = text.message.channel
        parts = self._parts(text.message.template)
        if parts is None:
            return Written(channel, "", FAILED)
        try:
            values = self._values(text, lines, known, code)
            said = fill(parts, values, text.message.longest)
        except TooLongError:
            return Written(channel, "", TOO_LONG)
        except _FAULTS:
            return Written(channel, "", FAILED)
        if not storable(said):
            return Written(channel, "", FAILED)
        if any(phrase.is_in(said) for phrase in text.forbidden):
            return Written(channel, "", FORBIDDEN)
        return Written(channel, said)

    def _values(
        self, text: _Text, lines: tuple[Line, ...], known: tuple[str | None, ...], code: str
    ) -> dict[str, Value | None]:
        campaign = text.campaign
        values: dict[str, Value | None] = {
            "campaign.label": campaign.label,
            "campaign.appeal": campaign.appeal or "",
        }
        if lines:
            reward = self._reward(text.joined, lines, code)
            values |= {f"reward.{name}": said for name, said in reward.items()}
        for value, encoded in zip(text.message.values, known, strict=True):
            values[value.name] = None if encoded is None else decode(value.value.type, encoded)
        return values

    def _reward(self, joined: str, lines: tuple[Line, ...], code: str) -> dict[str, str]:
        lines = _worth_telling(lines)
        expiries = [line.expires_at for line in lines if line.expires_at is not None]
        return {
            "label": joined.join(self._label(line) for line in lines),
            "amount": joined.join(_totals(lines)),
            "code": code,
            "expires_at": self._clock(min(expiries)) if expiries else "",
        }

    def _label(self, line: Line) -> str:
        if line.benefit is not None:
            return self._labels[line.benefit]
        if line.choice is not None:
            return " / ".join(self._labels[one.benefit] for one in line.choice.options)
        return amount_text(line.amount, line.currency)

    def _clock(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")


def _read(template: str) -> tuple[Part, ...] | None:
    """The template's parts; `None` if it is one that `check` does not let pass."""
    from ...compiler.messages.reading import (  # noqa: PLC0415  (Jinja2 takes long to load)
        NotAllowedError,
        UnreadableError,
        read,
    )

    try:
        return read(template)
    except (UnreadableError, NotAllowedError):
        return None


def amount_text(amount: Decimal, currency: str) -> str:
    """Format an amount: `60 CNY`, `9.90 CNY`, `100 points`."""
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f} {currency}" if whole else f"{amount:f} {currency}"


def grant_code(identity: Identity) -> str:
    """Return a short reference to a grant, the same on every run.

    It can be computed, so it is public.
    """
    parts = "\0".join((identity.campaign, identity.step, identity.recipient, identity.occurrence))
    digest = hashlib.blake2b(parts.encode(), digest_size=10).digest()
    return base64.b32encode(digest).decode().rstrip("=")[:12]


def _worth_telling(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines that are given; without any, the deductions as positive units."""
    got = tuple(line for line in lines if line.amount > 0)
    return got or tuple(replace(line, amount=abs(line.amount)) for line in lines)


def _totals(lines: tuple[Line, ...]) -> list[str]:
    """Return a bundle's value: one sum for each currency or wallet, in the order of the lines."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.amount
    return [amount_text(amount, currency) for currency, amount in sums.items()]
