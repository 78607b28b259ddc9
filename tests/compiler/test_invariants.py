"""Invariants of a plan: shipped and generated projects have them, and each of them can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from campaigner.compiler.deployed.reading import load
from campaigner.compiler.invariants import INVARIANTS, check_invariants
from campaigner.compiler.invariants.walking import walk
from campaigner.compiler.plan import (
    Account,
    Audience,
    Benefit,
    BenefitLine,
    Branch,
    Campaign,
    CashLine,
    Charge,
    Check,
    ChoiceLine,
    Claims,
    CustomerField,
    DailyTrigger,
    DayAfterStep,
    Deadline,
    DeliveryDay,
    Eligibility,
    EventAggregate,
    EventPick,
    EventTrigger,
    FestivalTrigger,
    Following,
    GrantCount,
    Group,
    HourlyTrigger,
    LastWindow,
    Moment,
    MonthlyTrigger,
    NthTrigger,
    Opening,
    Plan,
    Pool,
    Proportion,
    Reversal,
    Reward,
    Share,
    Span,
    SpanAfterStep,
    Stage,
    Step,
    TimerTrigger,
    Unless,
    WalletLine,
    WeeksTrigger,
    WhenExhausted,
)
from campaigner.compiler.plan.expressions import (
    AudienceValue,
    Constant,
    EventValue,
    FeatureValue,
    Operation,
    Origin,
    RowValue,
    StageValue,
)
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.plan.types import BOOLEAN, DATE, INTEGER, TEXT, EnumType, MoneyType
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.dsl.words.catalogue import languages

from ..docs.examples import blocks
from ..projects import ROOT, compile_folder, write

MORE = """
audience rich_ones "Rich" aum >= 5 CNY
audience richer_ones "Richer" rich_ones and aum >= 6 CNY
budget whole_year "Year" { total 900 CNY }
budget one_spring "Spring" { from whole_year total 90 CNY }
benefit tea "Tea" { kind digital value 5 CNY cost 2 CNY expires after 9 days stock 4 }
benefit cake "Cake" { kind digital value 5 CNY cost 2 CNY expires after 9 days }
policy mild "Mild" { require consent_marketing at most 2 messages per 7 days }
campaign a_shares "Shares" {
  stage retail.growing
  audience yes
  trigger on day 3 of every month at 10:00 open every month from day 3 to day 31
  reward 5% of aum as cash up to 9 CNY limit 1 per customer
  budget { total 90 CNY share 40% for rich_ones from one_spring alert at 50%, 80% }
  message push "{{ customer.city }}"
  compliance { follows mild }
}
campaign b_offers "Offers" {
  audience count(order where amount > 5 CNY in last 3 days) = 0
  trigger every friday at 10:00
  reward choose 1 of tea, cake claimed on benefit_chosen where `benefit` is known by event.benefit
  budget { total 90 CNY when exhausted reward 3 points }
  compliance { follows mild }
}
campaign c_groups "Groups" {
  audience not (city in ("a", "b")) and richer_ones and days since last(order) > 3
  trigger on order where amount > 3 CNY reaching 3 customers per product within 2 days
  reward by { when event.amount > 5 CNY: tea otherwise: 1 points }
         deliver on day 5 of month 1 after event
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign d_reversed "Reversed" {
  audience yes
  trigger on order
  reward 1 points
  reversed on refund where reason = broken by event.order_id in proportion event.amount to amount
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign e_nth "Nth" {
  audience yes
  trigger on last friday of every quarter at 10:00
  reward 1 points
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign f_hourly "Hourly" {
  audience yes
  trigger every hour at :15
  reward 1 points
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign g_weeks "Weeks" {
  active 2026-01-01 to 2028-12-31
  audience yes
  trigger every 2 weeks on friday at 10:00
  reward 1 points
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign h_timers "Timers" {
  audience yes
  trigger 24 hours after order unless order where product = event.product
  reward 1 points
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign i_dates "Dates" {
  audience yes
  trigger 3 days before anniversary of birth_date at 10:00
  reward 1 points
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign j_carried "Carried" {
  audience yes
  trigger 3 days after invest.matures_on at 10:00
  reward 1 points
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign k_journeys "Journeys" {
  audience yes
  journey {
    step begun on order
      limit 1 per customer per month
      one at a time
      reward 1 points
    step again on order where amount > begun.amount by end of month 1 after begun
    step late 3 days after begun at 10:00 unless again
      message push "{{ begun.product }}"
    step third after again on day 5 of month 2 after begun at 10:00 if again.amount > 5 CNY
      reward 2 points
    leave on order where amount < 1 CNY
  }
  budget { total 90 CNY }
  compliance { follows mild }
}
campaign d_draws "Draws" {
  active 2026-01-01 to 2028-12-31
  audience received(a_shares) and last(order).amount > 3 CNY
  trigger on festival mid_autumn at 10:00
  reward draw { 20%: tea  30%: cake  rest: 1 points }
  budget { total 90 CNY }
  compliance { follows mild }
}
"""


@cache
def whole() -> Plan:
    """The project of the language's page, and campaigns with every kind of part."""
    page = "\n".join(text for _, text in blocks("campaign"))
    settings, catalog = blocks("toml")[0][1], blocks("yaml")[0][1]
    case = {"campaigner.toml": settings, "catalog.yaml": catalog, "all.campaign": page + MORE}
    with TemporaryDirectory() as folder:
        compiled = compile_folder(write(Path(folder), case))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    return compiled.plan


def changed(node: Any, kind: type[Any], change: Callable[[Any], Any]) -> Iterator[Any]:
    """The plan with one part of a kind changed, for each such part."""
    if isinstance(node, kind):
        yield change(node)
    elif isinstance(node, tuple):
        for place, item in enumerate(node):
            for one in changed(item, kind, change):
                yield (*node[:place], one, *node[place + 1 :])
    elif is_dataclass(node):
        for name in (one.name for one in fields(node) if one.init):
            for one in changed(getattr(node, name), kind, change):
                yield replace(node, **{name: one})  # type: ignore[type-var]


def _other(refusal: str) -> str:
    return "over_limit" if refusal == "over_budget" else "over_budget"


Break = tuple[str, type[Any], Callable[[Any], Any]]
UNKNOWN = FeatureValue("x", BOOLEAN, optional=True)

BREAKS: tuple[Break, ...] = (
    ("names are unique", Plan, lambda p: replace(p, events=(p.events[0], *p.events))),
    ("names are unique", Plan, lambda p: replace(p, features=(p.features[0], *p.features))),
    ("names are unique", Plan, lambda p: replace(p, accounts=(p.accounts[0], *p.accounts))),
    ("names are unique", Plan, lambda p: replace(p, campaigns=(p.campaigns[0], *p.campaigns))),
    ("names are unique", Plan, lambda p: replace(p, holidays=(p.holidays[0], *p.holidays))),
    ("names are unique", Campaign, lambda c: replace(c, steps=c.steps * 2)),
    ("lists without", Plan, lambda p: replace(p, accounts=p.accounts[::-1])),
    ("lists without", Plan, lambda p: replace(p, campaigns=p.campaigns[::-1])),
    ("lists without", Plan, lambda p: replace(p, features=p.features[::-1])),
    ("lists without", Plan, lambda p: replace(p, holidays=p.holidays[::-1])),
    ("references resolve", EventTrigger, lambda t: replace(t, event="nobody")),
    ("references resolve", EventAggregate, lambda f: replace(f, event="nobody")),
    ("references resolve", EventPick, lambda f: replace(f, event="nobody")),
    ("references resolve", EventPick, lambda f: replace(f, field="nobody")),
    ("references resolve", CustomerField, lambda f: replace(f, field="nobody")),
    ("references resolve", GrantCount, lambda f: replace(f, of="campaign", name="nobody")),
    ("references resolve", Unless, lambda u: replace(u, event="nobody")),
    ("references resolve", Moment, lambda m: replace(m, field="nothing")),
    ("conditions are decided", Unless, lambda u: replace(u, where=UNKNOWN)),
    ("periods are", TimerTrigger, lambda t: replace(t, span=Span(-1, "day"))),
    ("references resolve", FestivalTrigger, lambda t: replace(t, festival="nobody")),
    ("references resolve", FeatureValue, lambda v: replace(v, feature="nobody")),
    ("references resolve", AudienceValue, lambda v: replace(v, audience="nobody")),
    ("references resolve", StageValue, lambda v: replace(v, lifecycle="nobody")),
    ("references resolve", BenefitLine, lambda line: replace(line, benefit="nobody")),
    ("references resolve", ChoiceLine, lambda line: replace(line, options=("nobody",))),
    ("references resolve", Claims, lambda c: replace(c, event="nobody")),
    ("references resolve", Claims, lambda c: replace(c, field="nobody")),
    ("references resolve", Reversal, lambda c: replace(c, event="nobody")),
    ("references resolve", Reversal, lambda c: replace(c, field="nobody")),
    (
        "references resolve",
        Reversal,
        lambda c: replace(c, proportion=replace(c.proportion, part="nobody")),
    ),
    (
        "references resolve",
        Campaign,
        lambda c: replace(
            c,
            reversal=Reversal(
                "refund", None, "order_id", Proportion("amount", "x", c.origin), c.origin
            ),
        ),
    ),
    ("references resolve", Group, lambda g: replace(g, field="nobody")),
    ("references resolve", Share, lambda s: replace(s, audience="nobody")),
    ("references resolve", Charge, lambda c: replace(c, account="nobody")),
    ("references resolve", Charge, lambda c: replace(c, benefit="nobody")),
    ("references resolve", Charge, lambda c: replace(c, share=9)),
    ("references resolve", Pool, lambda p: replace(p, parent="nobody")),
    ("references resolve", Account, lambda a: replace(a, id="nobody")),
    ("references resolve", Account, lambda a: replace(a, key="nobody")),
    (
        "references resolve",
        Plan,
        lambda p: replace(p, campaigns=tuple(c for c in p.campaigns if c.name != "a_shares")),
    ),
    ("references resolve", Campaign, lambda c: replace(c, message_caps=("nobody",))),
    ("references form", Pool, lambda p: replace(p, parent=p.name)),
    (
        "references form",
        Plan,
        lambda p: replace(
            p,
            pools=tuple(
                replace(one, parent=other.name)
                for one, other in zip(p.pools, p.pools[::-1], strict=True)
            ),
        ),
    ),
    (
        "references form",
        Audience,
        lambda a: replace(a, condition=AudienceValue(a.name, origin=a.origin)),
    ),
    ("types fit", Operation, lambda o: replace(o, type=TEXT)),
    ("types fit", Operation, lambda o: replace(o, optional=not o.optional)),
    ("types fit", Operation, lambda o: replace(o, operator="nobody")),
    ("types fit", Operation, lambda o: replace(o, arguments=())),
    ("types fit", Constant, lambda c: Constant(DATE, "2026-02-30", c.origin)),
    ("types fit", Constant, lambda c: Constant(INTEGER, "many", c.origin)),
    ("types fit", Constant, lambda c: Constant(MoneyType("CNY"), "much", c.origin)),
    ("types fit", Constant, lambda c: Constant(EnumType(("a",)), "b", c.origin)),
    ("types fit", FeatureValue, lambda v: replace(v, optional=not v.optional)),
    ("types fit", StageValue, lambda v: replace(v, type=EnumType(("a",)))),
    ("types fit", WalletLine, lambda line: replace(line, amount=Constant(TEXT, "5"))),
    ("types fit", CashLine, lambda line: replace(line, currency="JPY")),
    ("conditions are decided", Stage, lambda s: replace(s, condition=Constant(INTEGER, "1"))),
    ("conditions are decided", Audience, lambda a: replace(a, condition=UNKNOWN)),
    ("conditions are decided", Eligibility, lambda e: replace(e, condition=UNKNOWN)),
    ("conditions are decided", Check, lambda c: replace(c, condition=UNKNOWN)),
    ("conditions are decided", Branch, lambda b: replace(b, condition=UNKNOWN)),
    ("conditions are decided", EventTrigger, lambda t: replace(t, where=UNKNOWN)),
    ("conditions are decided", Claims, lambda c: replace(c, where=UNKNOWN)),
    ("conditions are decided", Reversal, lambda c: replace(c, where=UNKNOWN)),
    ("conditions are decided", EventAggregate, lambda f: replace(f, where=UNKNOWN)),
    ("fields belong", EventValue, lambda v: replace(v, field="nobody")),
    ("fields belong", EventValue, lambda v: replace(v, type=DATE)),
    ("fields belong", RowValue, lambda v: replace(v, field="nobody")),
    ("fields belong", Eligibility, lambda e: replace(e, condition=RowValue("at", DATE, False))),
    ("steps do", Campaign, lambda c: replace(c, steps=())),
    ("steps do", Campaign, lambda c: replace(c, when_exhausted=WhenExhausted("reward", ()))),
    ("steps do", Step, lambda s: replace(s, reward=None, messages=())),
    ("steps do", Reward, lambda r: replace(r, branches=())),
    ("steps do", Branch, lambda b: replace(b, lines=())),
    ("steps of a", Campaign, lambda c: replace(c, journey=None)),
    ("steps of a", Campaign, lambda c: replace(c, steps=c.steps[::-1])),
    ("steps of a", Following, lambda f: replace(f, steps=())),
    ("steps of a", Following, lambda f: replace(f, steps=("nobody",))),
    ("steps of a", Following, lambda f: replace(f, unless_reached=("third",))),
    ("steps of a", Deadline, lambda d: replace(d, step="third")),
    ("steps of a", SpanAfterStep, lambda t: replace(t, step="third")),
    ("periods are", DayAfterStep, lambda t: replace(t, day=32)),
    ("branches can", Reward, lambda r: replace(r, branches=r.branches[-1:] * 2)),
    (
        "branches can",
        Reward,
        lambda r: replace(r, branches=tuple(replace(b, chance=Decimal(2)) for b in r.branches)),
    ),
    ("caps are", Account, lambda a: replace(a, refusal=_other(a.refusal))),
    ("caps are", Step, lambda s: replace(s, charges=s.charges[::-1])),
    ("caps are", Step, lambda s: replace(s, charges=s.charges * 2)),
    ("amounts are", Account, lambda a: replace(a, cap=Decimal(-1))),
    ("amounts are", Account, lambda a: replace(a, measure="grants", cap=Decimal("0.5"))),
    ("amounts are", Account, lambda a: replace(a, period="day", window=Span(1, "day"))),
    ("amounts are", Account, lambda a: replace(a, alerts=(Decimal(1), Decimal("0.5")))),
    ("amounts are", Account, lambda a: replace(a, alerts=(Decimal(0),))),
    ("amounts are", Campaign, lambda c: replace(c, holdout=Decimal("1.1"))),
    ("amounts are", Share, lambda s: replace(s, percent=Decimal("1.1"))),
    ("amounts are", Benefit, lambda b: replace(b, cost=Decimal(-1))),
    ("amounts are", CashLine, lambda line: replace(line, cap=Decimal(0))),
    ("amounts are", ChoiceLine, lambda line: replace(line, count=3)),
    ("amounts are", Group, lambda g: replace(g, count=0)),
    ("amounts are", LastWindow, lambda w: replace(w, count=-1)),
    ("amounts are", Span, lambda s: replace(s, count=-1)),
    ("periods are", Plan, lambda p: replace(p, time_zone="Nowhere/Land")),
    (
        "periods are",
        Campaign,
        lambda c: replace(c, active_from=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))),
    ),
    ("periods are", Opening, lambda o: replace(o, from_day=31, to_day=3)),
    ("periods are", MonthlyTrigger, lambda t: replace(t, day=32)),
    ("periods are", DailyTrigger, lambda t: replace(t, weekday=7)),
    ("periods are", NthTrigger, lambda t: replace(t, nth=5)),
    ("periods are", NthTrigger, lambda t: replace(t, weekday=7)),
    ("periods are", HourlyTrigger, lambda t: replace(t, minute=60)),
    ("periods are", WeeksTrigger, lambda t: replace(t, weeks=0)),
    ("periods are", WeeksTrigger, lambda t: replace(t, weekday=-1)),
    ("periods are", WeeksTrigger, lambda t: replace(t, first=date(2026, 1, 1))),
    ("periods are", DeliveryDay, lambda d: replace(d, day=0)),
    ("origins point", Origin, lambda o: replace(o, file="")),
    ("origins point", Origin, lambda o: replace(o, file="/etc/passwd")),
    ("origins point", Origin, lambda o: replace(o, line=0)),
    ("origins point", Origin, lambda o: replace(o, column=0)),
)


def test_every_invariant_has_a_plan_that_breaks_it() -> None:
    assert [
        words for words in INVARIANTS if not any(words.startswith(one) for one, *_ in BREAKS)
    ] == []


def test_plans_of_the_compiler_have_the_invariants() -> None:
    assert check_invariants(whole()) == ()


@pytest.mark.parametrize(
    ("words", "kind", "change"),
    [pytest.param(*one, id=f"{number}-{one[1].__name__}") for number, one in enumerate(BREAKS)],
)
def test_an_invariant_can_fail(words: str, kind: type[Any], change: Callable[[Any], Any]) -> None:
    check = next(INVARIANTS[one] for one in INVARIANTS if one.startswith(words))
    assert any(tuple(check(walk(one))) for one in islice(changed(whole(), kind, change), 60))


@pytest.mark.parametrize("project", ["bank", "complete_journey", "shop"])
def test_shipped_projects_have_the_invariants(project: str) -> None:
    made = compile_folder(ROOT / "campaigns" / project).plan
    assert made is not None
    assert check_invariants(made) == ()


@pytest.mark.parametrize(
    ("words", "kind", "change"),
    [
        pytest.param(*one, id=f"{number}-{one[1].__name__}")
        for number, one in enumerate(BREAKS)
        # A document has every instant in UTC.
        if one[:2] != ("periods are", Campaign)
    ],
)
def test_a_document_that_breaks_one_is_refused(
    words: str, kind: type[Any], change: Callable[[Any], Any]
) -> None:
    broken = (one for one in changed(whole(), kind, change) if check_invariants(one))
    with pytest.raises(CannotRun) as stopped:
        load(dump(next(broken)))
    diagnostic = stopped.value.diagnostic
    assert diagnostic.code.id == "E180"
    assert all(diagnostic.message(language) for language in languages()), words
