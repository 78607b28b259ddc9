"""Why campaigns gave nothing in a run: a sentence each for people, an object for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase, in_language
from ..screen.excerpt import safe
from ..screen.terminal import as_it_is

if TYPE_CHECKING:
    from ...compiler.plan.expressions import Origin
    from ...runtime.decide.decisions import Outcome
    from ...runtime.explain.funnel import Nothing, Remaining
    from ...runtime.run.report import CampaignReport, RunReport

SHOWN = 20
"""Campaigns that get a sentence, at most; JSON has all."""

_NAMED = Phrase("nothing.named")
_ALL_LOST = Phrase("nothing.all_lost")
_REST_LOST = Phrase("nothing.rest_lost")
_NOBODY = Phrase("nothing.nobody")
_NO_EVENT = Phrase("nothing.no_event")
_HAD_IT = Phrase("nothing.had_it")
_BEFORE = Phrase("nothing.before")
_NOT_ACTIVE = Phrase("nothing.not_active")
_NOT_DUE = Phrase("nothing.not_due")
_NOT_REACHED = Phrase("nothing.not_reached")
_UP_TO_DATE = Phrase("nothing.up_to_date")
_NOT_COUNTED = Phrase("nothing.not_counted")
_BECAUSE = Phrase("nothing.because")
_AT = Phrase("nothing.at")
_MORE = Phrase("nothing.more")
_CUSTOMER = Phrase("nothing.customer")
_CUSTOMERS = Phrase("nothing.customers")
_DECISION = Phrase("nothing.decision")
_DECISIONS = Phrase("nothing.decisions")
_OUTCOMES: dict[Outcome, Phrase] = {
    "other_customer": Phrase("nothing.outcomes.other_customer"),
    "stopped": Phrase("nothing.outcomes.stopped"),
    "paused": Phrase("nothing.outcomes.paused"),
    "held_out": Phrase("nothing.outcomes.held_out"),
    "not_reached": Phrase("nothing.outcomes.not_reached"),
    "already_inside": Phrase("nothing.outcomes.already_inside"),
    "too_late": Phrase("nothing.outcomes.too_late"),
    "reversed": Phrase("nothing.outcomes.reversed"),
    "over_limit": Phrase("nothing.outcomes.over_limit"),
    "insufficient_balance": Phrase("nothing.outcomes.insufficient_balance"),
    "out_of_stock": Phrase("nothing.outcomes.out_of_stock"),
    "over_budget": Phrase("nothing.outcomes.over_budget"),
    "waitlisted": Phrase("nothing.outcomes.waitlisted"),
}


class Teller:
    """Says of a run, in one language, why its campaigns gave nothing.

    `prefix` leads to files; `hidden` takes secrets out of a diagnostic.
    """

    def __init__(
        self,
        report: RunReport,
        zone: ZoneInfo,
        language: Language,
        prefix: str,
        hidden: Callable[[Diagnostic], Diagnostic] = as_it_is,
    ) -> None:
        self._hidden = hidden
        self._report = report
        self._zone = zone
        self._language = language
        self._prefix = prefix

    def lines(self) -> Iterator[str]:
        """A sentence for each campaign that gave nothing, those that were due first."""
        silent = [one for one in self._report.campaigns if one.nothing is not None]
        silent.sort(key=lambda one: one.nothing is not None and one.nothing.clause is not None)
        for one in silent[:SHOWN]:
            name = safe(one.shown)
            yield self._say(_NAMED, campaign=name, why=self.why(one))
        if silent[SHOWN:]:
            yield self._say(_MORE, count=f"{len(silent) - SHOWN:,}")

    def why(self, campaign: CampaignReport) -> str:
        """Why it gave nothing; empty if it gave something."""
        nothing = campaign.nothing
        if nothing is None:
            return ""
        start, end = self._instant(self._report.start), self._instant(self._report.end)
        clause = "" if nothing.clause is None else self._clause(nothing.clause)
        match nothing.reason:
            case "lost":
                why = self._last_clause(campaign, nothing.left)
            case "not_active":
                return self._say(_NOT_ACTIVE, clause=clause, start=start, end=end)
            case "not_reached":
                return self._say(_NOT_REACHED, clause=clause, start=start, end=end)
            case "not_due":
                return self._say(_NOT_DUE, clause=clause, start=start, end=end)
            case "up_to_date":
                return self._say(_UP_TO_DATE, end=end)
            case "not_counted":
                if nothing.problem is None:
                    return in_language(_NOT_COUNTED, self._language)
                return self._say(
                    _BECAUSE, reason=self._hidden(nothing.problem).message(self._language)
                )
        if nothing.at is None:
            return why
        return self._say(_AT, why=why, at=self._instant(nothing.at))

    def _last_clause(self, campaign: CampaignReport, left: Sequence[Remaining]) -> str:
        """The clause after which nobody is left, and how many were there before."""
        first, last = left[0], left[-1]
        clause = self._clause(last.origin)
        if last is first:
            return self._say(_NOBODY, clause=clause)
        all_, before = self._count(first), self._count(left[-2])
        if last.kind == "decided_before":
            already = campaign.already == campaign.repeated
            return self._say(_HAD_IT if already else _BEFORE, before=before)
        if last.kind == "trigger":
            start, end = self._instant(self._report.start), self._instant(self._report.end)
            return self._say(_NO_EVENT, before=before, clause=clause, start=start, end=end)
        if last.outcome is not None:
            outcome = _OUTCOMES.get(last.outcome)
            clause += f" ({in_language(outcome, self._language)})" if outcome else ""
        if left[-2].count == first.count:
            return self._say(_ALL_LOST, before=before, clause=clause)
        return self._say(_REST_LOST, all=all_, before=f"{left[-2].count:,}", clause=clause)

    def _count(self, left: Remaining) -> str:
        one, many = (_CUSTOMER, _CUSTOMERS) if left.of == "customers" else (_DECISION, _DECISIONS)
        return self._say(one if left.count == 1 else many, count=f"{left.count:,}")

    def _clause(self, origin: Origin) -> str:
        place = f"{self._prefix}{origin.file}:{origin.line}:{origin.column}"
        return safe(f"`{' '.join(origin.text.split())}` ({place})")

    def _instant(self, at: datetime) -> str:
        return at.astimezone(self._zone).isoformat(timespec="minutes")

    def _say(self, phrase: Phrase, **values: str) -> str:
        return phrase.say(self._language, values) or ""


def as_object(nothing: Nothing, sentence: str) -> dict[str, object]:
    """The same for programs, in the shape of docs/json.md."""
    lost = nothing.left[-1] if nothing.reason == "lost" else None
    clause = lost.origin if lost is not None else nothing.clause
    return {
        "reason": nothing.reason,
        "message": sentence,
        "clause": None if clause is None else _place(clause),
        "kind": None if lost is None else lost.kind,
        "at": None if nothing.at is None else nothing.at.isoformat(),
        "before": nothing.left[-2].count if nothing.left[1:] else None,
        "after": None if lost is None else lost.count,
        "left": [
            {
                "kind": one.kind,
                "of": one.of,
                "outcome": one.outcome,
                **_place(one.origin),
                "count": one.count,
            }
            for one in nothing.left
        ],
    }


def _place(origin: Origin) -> dict[str, object]:
    return {
        "text": " ".join(origin.text.split()),
        "file": origin.file,
        "line": origin.line,
        "column": origin.column,
    }
