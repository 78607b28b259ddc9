"""Renames: warn if a name vanished from the plan while a similar one appeared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from ...compiler.codes import names
from ...compiler.plan import Campaign, Plan
from ...compiler.plan.expressions import Origin, where
from ...compiler.rewards.lines import lines_of_campaign, wallets_of
from ...compiler.rewards.table import kind_of
from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ..decide.charges import to_units
from ..ledger.contract import Ledger
from ..ledger.holders import Kind

_SAMPLE = 100
"""The number of grants of a vanished campaign that are read to find its rewards."""


def vanished(plan: Plan, ledger: Ledger) -> Iterator[Diagnostic]:
    """Yield a warning for each name that is new to the ledger and resembles a vanished one.

    Call it before anything is decided.
    """
    yield from _campaigns(plan, ledger)
    yield from _holders(plan, ledger)


# --- campaigns ----------------------------------------------------------------------------------


def _campaigns(plan: Plan, ledger: Ledger) -> Iterator[Diagnostic]:
    """Compare campaigns: two are alike if their names are, or if they give the same reward."""
    known, present = ledger.campaigns(), {campaign.name for campaign in plan.campaigns}
    gone = sorted(known - present)
    new = [campaign for campaign in plan.campaigns if campaign.name not in known]
    for campaign in new if gone else ():
        former = _alike(campaign, gone, ledger)
        if former is not None:
            place, name = where(campaign.origin), campaign.renamed or campaign.name
            yield diagnose(names.CAMPAIGN_VANISHED, place, name=name, former=former)


def _alike(campaign: Campaign, gone: list[str], ledger: Ledger) -> str | None:
    near = get_close_matches(campaign.name, gone, n=1)
    if near:
        return near[0]
    gives = set(_rewards(campaign))
    for former in gone if gives else ():
        if any(grant.reward in gives for grant in islice(ledger.grants(former), _SAMPLE)):
            return former
    return None


def _rewards(campaign: Campaign) -> Iterator[str]:
    """Yield the campaign's rewards under their names in grants."""
    for line in lines_of_campaign(campaign):
        row = kind_of(line)
        yield from (row.name(line), *row.benefits(line))


# --- pools, benefits and wallets ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Declared:
    """A name of the plan under which the ledger keeps balances. `caps` are those of a `Holder`."""

    kind: Kind
    name: str
    origin: Origin
    caps: frozenset[tuple[str, int]] = frozenset()


_WORDS = {
    "pool": (names.A_POOL, names.BEGINS_FULL),
    "benefit": (names.A_BENEFIT, names.STOCK_BEGINS_ANEW),
    "wallet": (names.A_WALLET, names.BEGINS_EMPTY),
}


def _holders(plan: Plan, ledger: Ledger) -> Iterator[Diagnostic]:
    """Compare pools, benefits and wallets: two of a kind are alike in their names or their caps."""
    known, declared = ledger.holders(), list(_declared(plan))
    kept = {(one.kind, one.name) for one in known}
    present = {(one.kind, one.name) for one in declared}
    gone = [one for one in known if one.amount and (one.kind, one.name) not in present]
    for new in declared if gone else ():
        same_kind = [one for one in gone if one.kind == new.kind]
        if (new.kind, new.name) in kept or not same_kind:
            continue
        near = get_close_matches(new.name, [one.name for one in same_kind], n=1)
        alike = (one.name for one in same_kind if one.caps and one.caps == new.caps)
        former = near[0] if near else next(alike, None)
        if former is not None:
            kind, follows = _WORDS[new.kind]
            values: dict[str, str | Phrase] = {
                "name": new.name,
                "former": former,
                "kind": kind,
                "follows": follows,
            }
            yield Diagnostic(
                names.HOLDER_VANISHED, where(new.origin), tuple(sorted(values.items()))
            )


def _declared(plan: Plan) -> Iterator[_Declared]:
    caps: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for account in plan.accounts:
        cap = (account.name, to_units(account, plan.currency))
        caps.setdefault((account.owner_kind, account.owner), set()).add(cap)
    for pool in plan.pools:
        yield _Declared(
            "pool", pool.name, pool.origin, frozenset(caps.get(("pool", pool.name), ()))
        )
    for benefit in plan.benefits:
        stock = frozenset(caps.get(("benefit", benefit.name), ()))
        if stock:
            yield _Declared("benefit", benefit.name, benefit.origin, stock)
    yield from (_Declared("wallet", name, one.origin) for name, one in wallets_of(plan).items())
