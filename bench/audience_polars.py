"""The audience benchmark by hand in polars: lazy, each file scanned once, each fact computed once.

An analyst who knows polars would write it so. The facts of all campaigns are aggregates of one
group-by for each kind of event, joined to the customers. Each campaign is a filter over those.
The rows come in no order, which is less than the SQL does.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

import polars as pl

from .audience_project import DAY, TABLES, ZONE, Campaign, Field, History, Past

AT = {"order": "ordered_at", "visit": "visited_at", "cart": "filled_at", "ticket": "opened_at"}

ORDERS = Past("order", "count")
LATELY = Past("order", "count", None, 60)


def _now(clock: str) -> datetime:
    """The instant in UTC, without a zone."""
    day = datetime.combine(datetime.fromisoformat(DAY), time.fromisoformat(clock), ZONE)
    return (day - day.utcoffset()).replace(tzinfo=None)  # type: ignore[operator]  # has a zone


def _facts(campaigns: list[Campaign]) -> dict[tuple[str, Past], str]:
    """The name of each fact that any campaign asks for at its time of day."""
    found: dict[tuple[str, Past], str] = {}
    for campaign in campaigns:
        asked = [one.past for one in campaign.conditions if isinstance(one, History)]
        if campaign.branch is not None:
            asked.append(campaign.branch.past)
        if campaign.stages:
            asked += [ORDERS, LATELY]
        for past in asked:
            found.setdefault((campaign.clock, past), f"f{len(found)}")
    return found


def _aggregate(clock: str, past: Past) -> pl.Expr:
    now, at = _now(clock), pl.col(AT[past.event])
    seen = at <= now
    if past.days is not None:
        seen = seen & (at > now - timedelta(days=past.days))
    if past.only is not None:
        seen = seen & (pl.col(past.only[0]) == past.only[1])
    if past.field is None:
        return seen.sum()
    value = pl.col(past.field)
    match past.function:
        case "sum":
            return pl.when(seen).then(value).otherwise(0).sum()
        case "max":
            return pl.when(seen).then(value).max()
        case _:
            return value.filter(seen).n_unique()


def _all_facts(folder: Path, facts: dict[tuple[str, Past], str]) -> pl.LazyFrame:
    """A row for each customer who may be written to."""
    customers = pl.scan_parquet(folder / "customers.parquet")
    customers = customers.filter(pl.col("consent") & ~pl.col("employee"))
    for event in TABLES:
        own = {key: name for key, name in facts.items() if key[1].event == event}
        if not own:
            continue
        events = pl.scan_parquet(folder / f"{event}s.parquet")
        events = events.filter(pl.col(AT[event]) <= max(_now(clock) for clock, _ in own))
        if all(past.days is not None for _, past in own):
            first = min(_now(clock) - timedelta(days=past.days or 0) for clock, past in own)
            events = events.filter(pl.col(AT[event]) > first)
        aggregates = [_aggregate(*key).alias(name) for key, name in own.items()]
        grouped = events.group_by("customer_id").agg(aggregates)
        customers = customers.join(grouped, on="customer_id", how="left")
        nothing = [name for (_, past), name in own.items() if past.function != "max"]
        customers = customers.with_columns(pl.col(nothing).fill_null(0))
    return customers


def _holds(condition: Field | History, clock: str, facts: dict[tuple[str, Past], str]) -> pl.Expr:
    if isinstance(condition, History):
        value = pl.col(facts[clock, condition.past])
        bound = condition.bound * (100 if condition.money else 1)
        return value == bound if condition.operator == "=" else value >= bound
    first = condition.values[0]
    match condition.kind:
        case "age":
            return pl.col("age").is_between(*condition.values)
        case "balance":
            return pl.col("balance") >= int(first) * 100
        case "city":
            return pl.col("city").is_in(list(condition.values))
        case "segment":
            return pl.col("segment") == first
        case _:
            now, registered = _now(clock), pl.col("registered_at")
            return (registered <= now) & (registered > now - timedelta(days=int(first)))


def _in_stage(stage: str, clock: str, facts: dict[tuple[str, Past], str]) -> pl.Expr:
    ever, lately = pl.col(facts[clock, ORDERS]), pl.col(facts[clock, LATELY])
    return {
        "prospect": ever == 0,
        "regular": (lately > 0) & (ever < 6),
        "loyal": (lately > 0) & (ever >= 6),
        "sleeping": (ever > 0) & (lately == 0),
    }[stage]


def decided(folder: Path, campaigns: list[Campaign]) -> pl.DataFrame:
    """The decisions of all campaigns: campaign, recipient, amount."""
    facts = _facts(campaigns)
    known = _all_facts(folder, facts).collect(engine="streaming").lazy()
    found = []
    for campaign in campaigns:
        asked = [_holds(one, campaign.clock, facts) for one in campaign.conditions]
        if campaign.stages:
            in_one = [_in_stage(stage, campaign.clock, facts) for stage in campaign.stages]
            asked.append(pl.any_horizontal(in_one))
        amount = pl.lit(campaign.gifts[0])
        if campaign.branch is not None:
            first = _holds(campaign.branch, campaign.clock, facts)
            amount = pl.when(first).then(campaign.gifts[0]).otherwise(campaign.gifts[1])
        rows = known.filter(pl.all_horizontal(asked))
        found.append(
            rows.select(
                pl.lit(campaign.name).alias("campaign"),
                pl.col("customer_id").alias("recipient"),
                amount.cast(pl.Int64).alias("amount"),
            )
        )
    return pl.concat(pl.collect_all(found))
