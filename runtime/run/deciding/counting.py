"""Results of the ledger, counted for the report: those that are alike at once.

Asking each result all that may be special about it takes twice as long: 3.5% of a run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import assert_never

from ....compiler.plan.steps import StepKey
from ...decide.braking.events import AlarmEvent, AlarmResult
from ...decide.claims import ClaimEvent, ClaimResult
from ...decide.decisions import Decision, Result
from ...decide.reversing.events import ReversalEvent, ReversalResult
from ...ledger.contract import Ledger
from ..report import Observed, Tally

Asked = Decision | ClaimEvent | ReversalEvent | AlarmEvent
Answer = Result | ClaimResult | ReversalResult | AlarmResult


def count_one_by_one(
    tallies: Mapping[StepKey, Tally],
    ledger: Ledger,
    found: Iterable[tuple[Asked, Answer]],
    observed: Observed,
) -> None:
    """Count results in their order."""
    for asked, result in found:
        tally = tallies[result.identity.key]
        tally.compare(ledger, asked, result)
        match result:
            case ClaimResult():
                tally.claim(result)
            case ReversalResult():
                tally.reverse(result)
            case Result():
                tally.add(result)
                observed.note(result)
            case AlarmResult():
                pass
            case _:
                assert_never(result)


def count_together(
    tallies: Mapping[StepKey, Tally],
    ledger: Ledger,
    found: Iterable[tuple[Asked, Answer]],
    observed: Observed,
) -> None:
    """Count results to the same numbers, those that are alike at once."""
    alike: dict[tuple[object, ...], list[Result]] = defaultdict(list)
    for asked, result in found:
        if not isinstance(result, Result) or result.changed or observed.wanted:
            count_one_by_one(tallies, ledger, [(asked, result)], observed)
        else:
            who, *rest = result
            alike[who[:2], *rest].append(result)
    for some in alike.values():
        tallies[some[0].identity.key].add_alike(some)
