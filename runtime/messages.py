"""The words that go out: a step's templates, filled for one decision."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from ..compiler.plan import Campaign, Message, Plan
from ..dsl.codes import delivery as codes
from ..dsl.diagnostics import CannotRun, diagnose
from .decisions import Decision, Identity, Line

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_FAULTS = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError)


class Fields:
    """What stands behind a name in a template, `customer` say: its fields and nothing else.

    No mapping, because a template would find the methods of one before a field called `items`.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """A message ready to be filled; `joined` is how its language joins several rewards."""

    message: Message
    campaign: Campaign
    template: Template
    joined: str
    names_code: bool


class Messages:
    """Every message of a plan, its templates compiled once."""

    def __init__(self, plan: Plan) -> None:
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        self._zone = ZoneInfo(plan.time_zone)
        self._labels = {benefit.name: benefit.label for benefit in plan.benefits}
        # Most messages of a campaign say the same, so each text is made once.
        self._filled = lru_cache(10_000)(self._fill)
        self._texts = {
            (campaign.name, step.name): tuple(
                _Text(
                    message,
                    campaign,
                    environment.from_string(message.template),
                    "、" if _CHINESE.search(message.template) else " and ",
                    "code" in message.template,
                )
                for message in step.messages
            )
            for campaign in plan.campaigns
            for step in campaign.steps
        }

    def write(self, decision: Decision, lines: tuple[Line, ...]) -> list[tuple[str, str]]:
        """Channel and text of each message of the step, in its order, for a grant of `lines`.

        A value that is unknown for this customer is empty text. `CannotRun` where a template asks
        for more than it can have.
        """
        identity = decision.identity
        texts = self._texts[identity.campaign, identity.step]
        return [(text.message.channel, self._say(text, decision, lines)) for text in texts]

    def _say(self, text: _Text, decision: Decision, lines: tuple[Line, ...]) -> str:
        known = tuple(decision.values.get(value.name) or "" for value in text.message.values)
        code = grant_code(decision.identity) if text.names_code else ""
        try:
            return self._filled(text, lines, known, code)
        except _FAULTS as fault:
            raise CannotRun(
                diagnose(
                    codes.MESSAGE_FAILED,
                    None,
                    channel=text.message.channel,
                    campaign=text.campaign.name,
                    recipient=decision.identity.recipient,
                )
            ) from fault

    def _fill(self, text: _Text, lines: tuple[Line, ...], known: tuple[str, ...], code: str) -> str:
        campaign = text.campaign
        fields: dict[str, dict[str, str]] = {
            "reward": self._reward(text.joined, lines, code) if lines else {},
            "campaign": {"label": campaign.label, "appeal": campaign.appeal or ""},
        }
        for value, told in zip(text.message.values, known, strict=True):
            owner, _, name = value.name.partition(".")
            fields.setdefault(owner, {})[name] = told
        return text.template.render({name: Fields(held) for name, held in fields.items()})

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


def amount_text(amount: Decimal, currency: str) -> str:
    """As people write it: `60 CNY`, `9.90 CNY`, `100 points`."""
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f} {currency}" if whole else f"{amount:f} {currency}"


def grant_code(identity: Identity) -> str:
    """A short reference to a grant, the same on every run. It can be computed: it is no secret."""
    parts = "\0".join((identity.campaign, identity.step, identity.recipient, identity.occurrence))
    digest = hashlib.blake2b(parts.encode(), digest_size=10).digest()
    return base64.b32encode(digest).decode().rstrip("=")[:12]


def _worth_telling(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """What is got; where nothing is, what is taken, as so many units. A price is not a reward."""
    got = tuple(line for line in lines if line.amount > 0)
    return got or tuple(replace(line, amount=abs(line.amount)) for line in lines)


def _totals(lines: tuple[Line, ...]) -> list[str]:
    """What a bundle is worth: one sum a currency or wallet, in the order of the lines."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.amount
    return [amount_text(amount, currency) for currency, amount in sums.items()]
