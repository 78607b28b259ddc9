"""Events on one core: the event path against other rule engines, at 1 to 10,000 campaigns.

All get the same rules and the same facts, compiled beforehand, and their answers are compared
before anything is timed. A peer answers with the points that each campaign gives, as `offers` does;
`decide` makes whole decisions (identity, recipient, cost, expiry, delivery, what limits count by).
Both in exact money. No rule asks about the past here, which peers do not keep: that comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from campaigner.runtime.engine import Engine, Event, History, compile_events

from . import timing
from .events_peers import ALL_AS_ONE, PEERS, Answer, Facts, Peer
from .events_project import Rule, compiled, customers, events, facts, rules

COUNTS = (1, 10, 100, 1_000, 10_000)
EVENTS = 5_000
CUSTOMERS = 1_000
WORK = 40_000
"""A peer decides so many (event, campaign) pairs at most, and 20 events at least."""


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
        whole, offers, expected = _ours(field)
        costs[count] = whole
        peers = dict(_peers(field, expected, "every rule"))
        helped = dict(_peers(field, expected, "dispatched"))
        if count == 100:
            _compare(whole, offers, peers, "")
            _compare(whole, offers, helped, " with our dispatch by event")
    growth = costs[10_000] / costs[100]
    print(f"\nan event at 10,000 campaigns costs {growth:.1f} times one at 100 (aim: at most 4)")
    _with_history(rules(100))


def _field(wanted: list[Rule], *, history: bool = False) -> Field:
    known = customers(CUSTOMERS)
    plan = compiled(wanted, history=history)
    start = perf_counter()
    engine = compile_events(plan)
    took = perf_counter() - start
    seen = events(EVENTS, len(wanted), known)
    state = engine.history()
    state.put_customers(known)
    print(f"\n{len(wanted):,} campaigns, compiled for events in {took * 1000:,.0f} ms")
    return Field(wanted, seen, list(facts(seen, known)), engine, state)


# --- ours ---------------------------------------------------------------------------------------


def _ours(field: Field) -> tuple[float, float, list[dict[str, int]]]:
    """Seconds an event, for whole decisions and for offers; the points that each event brings."""
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

    def whole() -> None:
        for event in field.events:
            engine.decide(event, history)

    def offers() -> None:
        for event in field.events:
            engine.offers(event, history)

    each = sum(map(len, decided)) / len(field.events)
    deciding = timing.function(whole) / len(field.events)
    offering = timing.function(offers) / len(field.events)
    _line("event path, what each campaign gives", offering)
    _line("event path, whole decisions", deciding, f"{each:.2f} decisions an event")
    return deciding, offering, points


def _line(what: str, seconds: float, more: str = "") -> None:
    told = f"  {what:<48} {seconds * 1e6:>12,.1f} µs an event {1 / seconds:>12,.0f} events/s"
    print(f"{told}  {more}".rstrip())


# --- peers --------------------------------------------------------------------------------------


def _peers(field: Field, expected: list[dict[str, int]], how: str) -> Iterator[tuple[str, float]]:
    """Seconds an event of each peer that is installed, once it has answered as we have."""
    for name, peer in PEERS.items():
        try:
            answer = peer(field.rules) if how == "every rule" else _dispatched(peer, field.rules)
        except ImportError:
            print(f"  {name} is not installed (pip install 'campaigner[bench]'): left out")
            continue
        looked_at = max(20, min(EVENTS, WORK // len(field.rules)))
        asked = field.facts[:looked_at]
        for one, wanted in zip(asked, expected, strict=False):
            if (found := answer(one)) != wanted:
                raise RuntimeError(f"{name} differs: {found}, ours {wanted}, of {one}")
        seconds = timing.function(_all(answer, asked), runs=3) / looked_at
        _line(f"{name}, {how}", seconds)
        yield name, seconds


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


def _compare(whole: float, offers: float, peers: Mapping[str, float], help_: str) -> None:
    """Against the fastest peer, as it is meant to be used, and with all rules made one."""
    usual = {name: seconds for name, seconds in peers.items() if name != ALL_AS_ONE}
    aim = "" if help_ else " (aim: at least 8)"
    for group in (usual, peers):
        name = min(group, key=group.__getitem__, default=None)
        if name is not None:
            print(
                f"  times as fast as {name}{help_}: {group[name] / offers:.1f} for its answer{aim},"
                f" {group[name] / whole:.1f} for whole decisions"
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

    seconds = timing.function(fed) / len(field.events)
    _line("event path with histories, recorded and decided", seconds)


if __name__ == "__main__":
    main()
