"""The node of each form, and its span."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing.lexer import decode
from campaigner.dsl.parsing.parser import parse

CORPUS = Path(__file__).parent.parent / "corpus" / "good"


def brief(node):
    """A node in one line: its kind and its parts, names and plain literals as they are."""
    if isinstance(node, tuple):
        return f"[{' '.join(brief(each) for each in node)}]"
    if not is_dataclass(node):
        return str(node)
    kind = type(node).__name__
    seen = [field.name for field in fields(node) if field.name != "span"]
    parts = [
        brief(getattr(node, name)) for name in seen if name != "ignoring_case" or node.ignoring_case
    ]
    return parts[0] if kind in ("Name", "NameRef") else f"{kind}({' '.join(parts)})"


def audience(condition):
    parsed = parse(SourceFile("x", f"audience a {condition}"))
    assert [each.message() for each in parsed.diagnostics] == []
    return brief(parsed.tree.declarations[0].condition)


def clause(text):
    parsed = parse(SourceFile("x", f"campaign c {{ {text} }}"))
    assert [each.message() for each in parsed.diagnostics] == []
    return brief(parsed.tree.declarations[0].clauses[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x or y and not z", "Or([x And([y Not(z)])])"),
        ("x and y and z", "And([x y z])"),
        ("(x and y) and z", "And([And([x y]) z])"),
        (
            "x + y - z * 2 > 1",
            "Comparison(> Arithmetic(x [[+ y] [- Arithmetic(z [[* Number(2 True)]])]])"
            " Number(1 True))",
        ),
        ("-x = - 1", "Comparison(= Negative(x) Negative(Number(1 True)))"),
        ("x else 0 >= 3", "Comparison(>= Else([x Number(0 True)]) Number(3 True))"),
        ("5% of x > y", "Comparison(> Arithmetic(Percent(5) [[* x]]) y)"),
        ("x in (y, z)", "Membership(x [y z] False)"),
        ("x not\n in (y)", "Membership(x [y] True)"),
        ("x between 1 and 2 and y", "And([Between(x Number(1 True) Number(2 True)) y])"),
        ("x is known", "IsKnown(x True)"),
        ("x is unknown", "IsKnown(x False)"),
        ("x starts  with y", "Comparison(starts with x y)"),
        ("x before event.at", "Comparison(before x Member(event at))"),
        ("x within last 1 day", "Within(x last Duration(1 day))"),
        ("x within next 24 hours", "Within(x next Duration(24 hour))"),
        ("days since x > y", "Comparison(> DaysSince(x) y)"),
        ("days until x.y = 7", "Comparison(= DaysUntil(Member(x y)) Number(7 True))"),
        ("anniversary of x is today", "AnniversaryToday(x)"),
        ("anniversary of x within next 7 days", "AnniversaryWithin(x Duration(7 day))"),
        ("floor(x) > ceil (x)", "Comparison(> Whole(floor x) Whole(ceil x))"),
        ("round(x) > round", "Comparison(> Whole(round x) round)"),
        ("floor.ceil > x.round", "Comparison(> Member(floor ceil) Member(x round))"),
        ("stage is retail.new", "StageIs([StageRef(retail new)] False)"),
        ("stage not in (a, b.c)", "StageIs([StageRef(None a) StageRef(b c)] True)"),
        ("has x", "Has(History(x None False None None) False)"),
        (
            "no x where y in last 2 weeks and z",
            "And([Has(History(x None False y WindowLast(Duration(2 week))) True) z])",
        ),
        ("received(x)", "Has(History(x None True None None) False)"),
        (
            "count(x.y where a or b this month)",
            "Aggregate(count History(x y False Or([a b]) WindowCalendar(month False)) False)",
        ),
        (
            "count(distinct x.y last quarter)",
            "Aggregate(count History(x y False None WindowCalendar(quarter True)) True)",
        ),
        (
            "sum(x.y before event)",
            "Aggregate(sum History(x y False None WindowBeforeEvent()) False)",
        ),
        ("count(x since y)", "Aggregate(count History(x None False None WindowSince(y)) False)"),
        ("min(x, y.z)", "Extreme(min [x Member(y z)])"),
        ("max(x.y)", "Aggregate(max History(x y False None None) False)"),
        ("first(x).first", "Pick(first History(x None False None None) first)"),
        ("days since last(x)", "DaysSince(Pick(last History(x None False None None) None))"),
        ("now > today", "Comparison(> Now() Today())"),
        ("yes", "Boolean(True)"),
        ("no", "Boolean(False)"),
        ("ａｂ", "ab"),
        ("`stage`", "stage"),
        ('x = "a\\"b\\\\c\\n\\t"', 'Comparison(= x Text(a"b\\c\n\t))'),
        ("1_000.50 CNY = 60CNY", "Comparison(= Money(1000.50 CNY) Money(60 CNY))"),
        (
            "2026-01-31 = 2026-01-31 9:05",
            "Comparison(= DateLiteral(2026-01-31) TimestampLiteral(2026-01-31 09:05:00))",
        ),
    ],
)
def test_expressions(text, expected):
    assert audience(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trigger on x", "Trigger(OnEvent(x None None) None)"),
        ("trigger every friday at 09:00", "Trigger(Every(friday TimeLiteral(09:00:00)) None)"),
        (
            "trigger on day 10 of every month at 10:00",
            "Trigger(Monthly(Number(10 True) TimeLiteral(10:00:00)) None)",
        ),
        (
            "trigger on last day of every month at 10:00",
            "Trigger(Nth(last day month TimeLiteral(10:00:00)) None)",
        ),
        (
            "trigger on first  monday # the one\n of every quarter at 10:00",
            "Trigger(Nth(first monday quarter TimeLiteral(10:00:00)) None)",
        ),
        ("trigger every hour at :05", "Trigger(Hourly(5) None)"),
        (
            "trigger every 2 weeks on friday at 10:00",
            "Trigger(EveryWeeks(Duration(2 week) friday TimeLiteral(10:00:00)) None)",
        ),
        (
            "trigger on x open every month from day 1 to day 5",
            "Trigger(OnEvent(x None None) OpenMonthly(Number(1 True) None Number(5 True)))",
        ),
        (
            "trigger on festival mid_autumn at 09:00",
            "Trigger(OnFestival(mid_autumn TimeLiteral(09:00:00)) None)",
        ),
        (
            "trigger 24 hours after register unless invest",
            "Trigger(Timer(Duration(24 hour) False Moment(None register False) None"
            " Unless(invest None)) None)",
        ),
        (
            "trigger 7 days before invest.matures_on at 10:00 unless x where y",
            "Trigger(Timer(Duration(7 day) True Moment(invest matures_on False)"
            " TimeLiteral(10:00:00) Unless(x y)) None)",
        ),
        (
            "trigger 3 days before anniversary of customer.birth_date at 09:00",
            "Trigger(Timer(Duration(3 day) True Moment(customer birth_date True)"
            " TimeLiteral(09:00:00) None) None)",
        ),
        ("reward coffee", "Reward(Bundle([BenefitReward(coffee)] None) [])"),
        (
            "reward a and 50 points limit 3 per customer per month first 10 per day",
            "Reward(Bundle([BenefitReward(a) WalletReward(Number(50 True) points None)] None)"
            " [Limit(Number(3 True) None None month) First(Number(10 True) day)])",
        ),
        (
            "reward 5% of event.amount as cash up to 50 CNY to event.x limit 1 per event.y",
            "Reward(Bundle([CashReward(Arithmetic(Percent(5) [[* Member(event amount)]]) cash"
            " None Money(50 CNY))] None) [RewardTo(Member(event x))"
            " Limit(Number(1 True) Member(event y) None None)])",
        ),
        (
            "reward by { when a: b otherwise: 2 points }",
            "Reward(RewardBy([RewardBranch(a Bundle([BenefitReward(b)] None))"
            " RewardBranch(None Bundle([WalletReward(Number(2 True) points None)] None))]"
            " None) [])",
        ),
        (
            "reward draw { 1%: a 9.5%: b and 2 points rest: 3 points } first 5",
            "Reward(RewardDraw([Prize(Percent(1) Bundle([BenefitReward(a)] None))"
            " Prize(Percent(9.5)"
            " Bundle([BenefitReward(b) WalletReward(Number(2 True) points None)] None))"
            " Prize(None Bundle([WalletReward(Number(3 True) points None)] None))] None)"
            " [First(Number(5 True) None)])",
        ),
        (
            "reward x / 2 points rounded down and 5% of x as cash rounded half up up to 5 CNY",
            "Reward(Bundle([WalletReward(Arithmetic(x [[/ Number(2 True)]]) points down)"
            " CashReward(Arithmetic(Percent(5) [[* x]]) cash half up Money(5 CNY))] None) [])",
        ),
        (
            "reward 5 points per 100 CNY of event.x",
            "Reward(Bundle([PerReward(Number(5 True) points Money(100 CNY) Member(event x))] None)"
            " [])",
        ),
        ("reward a to each", "Reward(Bundle([BenefitReward(a)] None) [RewardToEach()])"),
        (
            "trigger on x where y reaching 3 customers per team within 72 hours",
            "Trigger(OnEvent(x y Pattern(False Number(3 True) customers None team False"
            " Duration(72 hour) None)) None)",
        ),
        (
            "trigger on x reaching 5 times",
            "Trigger(OnEvent(x None Pattern(False Number(5 True) times None None False None None))"
            " None)",
        ),
        (
            "reward a and b for 2 * x points limit 1 per customer",
            "Reward(Bundle([BenefitReward(a) BenefitReward(b)]"
            " Price(Arithmetic(Number(2 True) [[* x]]) points None))"
            " [Limit(Number(1 True) None None None)])",
        ),
        (
            "reward draw { 1%: a for 3 growth } for 5 points first 2",
            "Reward(RewardDraw([Prize(Percent(1) Bundle([BenefitReward(a)]"
            " Price(Number(3 True) growth None)))] Price(Number(5 True) points None))"
            " [First(Number(2 True) None)])",
        ),
        (
            "take 5 growth to event.x limit 1 per customer per day",
            "Reward(Take(Number(5 True) growth None)"
            " [RewardTo(Member(event x)) Limit(Number(1 True) None None day)])",
        ),
        (
            "reward a deliver on day 5 of month 2 after event expires after 30 days",
            "Reward(Bundle([BenefitReward(a)] None) [DeliverOn(Number(5 True) Number(2 True))"
            " ExpiresAfter(Duration(30 day) None)])",
        ),
        (
            "reward choose 2 of a, b, c worth up to 60 CNY expires after 7 days forfeited",
            "Reward(Bundle([Choice(Number(2 True) [a b c] Money(60 CNY))] None)"
            " [ExpiresAfter(Duration(7 day) False)])",
        ),
        (
            "reward choose 1 of a, b for 5 points claimed on x where y > 3 by event.z",
            "Reward(Bundle([Choice(Number(1 True) [a b] None)] Price(Number(5 True) points None))"
            " [ClaimedOn(x Comparison(> y Number(3 True)) Member(event z))])",
        ),
        (
            "reward by { when a: choose 1 of b, c otherwise: d } expires after 7 days"
            " returning to budget",
            "Reward(RewardBy([RewardBranch(a Bundle([Choice(Number(1 True) [b c] None)] None))"
            " RewardBranch(None Bundle([BenefitReward(d)] None))] None)"
            " [ExpiresAfter(Duration(7 day) True)])",
        ),
        (
            "budget { per day 5 CNY per customer per week 6 CNY stock 7 per month share 8% for a }",
            "BudgetClause([CapPer(day Money(5 CNY)) CapPerCustomer(week Money(6 CNY))"
            " Stock(Number(7 True) month) Share(Percent(8) a)])",
        ),
        (
            "budget { when exhausted reward 1 points when exhausted stop }",
            "BudgetClause([WhenExhausted(reward"
            " Bundle([WalletReward(Number(1 True) points None)] None))"
            " WhenExhausted(stop None)])",
        ),
        (
            'compliance { follows a, b approved by "c" on 2026-01-15 }',
            "Compliance([Follows([a b]) ApprovedBy(Text(c) DateLiteral(2026-01-15))])",
        ),
        ("settled within 3 working days", "SettledWithin(Number(3 True) True)"),
        ("settled within 1 day", "SettledWithin(Number(1 True) False)"),
        ("stage a.b, c", "StageClause([StageRef(a b) StageRef(None c)])"),
        ('message push """\n    a\n      b\n    """', "Message(push Text(a\n  b) [])"),
        ('message push """a\n  b"""', "Message(push Text(a\n  b) [])"),
    ],
)
def test_clauses(text, expected):
    assert clause(text) == expected


def spans(node):
    if isinstance(node, tuple):
        for each in node:
            yield from spans(each)
    elif is_dataclass(node) and hasattr(node, "span"):
        yield node, node.span
        for field in fields(node):
            if field.name != "span":
                yield from ((inner, span) for inner, span in spans(getattr(node, field.name)))


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.campaign")), ids=lambda path: path.stem)
def test_a_span_covers_its_node_and_lies_in_that_of_its_parent(path):
    parsed = parse(SourceFile("x", path.read_text(encoding="utf-8")))
    for node, span in spans(parsed.tree):
        assert 0 <= span.start <= span.end <= len(span.source.text)
        for part in (getattr(node, field.name) for field in fields(node) if field.name != "span"):
            for each in part if isinstance(part, tuple) else (part,):
                if hasattr(each, "span"):
                    assert span.start <= each.span.start <= each.span.end <= span.end


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.campaign")), ids=lambda path: path.stem)
def test_line_ends_and_a_byte_order_mark_change_nothing(path):
    text = path.read_text(encoding="utf-8")
    plain = parse(SourceFile("x", text))
    data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    source, mistakes = decode(data, "x")
    assert mistakes == ()
    other = parse(source)
    assert other.tree == plain.tree
    assert other.diagnostics == ()
    places = [span.place for _, span in spans(plain.tree.declarations)]
    assert [span.place for _, span in spans(other.tree.declarations)] == places
    assert [each.text for each in other.comments] == [each.text for each in plain.comments]


def test_columns_count_characters():
    text = '\ufeffcampaign x "新客" {\r\n\towner\t"见面礼" oops\r\n}\r\n'
    source, _ = decode(text.encode(), "x")
    (mistake,) = parse(source).diagnostics
    place = mistake.place
    assert (place.line, place.column, place.end_line, place.end_column) == (2, 14, 2, 18)


def test_comments_are_kept_with_where_they_stand():
    text = "# first\naudience a # second\r\n  b and c in # third\n last 5 days\n#last"
    text = text.replace("c in", "no c in")
    comments = parse(SourceFile("x", text)).comments
    assert [(each.text, each.own_line) for each in comments] == [
        ("# first", True),
        ("# second", False),
        ("# third", False),
        ("#last", True),
    ]
    assert all(each.span.text == each.text for each in comments)
