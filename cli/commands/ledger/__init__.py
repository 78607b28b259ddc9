"""`campaigner ledger`: what was granted, what is left, and what changes it; one verb a file."""

from __future__ import annotations

from ...arguments.lazy import VerbGroup

_SUMMARIES = {
    "grants": "List what was granted.",
    "budgets": "List what is spent and left of every budget.",
    "balances": "List what customers have in their wallets.",
    "codes": "Count the codes that are left of every benefit.",
    "journeys": "List who is inside of a journey, and where.",
    "offers": "List offers that nothing was chosen from yet.",
    "claims": "List events that claimed, and their outcomes.",
    "reversals": "List events that took back grants, and their outcomes.",
    "brakes": "List who paused, resumed and stopped campaigns.",
    "verify": "Check that the ledger adds up and was not changed.",
    "rebuild": "Make balances and journeys anew from the entries.",
    "reveal": "Publish the seed of a campaign's draws, after its end.",
    "reverse": "Take grants back.",
    "claim": "Choose from an offer for its customer.",
    "redeem": "Mark benefits as used.",
    "grant": "Make a grant by hand, from a campaign's reserve.",
    "expire": "Settle what has ended.",
    "rewind": "Take back all that lies after an instant.",
    "migrate": "Bring an older ledger to the format of this version.",
}

command = VerbGroup(
    "ledger",
    package=__name__,
    folders=dict.fromkeys(
        (
            *("grants", "budgets", "balances", "codes", "journeys", "offers", "claims"),
            "reversals",
            "brakes",
        ),
        "lists",
    ),
    summaries=_SUMMARIES,
    text="Show what was granted and what is left; check and change the ledger.",
    exit_codes="Example: campaigner ledger budgets shop",
)
