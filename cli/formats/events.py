"""Decided events: a line of JSON each for programs, a table of totals for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase
from ..screen.tables import Column
from .outcome import (
    changed_note,
    claims_note,
    conflict_notes,
    kept_back_note,
    refused,
    reversals_note,
)

if TYPE_CHECKING:
    from ...runtime.decide.claims import ClaimIdentity, ClaimResult
    from ...runtime.decide.decisions import Decision, Identity, Result
    from ...runtime.decide.reversing.events import ReversalIdentity, ReversalResult
    from ...runtime.events.requests import Decided
    from ...runtime.events.session import DecidedLines, Totals
    from ...runtime.ledger.batches.conflicts import Conflict

    Named = Mapping[Identity | ClaimIdentity | ReversalIdentity, Conflict]


def as_lines(told: DecidedLines, language: Language) -> Iterator[str]:
    """A JSON object for each line that was read, in the shape of docs/json.md."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for number, became in told.lines:
        found = _wrong(became, language) if isinstance(became, Diagnostic) else _event(became)
        yield encode({"line": number, **found})


def _wrong(problem: Diagnostic, language: Language) -> dict[str, object]:
    return {"code": problem.code.id, "message": problem.message(language)}


def _event(decided: Decided) -> dict[str, object]:
    event = decided.event
    named = {one.identity: one for one in decided.conflicts}
    return {
        "event": event.name,
        "key": event.row["key"],
        "customer": event.customer,
        "known": decided.is_known,
        "decisions": [_decision(*result, named) for result in decided.results],
        "claims": [_claim(result, named) for result in decided.claims],
        "reversals": [_reversal(result, named) for result in decided.reversals],
    }


def _claim(result: ClaimResult, named: Named) -> dict[str, object]:
    return {
        "campaign": result.identity.campaign,
        "recipient": result.identity.recipient,
        "outcome": result.outcome,
        "grant": result.offer,
        "account": result.account,
        "repeated": result.repeated,
        **_changed(result.identity, named),
    }


def _reversal(result: ReversalResult, named: Named) -> dict[str, object]:
    return {
        "campaign": result.identity.campaign,
        "outcome": result.outcome,
        "repeated": result.repeated,
        **_changed(result.identity, named),
    }


def _changed(
    identity: Identity | ClaimIdentity | ReversalIdentity, named: Named
) -> dict[str, object]:
    """Return whether it would be different now, the decision in force, and the one of now."""
    one = named.get(identity)
    kept, now = (None, None) if one is None else (one.kept, one.now)
    return {"changed": one is not None, "kept": kept, "now": now}


def _decision(decision: Decision, result: Result, named: Named) -> dict[str, object]:
    who = decision.identity
    return {
        "campaign": who.campaign,
        "step": who.step,
        "recipient": who.recipient,
        "occurrence": who.occurrence,
        "outcome": result.outcome,
        "account": result.account,
        "repeated": result.repeated,
        "kept_back": list(result.kept_back),
        **_changed(who, named),
    }


def columns() -> tuple[Column, ...]:
    """The headings of the totals."""
    return (
        Column("campaign"),
        Column("granted", number=True),
        Column("earlier", number=True),
        Column("refused"),
    )


def rows(totals: Totals) -> list[tuple[str | Phrase, ...]]:
    """A row a step that waits for events."""
    return [
        (name, f"{of['granted']:,}", f"{totals.earlier[name]:,}", refused(of))
        for name, of in totals.outcomes.items()
    ]


def notes(totals: Totals) -> Iterator[Phrase]:
    """Yield a line for each total that the table does not show."""
    yield Phrase("events_notes.events", count=f"{totals.events:,}")
    for name, outcomes in totals.claims.items():
        if outcomes:
            yield claims_note(name, outcomes)
    for name, taken in totals.reversals.items():
        if taken:
            yield reversals_note(name, taken)
    for name, reasons in sorted(totals.kept_back.items()):
        yield kept_back_note(name, reasons)
    for name, changed in sorted(totals.changed.items()):
        if changed:
            yield changed_note(name, changed)
    yield from conflict_notes(totals.conflicts)
    if totals.of_unknown:
        yield Phrase("events_notes.of_unknown", count=f"{totals.of_unknown:,}")
    if totals.unusable:
        yield Phrase("events_notes.unusable", count=f"{totals.unusable:,}")
