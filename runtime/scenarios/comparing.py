"""Compare what came of a turn with what the scenario expects: no more, and no less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ...compiler.plan import CHOICE
from ...compiler.scenarios.model import (
    Expected,
    ExpectedBalance,
    ExpectedMessage,
    ExpectedNothing,
    ExpectedOutcome,
    ExpectedReward,
    ExpectedStage,
    Line,
)
from ...compiler.scenarios.outcomes import MOMENTS
from .came import Came, CameLine, CameMessage, CameOutcome, CameReward


@dataclass(frozen=True, slots=True)
class State:
    """Answers about customers at the end of a turn."""

    stage: dict[tuple[str, str], str | None]
    balance: dict[tuple[str, str], int]
    lost: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """The differences of a turn: expected and did not come, or came and was not expected.

    `actual` is what is true instead, of a stage, a balance or a clause.
    """

    missing: tuple[Expected, ...]
    more: tuple[Came, ...]
    actual: tuple[tuple[Expected, str | None], ...]

    @property
    def is_empty(self) -> bool:
        """Whether all is as expected."""
        return not (self.missing or self.more or self.actual)


def compared(expected: Sequence[Expected], came: Sequence[Came], state: State) -> Difference:
    """Compare. Refusals are named once for a customer, however often they came."""
    left, missing = list(came), list[Expected]()
    actual: list[tuple[Expected, str | None]] = []
    nobody: set[str | None] = set()
    for one in sorted(expected, key=_freedom):
        match one:
            case ExpectedReward() | ExpectedMessage():
                found = next((seen for seen in left if _fits(one, seen)), None)
                if found is None:
                    missing.append(one)
                else:
                    left.remove(found)
            case ExpectedOutcome():
                found_ = [seen for seen in left if _fits(one, seen)]
                if not found_:
                    missing.append(one)
                elif one.outcome in MOMENTS:
                    left.remove(found_[0])
                else:
                    left = [seen for seen in left if seen not in found_]
            case ExpectedStage(customer, lifecycle, stage):
                now = state.stage[customer, lifecycle]
                if now != stage:
                    actual.append((one, now))
            case ExpectedBalance(customer, wallet, units):
                held = state.balance[customer, wallet]
                if held != units:
                    actual.append((one, str(held)))
            case ExpectedNothing(customer, because):
                nobody.add(customer)
                if because is not None:
                    why = state.lost[customer or ""]
                    if why is None or " ".join(why.split()) != because:
                        actual.append((one, why))
    more = [one for one in left if not (_is_refusal(one) and _nobody(nobody, one))]
    return Difference(tuple(missing), tuple(_once(more)), tuple(actual))


def _freedom(one: Expected) -> int:
    """Those that say more are matched first, so that a looser one does not take their place."""
    match one:
        case ExpectedReward(customer, _, at) | ExpectedMessage(customer, _, None, at):
            return (customer is None) + (at is None) + isinstance(one, ExpectedMessage)
        case ExpectedMessage(customer, _, _, at):
            return (customer is None) + (at is None)
        case ExpectedOutcome(customer, _, step):
            return (customer is None) + (step is None)
        case _:
            return 0


def _nobody(nobody: set[str | None], one: Came) -> bool:
    return None in nobody or one.customer in nobody


def _is_refusal(one: Came) -> bool:
    return isinstance(one, CameOutcome) and one.outcome not in MOMENTS


def _once(more: Iterable[Came]) -> Iterable[Came]:
    """Each refusal of a customer once."""
    seen: set[tuple[str, str]] = set()
    for one in more:
        if isinstance(one, CameOutcome) and _is_refusal(one):
            if (one.customer, one.outcome) in seen:
                continue
            seen.add((one.customer, one.outcome))
        yield one


def _fits(expected: Expected, came: Came) -> bool:
    match expected, came:
        case ExpectedReward(customer, lines, at), CameReward(who, _, given, when):
            return _is_of(customer, who) and _at(at, when) and _same(lines, given)
        case ExpectedMessage(customer, channel, said, at), CameMessage(who, on, text, when):
            return (
                _is_of(customer, who) and channel == on and said in (None, text) and _at(at, when)
            )
        case ExpectedOutcome(customer, outcome, step), CameOutcome(who, of, what, _):
            return _is_of(customer, who) and outcome == what and step in (None, of)
        case _:
            return False


def _is_of(customer: str | None, who: str) -> bool:
    return customer is None or customer == who


def _at(at: datetime | None, when: datetime) -> bool:
    return at is None or at == when


def _same(lines: Sequence[Line], given: Sequence[CameLine]) -> bool:
    """Whether the bundles have the same lines, in any order."""
    left = list(given)
    for line in lines:
        found = next((one for one in left if _is_line(line, one)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _is_line(line: Line, given: CameLine) -> bool:
    if line.reward != given.reward:
        return False
    amount: Decimal | None = line.amount
    return line.reward == CHOICE or amount is None or amount == given.amount
