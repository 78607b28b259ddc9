"""Limits, stocks and budgets in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import RESERVE, Account, Campaign, Charge, Step, account_id
from .clauses import Clause, Kind
from .names import Names
from .values import Words, listed, money, number, percent, period, quoted, span


def caps_of_step(names: Names, campaign: Campaign, step: Step) -> Iterator[Clause]:
    """The caps that only this step has."""
    names = names.of_step(step)
    for charge, account in _charged(names, step):
        if len(campaign.steps) > 1 and _is_of_step(account, step):
            yield from _cap(names, campaign, charge, account, step.name)


def caps_of_campaign(names: Names, campaign: Campaign) -> Iterator[Clause]:
    """The caps that are of no single step, each once; then what the budget holds back."""
    seen: set[tuple[str, int | None, str | None]] = set()
    for step in campaign.steps:
        for charge, account in _charged(names.of_step(step), step):
            key = charge.account, charge.share, charge.benefit
            if key in seen or (len(campaign.steps) > 1 and _is_of_step(account, step)):
                continue
            seen.add(key)
            yield from _cap(names.of_step(step), campaign, charge, account, None)
    reserve = account_id("campaign", campaign.name, RESERVE)
    others = {reserve, *campaign.message_caps} & names.accounts.keys()
    for account in map(names.accounts.__getitem__, sorted(others, key=names.places.__getitem__)):
        if account.id == reserve:
            told = Phrase("wording.reserve", amount=money(account.cap, names.plan.currency))
            yield Clause("budget", told, account.origin)
        if account.id in campaign.message_caps:
            yield Clause("message_cap", _messages(account), account.origin)


def _charged(names: Names, step: Step) -> Iterator[tuple[Charge, Account]]:
    accounts = names.accounts
    for charge in step.charges:
        yield charge, accounts[charge.account]


def _is_of_step(account: Account, step: Step) -> bool:
    return account.owner_kind == "campaign" and account.name.startswith(f"{step.name} ")


def _cap(
    names: Names, campaign: Campaign, charge: Charge, account: Account, step: str | None
) -> Iterator[Clause]:
    kind: Kind
    match account.measure:
        case "grants":
            kind = "stock" if account.refusal == "out_of_stock" else "limit"
            yield Clause(kind, _grants(names, campaign, account), account.origin, step)
        case "money" if account.key is not None:
            yield Clause("limit", _worth(names, account), account.origin, step)
        case "money":
            kind = "budget" if charge.share is None else "share"
            yield Clause(kind, _budget(names, campaign, charge, account), account.origin, step)
            if account.alerts:
                alerts = listed([percent(one) for one in account.alerts], "comma")
                alert = Phrase("wording.alert", percents=alerts)
                yield Clause("alert", alert, account.origin, step)
        case "messages":
            yield Clause("message_cap", _messages(account), account.origin, step)
        case _:
            assert_never(account.measure)


def _grants(names: Names, campaign: Campaign, account: Account) -> Phrase:
    count = number(account.cap)
    if account.key is None:
        told = _stock(names, account, count)
    else:
        told = Phrase("wording.limit", count=count, key=_keys(names, account))
        shared = names.sharers.get(account.id, ())
        others = [one for one in shared if one != campaign.name]
        if others and account.owner_kind == "campaign":
            rivals = listed([names.campaign_label(one) for one in others], "comma")
            told = Phrase("wording.limit_with", limit=told, campaigns=rivals)
    return _each(told, account)


def _stock(names: Names, account: Account, count: str) -> Phrase:
    match account.owner_kind:
        case "benefit":
            benefit = names.benefit(account.owner)
            return Phrase("wording.stock_of", count=count, benefit=benefit)
        case "campaign" | "pool" | "policy":
            return Phrase("wording.stock", count=count)
        case _:
            assert_never(account.owner_kind)


def _each(told: Phrase, account: Account) -> Phrase:
    if account.period is None:
        return Phrase("wording.sentence", words=told)
    return Phrase("wording.in_each", words=told, period=period(account.period))


def _worth(names: Names, account: Account) -> Phrase:
    worth = money(account.cap, names.plan.currency)
    told = Phrase("wording.worth", amount=worth, key=_keys(names, account))
    if account.owner_kind in ("policy", "pool"):
        told = Phrase("wording.worth_together", worth=told)
    return _each(told, account)


def _keys(names: Names, account: Account) -> Words:
    return listed([_key(names, one) for one in account.keys], "and")


def _key(names: Names, key: str) -> Words:
    match key:
        case "customer" | "customer.key":
            return Phrase("wording.customer")
        case "event.key":
            return Phrase("wording.the_event")
    owner, dot, field = key.partition(".")
    if dot and owner == "customer":
        if names.is_hidden(names.customer_column(field)):
            return Phrase("wording.hidden_value")
        return names.customer_field(field)
    if names.is_hidden(names.event_column(names.event, key)):
        return Phrase("wording.hidden_value")
    return names.field_of(names.event, key)


def _budget(names: Names, campaign: Campaign, charge: Charge, account: Account) -> Phrase:
    amount = money(account.cap, names.plan.currency)
    if charge.share is not None:
        if charge.share < len(campaign.shares):
            audience = names.audience(campaign.shares[charge.share].audience)
            return _each(Phrase("wording.share", amount=amount, audience=audience), account)
        return _each(Phrase("wording.share_of_others", amount=amount), account)
    match account.owner_kind:
        case "pool":
            label = next((one.label for one in names.plan.pools if one.name == account.owner), "")
            return _each(Phrase("wording.pool", amount=amount, pool=quoted(label)), account)
        case "campaign" | "policy" | "benefit":
            return _each(Phrase("wording.budget", amount=amount), account)
        case _:
            assert_never(account.owner_kind)


def _messages(account: Account) -> Phrase:
    count = number(account.cap)
    if account.window is None:
        return Phrase("wording.messages", count=count)
    return Phrase("wording.messages_within", count=count, span=span(account.window))
