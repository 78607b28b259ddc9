"""Events on one core: the event path against other rule engines, at 1 to 10,000 campaigns.

All get the same rules and the same facts, compiled beforehand. Their answers are compared before
anything is timed. A peer answers with the points that each campaign gives, as `offers` does.
`decide` makes whole decisions (identity, recipient, cost, expiry, delivery, what limits count by).
Both are in exact money. Peers keep no past, so no rule asks about it here: that comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Any

from campaigner.runtime.events.engine import Engine, Event, History, compile_events

from . import timing
from .events_peers import ALL_AS_ONE, PEERS, Answer, Facts, Peer
from .events_project import Rule, compiled, customers, events, facts, rules

COUNTS = (1, 10, 100, 1_000, 10_000)
EVENTS = 5_000
CUSTOMERS = 1_000
WORK = 200_000
"""A peer decides so many (event, campaign) pairs at most, and 20 events at least."""

OFFERED = "event path, what each campaign gives"
DECIDED = "event path, whole decisions"
HELPED = ", after our dispatch by event"
AIMS, HELPED_AIMS = (" (aim: at least 8)", ""), ("", " (aim: at least 6)")
"""The aims for the same answer, and for whole decisions."""


@dataclass(frozen=True, slots=True)
class Field:
    """The same events for everybody: as ours, and as facts."""

    rules: Sequence[Rule]
    events: list[Event]
    facts: list[Facts]
    engine: Engine
    history: History


def main() -> None:
    costs: dict[int, float] = {}
    for count in COUNTS:
        field = _field(rules(count))
        took = _measured(field)
        costs[count] = took[DECIDED]
        if count == 100:
            _compare(took)
    growth = costs[10_000] / costs[100]
    print(f"\nan event at 10,000 campaigns costs {growth:.1f} times one at 100 (aim: at most 4)")
    _with_history(rules(100))


def _field(wanted: list[Rule], *, history: bool = False) -> Field:
    known = customers(CUSTOMERS)
    plan = compiled(wanted, history=history)
    start = process_time()
    engine = compile_events(plan)
    took = process_time() - start
    seen = events(EVENTS, len(wanted), known)
    state = engine.history()
    state.put_customers(known)
    print(f"\n{len(wanted):,} campaigns, compiled for events in {took * 1000:,.0f} ms")
    return Field(wanted, seen, list(facts(seen, known)), engine, state)


def _measured(field: Field) -> dict[str, float]:
    """Seconds an event: ours and each peer's that is installed, once all have answered alike."""
    expected = _expected(field)
    works: dict[str, Callable[[], None]] = {OFFERED: _each(field, field.engine.offers)}
    works[DECIDED] = _each(field, field.engine.decide)
    counts = {OFFERED: len(field.events), DECIDED: len(field.events)}
    looked_at = max(20, min(len(field.events), WORK // len(field.rules)))
    asked = field.facts[:looked_at]
    for name, peer in PEERS.items():
        try:
            ways = {name: peer(field.rules), name + HELPED: _dispatched(peer, field.rules)}
        except ImportError:
            print(f"  {name} is not installed (pip install 'campaigner[bench]'): left out")
            continue
        for way, answer in ways.items():
            for one, wanted in zip(asked, expected, strict=False):
                if (found := answer(one)) != wanted:
                    raise RuntimeError(f"{way} differs: {found}, ours {wanted}, of {one}")
            works[way], counts[way] = _all(answer, asked), looked_at
    took = {name: best / counts[name] for name, best in timing.together(works).items()}
    for name, seconds in took.items():
        _line(name, seconds)
    return took


# --- ours ---------------------------------------------------------------------------------------


def _expected(field: Field) -> list[dict[str, int]]:
    """The points that each event brings, by decisions and by offers."""
    engine, history = field.engine, field.history
    decided = [engine.decide(event, history) for event in field.events]
    points = [
        {decision.identity.campaign: int(decision.lines[0].amount) for decision in decisions}
        for decisions in decided
    ]
    for event, expected in zip(field.events, points, strict=True):
        offered = engine.offers(event, history)
        if {campaign: int(lines[0].amount) for campaign, _, lines in offered} != expected:
            raise RuntimeError(f"offers differ from decisions: {offered}")
    print(f"  {sum(map(len, decided)) / len(decided):.2f} decisions an event")
    return points


def _each(field: Field, ask: Callable[[Event, History], object]) -> Callable[[], None]:
    def work() -> None:
        for event in field.events:
            ask(event, field.history)

    return work


def _line(what: str, seconds: float) -> None:
    print(f"  {what:<52} {seconds * 1e6:>12,.2f} µs an event {1 / seconds:>12,.0f} events/s")


# --- peers --------------------------------------------------------------------------------------


def _all(answer: Answer, asked: Sequence[Facts]) -> Callable[[], None]:
    def work() -> None:
        for one in asked:
            answer(one)

    return work


def _dispatched(peer: Peer, wanted: Sequence[Rule]) -> Answer:
    """The peer with only the rules of each kind of event before it."""
    kinds: dict[str, list[Rule]] = {}
    for rule in wanted:
        kinds.setdefault(rule.kind, []).append(rule)
    answers = {kind: peer(found) for kind, found in kinds.items()}

    def answer(facts_: Mapping[str, Any]) -> dict[str, int]:
        chosen = answers.get(facts_["kind"])
        return {} if chosen is None else chosen(facts_)

    return answer


def _compare(took: Mapping[str, float]) -> None:
    """Against the fastest peer: as it is meant to be used, with all rules made one, and helped."""
    usual = [name for name in PEERS if name != ALL_AS_ONE]
    helped = [name + HELPED for name in PEERS]
    for names, (answer, whole) in ((usual, AIMS), (PEERS, AIMS), (helped, HELPED_AIMS)):
        name = min((each for each in names if each in took), key=took.__getitem__, default=None)
        if name is not None:
            print(
                f"  times as fast as {name}: {took[name] / took[OFFERED]:.1f} for its answer"
                f"{answer}, {took[name] / took[DECIDED]:.1f} for whole decisions{whole}"
            )


# --- with a past --------------------------------------------------------------------------------


def _with_history(wanted: list[Rule]) -> None:
    """Every campaign asks what the customer did in the last 30 days; each event is recorded too."""
    field = _field(wanted, history=True)

    def fed() -> None:
        history = field.engine.history()
        history.put_customers(field.history.customers)
        for event in field.events:
            field.engine.decide_batch([event], history)

    name = "event path with histories, recorded and decided"
    _line(name, timing.together({name: fed})[name] / len(field.events))


if __name__ == "__main__":
    main()
