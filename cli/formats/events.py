"""Decided events: a line of JSON each for programs, a table of totals for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...dsl.diagnostics import Diagnostic, Language
from ..tables import Column
from .outcome import changed_note, claims_note, refused

if TYPE_CHECKING:
    from ...runtime.claims import ClaimResult
    from ...runtime.decisions import Decision, Result
    from ...runtime.event_session import Told, Totals
    from ...runtime.event_worker import Decided


def as_lines(told: Told, language: Language) -> Iterator[str]:
    """A JSON object for each line that was read, in the shape of docs/json.md."""
    for number, became in told.lines:
        found = _wrong(became, language) if isinstance(became, Diagnostic) else _event(became)
        yield json.dumps({"line": number, **found}, ensure_ascii=False)


def _wrong(problem: Diagnostic, language: Language) -> dict[str, object]:
    return {"code": problem.code.id, "message": problem.message(language)}


def _event(decided: Decided) -> dict[str, object]:
    event = decided.event
    return {
        "event": event.name,
        "key": event.row["key"],
        "customer": event.customer,
        "known": decided.is_known,
        "decisions": [_decision(*result) for result in decided.results],
        "claims": [_claim(result) for result in decided.claims],
    }


def _claim(result: ClaimResult) -> dict[str, object]:
    return {
        "campaign": result.identity.campaign,
        "recipient": result.identity.recipient,
        "outcome": result.outcome,
        "grant": result.offer,
        "account": result.account,
        "repeated": result.repeated,
    }


def _decision(decision: Decision, result: Result) -> dict[str, object]:
    who = decision.identity
    return {
        "campaign": who.campaign,
        "step": who.step,
        "recipient": who.recipient,
        "occurrence": who.occurrence,
        "outcome": result.outcome,
        "account": result.account,
        "repeated": result.repeated,
        "changed": result.changed,
    }


def columns() -> tuple[Column, ...]:
    """The headings of the totals."""
    return (
        Column("campaign"),
        Column("granted", number=True),
        Column("earlier", number=True),
        Column("refused"),
    )


def rows(totals: Totals) -> list[tuple[str, ...]]:
    """A row a campaign that waits for events."""
    return [
        (name, f"{of['granted']:,}", f"{totals.earlier[name]:,}", ", ".join(refused(of)) or "-")
        for name, of in totals.outcomes.items()
    ]


def notes(totals: Totals) -> Iterator[str]:
    """What a table has no room for, a line each."""
    yield f"{totals.events:,} events"
    for name, outcomes in totals.claims.items():
        if outcomes:
            yield claims_note(name, outcomes)
    for name, changed in sorted(totals.changed.items()):
        if changed:
            yield changed_note(name, changed)
    if totals.of_unknown:
        yield f"{totals.of_unknown:,} of them of customers whom the warehouse does not have"
    if totals.unusable:
        yield f"{totals.unusable:,} lines passed over"
