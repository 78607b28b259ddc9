"""The rules of the events' benchmark in the languages of other rule engines.

Each peer gets its rules compiled beforehand, and answers an event with what each campaign gives:
points, or 0. The kind of event is asked first, so that what does not concern it is given up at
once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from .events_project import Rule

Facts = Mapping[str, Any]
Answer = Callable[[Facts], dict[str, int]]
"""The points that each campaign gives, if it acts."""

ZONE = ZoneInfo("Asia/Shanghai")

Peer = Callable[[Sequence[Rule]], Answer]


def in_zen(rules: Sequence[Rule]) -> Answer:
    """zen-engine: one compiled expression a campaign."""
    import zen

    made = [
        (
            rule.name,
            zen.compile_expression(
                f'kind == "{rule.kind}" and product == "{rule.product}"'
                f" and at >= {_from(rule)} and at < {_until(rule)}"
                f" and consent_marketing and not(employee) and risk_level != null"
                f" and level >= {rule.level} and segment in [{_quoted(rule)}]"
                f" and amount >= {rule.amount} and product_risk <= risk_level"
                f" ? (aum >= {rule.aum} ? {rule.more} : {rule.less}) : 0"
            ),
        )
        for rule in rules
    ]

    def answer(facts: Facts) -> dict[str, int]:
        given = ((name, rule.evaluate(facts)) for name, rule in made)
        return {name: points for name, points in given if points}

    return answer


def in_cel(rules: Sequence[Rule]) -> Answer:
    """common-expression-language: one program a campaign, the facts made a context once."""
    import cel

    made = [
        (
            rule.name,
            cel.compile(
                f'kind == "{rule.kind}" && product == "{rule.product}"'
                f" && at >= {_from(rule)} && at < {_until(rule)}"
                f" && consent_marketing && !employee && risk_level != null"
                f" && level >= {rule.level} && segment in [{_quoted(rule)}]"
                f" && amount >= {rule.amount}.0 && product_risk <= risk_level"
                f" ? (aum >= {rule.aum}.0 ? {rule.more} : {rule.less}) : 0"
            ),
        )
        for rule in rules
    ]

    def answer(facts: Facts) -> dict[str, int]:
        context = cel.Context(variables=dict(facts))
        given = ((name, rule.execute(context)) for name, rule in made)
        return {name: points for name, points in given if points}

    return answer


def in_rule_engine(rules: Sequence[Rule]) -> Answer:
    """rule-engine: one rule a campaign."""
    import rule_engine

    made = [
        (
            rule.name,
            rule_engine.Rule(
                f'kind == "{rule.kind}" and product == "{rule.product}"'
                f" and at >= {_from(rule)} and at < {_until(rule)}"
                f" and consent_marketing and not employee and risk_level != null"
                f" and level >= {rule.level} and segment in [{_quoted(rule)}]"
                f" and amount >= {rule.amount} and product_risk <= risk_level"
                f" ? (aum >= {rule.aum} ? {rule.more} : {rule.less}) : 0"
            ),
        )
        for rule in rules
    ]

    def answer(facts: Facts) -> dict[str, int]:
        given = ((name, rule.evaluate(facts)) for name, rule in made)
        return {name: int(points) for name, points in given if points}

    return answer


def in_datalogic(rules: Sequence[Rule]) -> Answer:
    """datalogic-py: a rule set against facts that are parsed once, in one call."""
    import datalogic_py

    engine = datalogic_py.Engine()
    session = engine.session()
    names = [rule.name for rule in rules]
    made = [engine.compile(_json_logic(rule)) for rule in rules]

    def answer(facts: Facts) -> dict[str, int]:
        given = session.evaluate_many(made, datalogic_py.DataHandle(json.dumps(facts)))
        return {
            name: int(points) for name, points in zip(names, given, strict=True) if points != "0"
        }

    return answer


def in_datalogic_as_one(rules: Sequence[Rule]) -> Answer:
    """datalogic-py: all campaigns pasted into one expression, which lists only what acts."""
    import datalogic_py

    parts = [{"if": [_holds(rule), [rule.name, _points(rule)], []]} for rule in rules]
    made = datalogic_py.Engine().compile({"merge": parts})

    def answer(facts: Facts) -> dict[str, int]:
        told = iter(made.evaluate(facts))
        return dict(zip(told, told, strict=True))

    return answer


ALL_AS_ONE = "datalogic-py, all as one"
"""Not how its documentation has many rules, and it cannot say which of them failed; the fastest."""

PEERS: Mapping[str, Peer] = {
    "zen-engine": in_zen,
    "common-expression-language": in_cel,
    "rule-engine": in_rule_engine,
    "datalogic-py": in_datalogic,
    ALL_AS_ONE: in_datalogic_as_one,
}


def _json_logic(rule: Rule) -> dict[str, Any]:
    return {"if": [_holds(rule), _points(rule), 0]}


def _points(rule: Rule) -> dict[str, Any]:
    return {"if": [_is(">=", "aum", rule.aum), rule.more, rule.less]}


def _holds(rule: Rule) -> dict[str, Any]:
    return {
        "and": [
            _is("===", "kind", rule.kind),
            _is("===", "product", rule.product),
            _is(">=", "at", _from(rule)),
            _is("<", "at", _until(rule)),
            {"var": "consent_marketing"},
            {"!": {"var": "employee"}},
            _is("!==", "risk_level", None),
            _is(">=", "level", rule.level),
            _is("in", "segment", list(rule.segments)),
            _is(">=", "amount", rule.amount),
            _is("<=", "product_risk", {"var": "risk_level"}),
        ]
    }


def _is(operator: str, name: str, value: object) -> dict[str, Any]:
    return {operator: [{"var": name}, value]}


def _from(rule: Rule) -> int:
    return int(rule.first.replace(tzinfo=ZONE).timestamp())


def _until(rule: Rule) -> int:
    return int(rule.until.replace(tzinfo=ZONE).timestamp())


def _quoted(rule: Rule) -> str:
    return ", ".join(f'"{segment}"' for segment in rule.segments)
