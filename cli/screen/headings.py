"""The headings of tables, and the words in their cells that are not data.

Both are found by their English, which programs read in JSON and CSV.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...dsl.diagnostics.diagnostic import Phrase

HEADINGS: Mapping[str, Phrase] = MappingProxyType(
    {
        "channel": Phrase("headings.channel"),
        "late since": Phrase("headings.late_since"),
        "reason": Phrase("headings.reason"),
        "error": Phrase("headings.error"),
        "late deliveries": Phrase("headings.late_deliveries"),
        "oldest grant": Phrase("headings.oldest_grant"),
        "campaign": Phrase("headings.campaign"),
        "reached": Phrase("headings.reached"),
        "granted": Phrase("headings.granted"),
        "earlier": Phrase("headings.earlier"),
        "refused": Phrase("headings.refused"),
        "left": Phrase("headings.left"),
        "grant": Phrase("headings.grant"),
        "outcome": Phrase("headings.outcome"),
        "recipient": Phrase("headings.recipient"),
        "reward": Phrase("headings.reward"),
        "at": Phrase("headings.at"),
        "returned": Phrase("headings.returned"),
        "lost": Phrase("headings.lost"),
        "step": Phrase("headings.step"),
        "redrawn": Phrase("headings.redrawn"),
        "not redrawn": Phrase("headings.not_redrawn"),
        "seed (SHA-256)": Phrase("headings.seed_sha_256"),
        "table": Phrase("headings.table"),
        "rows": Phrase("headings.rows"),
        "left out": Phrase("headings.left_out"),
        "decided up to": Phrase("headings.decided_up_to"),
        "kept back": Phrase("headings.kept_back"),
        "next due": Phrase("headings.next_due"),
        "waiting": Phrase("headings.waiting"),
        "dead": Phrase("headings.dead"),
        "of": Phrase("headings.of"),
        "name": Phrase("headings.name"),
        "free": Phrase("headings.free"),
        "given": Phrase("headings.given"),
        "burnt": Phrase("headings.burnt"),
        "withdrawn": Phrase("headings.withdrawn"),
        "measure": Phrase("headings.measure"),
        "period": Phrase("headings.period"),
        "key": Phrase("headings.key"),
        "cap": Phrase("headings.cap"),
        "spent": Phrase("headings.spent"),
        "exhausted": Phrase("headings.exhausted"),
        "occurrence": Phrase("headings.occurrence"),
        "ends": Phrase("headings.ends"),
        "choose": Phrase("headings.choose"),
        "options": Phrase("headings.options"),
        "benefit": Phrase("headings.benefit"),
        "customer": Phrase("headings.customer"),
        "wallet": Phrase("headings.wallet"),
        "balance": Phrase("headings.balance"),
        "pending": Phrase("headings.pending"),
        "amount": Phrase("headings.amount"),
        "currency": Phrase("headings.currency"),
        "cost": Phrase("headings.cost"),
        "plan": Phrase("headings.plan"),
        "expires": Phrase("headings.expires"),
        "became": Phrase("headings.became"),
        "became_at": Phrase("headings.became_at"),
        "received": Phrase("headings.received"),
        "reversed": Phrase("headings.reversed"),
        "chosen": Phrase("headings.chosen"),
        "part": Phrase("headings.part"),
        "account": Phrase("headings.account"),
        "kind": Phrase("headings.kind"),
        "deliver_at": Phrase("headings.deliver_at"),
        "state": Phrase("headings.state"),
        "since": Phrase("headings.since"),
        "awaits": Phrase("headings.awaits"),
        "until": Phrase("headings.until"),
        "attempts": Phrase("headings.attempts"),
        "try_after": Phrase("headings.try_after"),
        "why": Phrase("headings.why"),
        "author": Phrase("headings.author"),
        "lost here": Phrase("headings.lost_here"),
        "clause": Phrase("headings.clause"),
        "words": Phrase("headings.words"),
        "first keys": Phrase("headings.first_keys"),
        "kind of group": Phrase("headings.kind"),
        "customers": Phrase("headings.customers"),
        "campaigns": Phrase("headings.campaigns"),
    }
)

WORDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "delivered": Phrase("values.delivered"),
        "suppressed": Phrase("values.suppressed"),
        "granted": Phrase("values.granted"),
        "already_granted": Phrase("values.already_granted"),
        "paused": Phrase("values.paused"),
        "resumed": Phrase("values.resumed"),
        "stopped": Phrase("values.stopped"),
        "already_paused": Phrase("values.already_paused"),
        "not_paused": Phrase("values.not_paused"),
        "is_stopped": Phrase("values.is_stopped"),
        "held_out": Phrase("values.held_out"),
        "not_eligible": Phrase("values.not_eligible"),
        "not_reached": Phrase("values.not_reached"),
        "already_inside": Phrase("values.already_inside"),
        "reached": Phrase("values.reached"),
        "inside": Phrase("values.inside"),
        "over": Phrase("values.over"),
        "left": Phrase("values.left"),
        "too_late": Phrase("values.too_late"),
        "over_limit": Phrase("values.over_limit"),
        "insufficient_balance": Phrase("values.insufficient_balance"),
        "out_of_stock": Phrase("values.out_of_stock"),
        "over_budget": Phrase("values.over_budget"),
        "waitlisted": Phrase("values.waitlisted"),
        "other_customer": Phrase("values.other_customer"),
        "claimed": Phrase("values.claimed"),
        "already_claimed": Phrase("values.already_claimed"),
        "unknown": Phrase("values.unknown"),
        "not_yours": Phrase("values.not_yours"),
        "reversed": Phrase("values.reversed"),
        "other_choice": Phrase("values.other_choice"),
        "too_early": Phrase("values.too_early"),
        "expired": Phrase("values.expired"),
        "not_offered": Phrase("values.not_offered"),
        "redeemed": Phrase("values.redeemed"),
        "already_redeemed": Phrase("values.already_redeemed"),
        "already_reversed": Phrase("values.already_reversed"),
        "partly_reversed": Phrase("values.partly_reversed"),
        "names_nothing": Phrase("values.names_nothing"),
        "of_another": Phrase("values.of_another"),
        "nothing_due": Phrase("values.nothing_due"),
        "kept": Phrase("values.kept"),
        "waiting": Phrase("values.waiting"),
        "served": Phrase("values.served"),
        "message": Phrase("values.message"),
        "rewards": Phrase("values.rewards"),
        "alert": Phrase("values.alert"),
        "money": Phrase("values.money"),
        "grants": Phrase("values.grants"),
        "messages": Phrase("values.messages"),
        "dead": Phrase("values.dead"),
        "yes": Phrase("values.yes"),
        "no": Phrase("values.no"),
    }
)
"""Outcomes, states, kinds, measures, and yes or no."""

REASONS: Mapping[str, Phrase] = MappingProxyType(
    {
        "campaign_removed": Phrase("values.campaign_removed"),
        "forbidden_phrase": Phrase("values.forbidden_phrase"),
        "left": Phrase("values.left"),
        "message_failed": Phrase("values.message_failed"),
        "message_too_long": Phrase("values.message_too_long"),
        "no_address": Phrase("values.no_address"),
        "no_consent": Phrase("values.no_consent"),
        "otherwise": Phrase("values.otherwise"),
        "not_allowed_at_delivery": Phrase("values.not_allowed_at_delivery"),
        "quiet_hours": Phrase("values.quiet_hours"),
    }
)
"""Why a row of the outbox waits or was suppressed."""

OWNERS: Mapping[str, Phrase] = MappingProxyType(
    {
        "campaign": Phrase("values.campaign"),
        "pool": Phrase("values.pool"),
        "benefit": Phrase("values.benefit"),
        "policy": Phrase("values.policy"),
    }
)
"""The kinds of declarations that have budgets, limits or stocks."""

COLUMNS_OF_WORDS = frozenset({"outcome", "became", "state", "returned", "kind", "measure"})
"""The headings under which a cell is one of `WORDS`."""
