"""Random scenarios, as trees that some text is parsed to."""

from __future__ import annotations

from campaigner.dsl import tree
from campaigner.dsl.tree import scenarios as nodes
from hypothesis import strategies as st

from .tree_strategies import (
    booleans,
    clock_times,
    counts,
    dates,
    durations,
    maybe,
    money,
    names,
    node,
    numbers,
    percents,
    some,
    stage_refs,
    texts,
    timestamps,
)

customers = maybe(names)
days = dates | timestamps
times = maybe(clock_times)
ago = node(nodes.Distance, durations, st.just(False), times)
ahead = node(nodes.Distance, durations, st.just(True), times)
values = st.one_of(
    *(numbers, percents, money, texts, dates, timestamps, clock_times, booleans, names),
    *(ago, ahead, node(nodes.MinusAmount, numbers | percents | money)),
)
fields = some(node(nodes.GivenField, names, values), least=0)
lines = st.one_of(
    node(nodes.ExpectedLine, st.none(), names),
    node(nodes.ExpectedLine, numbers | node(nodes.MinusAmount, numbers) | money, names),
    node(nodes.ExpectedLine, numbers, st.none(), some(names)),
)
statements = st.one_of(
    node(nodes.GivenNow, days),
    node(nodes.GivenCustomer, customers, fields),
    node(nodes.GivenEvent, names, customers, ago | days, fields),
    node(nodes.GivenReceived, names, customers, ago | days),
    node(nodes.GivenHeldOut, customers),
    node(nodes.GivenArm, names),
    node(nodes.GivenPrize, names, maybe(numbers)),
    node(nodes.GivenPrize, st.none(), st.none()),
    node(nodes.GivenSpent, money),
    node(nodes.GivenBalance, names, numbers, customers),
    node(nodes.WhenEvent, names, customers, fields),
    node(nodes.WhenFilled, names, numbers, customers),
    node(nodes.AfterSpan, durations, times),
    node(nodes.UntilDay, days),
    node(nodes.ThenReward, some(lines), customers, maybe(days)),
    node(nodes.ThenMessage, names, maybe(texts), customers, maybe(days)),
    node(nodes.ThenStage, stage_refs, customers),
    node(nodes.ThenBalance, names, counts, customers),
    node(nodes.ThenOutcome, names, customers, customers),
    node(nodes.ThenNothing, customers, maybe(texts)),
)
scenarios = node(nodes.Scenario, texts, names, some(statements, least=0, most=6))
files = node(tree.CampaignFile, some(scenarios))
