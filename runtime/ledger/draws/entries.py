"""Draws in the audit chain: odds declared before a draw, seeds published after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ....compiler.plan.chance import seed_digest
from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import ledger as codes
from ..batches.loading import plan_number
from ..drawn import Draw, Reveal, odds_text
from ..instants import instant, instant_text
from ..store import Store

_DECLARED = "SELECT campaign, step FROM draws JOIN plans ON plans.id = plan WHERE digest = ?"
_SEEDS = "SELECT DISTINCT campaign, seed FROM draws WHERE seed IS NOT NULL"
_REVEAL = "SELECT seed, at FROM reveals WHERE campaign = ?"


def declare(store: Store, digest: str, draws: Sequence[Draw]) -> None:
    """See `Drawing.declare`."""
    if not draws:
        return
    _check(store, draws)
    if _new(store, digest, draws):
        held = {f"campaign/{draw.campaign}" for draw in draws}
        store.write(held, lambda: _declare(store, digest, draws))


def _new(store: Store, digest: str, draws: Sequence[Draw]) -> list[Draw]:
    known = {(campaign, step) for campaign, step in store.ask(_DECLARED, (digest,))}
    return [draw for draw in draws if (draw.campaign, draw.step) not in known]


def _check(store: Store, draws: Sequence[Draw]) -> None:
    seeds = _seeds(store)
    for draw in draws:
        before = seeds.get(draw.campaign, draw.seed)
        if before != draw.seed:
            reason = codes.NO_SEED_NOW if draw.seed is None else codes.other_seed(draw.seed[:12])
            drew, since = draw.campaign, str(before)[:12]
            raise CannotRun(
                diagnose(codes.SEED_CHANGED, None, campaign=drew, before=since, reason=reason)
            )


def _declare(store: Store, digest: str, draws: Sequence[Draw]) -> None:
    _check(store, draws)
    number, chain = plan_number(store, digest), store.chain()
    rows = []
    for draw in _new(store, digest, draws):
        entry, odds = chain.next, odds_text(draw.prizes)
        previous = chain.link(("draws", draw.campaign, draw.step, digest, draw.seed, odds))
        rows.append((entry, draw.campaign, draw.step, number, draw.seed, odds, previous))
    store.change("INSERT INTO draws VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    if chain.changed:
        store.keep_chain(chain)


def drawn_with(store: Store, campaign: str) -> str | None:
    """See `Drawing.drawn_with`."""
    return _seeds(store).get(campaign)


def _seeds(store: Store) -> dict[str, str]:
    """Return the digests of the seeds with which campaigns draw."""
    return {str(campaign): str(seed) for campaign, seed in store.ask(_SEEDS)}


def revealed(store: Store) -> dict[str, str]:
    """Return the published seeds by campaign."""
    rows = store.ask("SELECT campaign, seed FROM reveals")
    return {str(campaign): str(seed) for campaign, seed in rows}


def reveal(store: Store, campaign: str, seed: str, at: datetime) -> Reveal:
    """See `Drawing.reveal`."""
    return store.write({f"campaign/{campaign}"}, lambda: _reveal(store, campaign, seed, at))


def _reveal(store: Store, campaign: str, seed: str, at: datetime) -> Reveal:
    for kept, since in store.ask(_REVEAL, (campaign,)):
        return Reveal(campaign, kept, seed_digest(kept), instant(since))
    chain, told = store.chain(), instant_text(at)
    entry = chain.next
    previous = chain.link(("revealed", campaign, seed, told))
    store.change(
        "INSERT INTO reveals VALUES (?, ?, ?, ?, ?)", [(entry, campaign, seed, told, previous)]
    )
    store.keep_chain(chain)
    return Reveal(campaign, seed, seed_digest(seed), at)
