"""A plan that was deployed, against the settings that it is carried out under."""

from __future__ import annotations

from collections.abc import Iterator

from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose, in_reading_order
from ...dsl.diagnostics.source import Place
from ..codes import compliance, plans
from ..files.folder import SETTINGS
from ..files.positions import KeyPath, Positions, toml_positions
from ..messages.phrases import Phrase as Forbidden
from ..plan import Message, Plan
from ..project.channels import SmtpSettings
from ..project.config import OwnDays
from ..project.settings import Settings, beginning
from ..project.validation import check_channels

_IN_USE, _MISSING = Phrase("deployed.in_use"), Phrase("deployed.missing")


def misfits(plan: Plan, settings: Settings) -> tuple[Diagnostic, ...]:
    """Each setting that the plan was made with and that is another one now.

    The settings themselves must have no error.
    """
    source = settings.sources.get(SETTINGS)
    positions = None if source is None else toml_positions(source)
    found = [
        diagnose(
            plans.PLAN_OF_ANOTHER, _place(positions, path), what=what, found=mine, expected=theirs
        )
        for path, what, mine, theirs in _settings(plan, settings)
        if mine != theirs
    ]
    found += check_channels(settings.config.channels, plan.customers, frozenset())
    return in_reading_order((*found, *_forbidden_subjects(plan, settings)))


_Setting = tuple[KeyPath, Phrase, str | Phrase, str | Phrase]
"""Where a setting is, what it is, and its value in the plan and in campaigner.toml."""


def _settings(plan: Plan, settings: Settings) -> Iterator[_Setting]:
    config = settings.config
    yield ("project", "name"), Phrase("deployed.name"), f"`{plan.project}`", f"`{config.name}`"
    yield (
        ("project", "time_zone"),
        Phrase("deployed.zone"),
        f"`{plan.time_zone}`",
        f"`{config.time_zone}`",
    )
    yield ("project", "currency"), Phrase("deployed.currency"), plan.currency, config.currency
    yield ("chance",), Phrase("deployed.seed"), _use(plan.seeded), _use(config.seed is not None)
    for holiday in plan.holidays:
        year = holiday.day.year
        day = config.festivals.get(holiday.festival, OwnDays()).day(year)
        if day is None and _is_of_the_library(holiday.festival):
            day = holiday.day
        at: KeyPath = ("calendar", holiday.festival, str(year))
        yield (
            at,
            Phrase("deployed.festival", name=holiday.festival, year=str(year)),
            str(holiday.day),
            _MISSING if day is None else str(day),
        )
    longest = {message.channel: message.longest for message in _messages(plan)}
    consents = {message.channel: message.consent for message in _messages(plan)}
    staff = {message.channel for message in _messages(plan) if message.staff}
    for name in sorted(longest):
        path: KeyPath = ("channels", name)
        if name not in config.channels:
            yield path, Phrase("deployed.channel", name=name), _IN_USE, _MISSING
        else:
            most = _bytes(config.longest[name])
            yield path, Phrase("deployed.longest", name=name), _bytes(longest[name]), most
            audience = Phrase("deployed.audience", name=name)
            yield path, audience, _audience(name in staff), _audience(name in config.staff)
            asked = Phrase("deployed.consent", name=name)
            yield path, asked, _consent(consents.get(name)), _consent(config.consents.get(name))


def _is_of_the_library(festival: str) -> bool:
    # A plan without festivals is carried out without any part of the language.
    from ..check.festivals import KNOWN_FESTIVALS  # noqa: PLC0415

    return festival in KNOWN_FESTIVALS


def _bytes(count: int) -> Phrase:
    return Phrase("deployed.bytes", count=f"{count:,}")


def _consent(field: str | None) -> str | Phrase:
    return Phrase("deployed.no_consent") if field is None else f"`customer.{field}`"


def _audience(is_staff: bool) -> str:
    return "`staff`" if is_staff else "`customers`"


def _use(is_used: bool) -> Phrase:
    return _IN_USE if is_used else _MISSING


def _messages(plan: Plan) -> Iterator[Message]:
    for campaign in plan.campaigns:
        for step in campaign.steps:
            yield from step.messages


def _forbidden_subjects(plan: Plan, settings: Settings) -> Iterator[Diagnostic]:
    """Phrases that the plan forbids in messages, in the subject of a channel that sends them."""
    for message in _messages(plan):
        channel = settings.config.channels.get(message.channel)
        if isinstance(channel, SmtpSettings):
            for phrase in message.forbidden:
                if Forbidden(phrase).is_in(channel.subject.text):
                    code, place = compliance.PHRASE_IN_LABEL, channel.subject.place
                    yield diagnose(code, place, policy=Phrase("deployed.the_plan"), phrase=phrase)


def _place(positions: Positions | None, path: KeyPath) -> Place:
    return beginning(SETTINGS) if positions is None else positions.key(path).place
