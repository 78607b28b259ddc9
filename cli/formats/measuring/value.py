"""The value of customers as tables, and as rows for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....compiler.plan.types import minor_unit
from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.tables import Column
from .sheet import Cell, Grid, Sheet, rounded, shown

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....runtime.value.value import Line, Value

_ROW_NOTES = {
    "open": Phrase("value.open"),
    "few": Phrase("value.few"),
    "no_costs": Phrase("value.no_costs"),
    "no_customers": Phrase("value.no_customers"),
    "free": Phrase("value.free"),
}
_MISSING = {
    "few_repeats": Phrase("value.few_repeats"),
    "no_purchase_fit": Phrase("value.no_purchase_fit"),
    "no_spending_fit": Phrase("value.no_spending_fit"),
}
_COLUMNS = (
    "cohort",
    "channel",
    "customers",
    "active_months",
    "purchases",
    "revenue",
    "lifetime",
    "arpu",
    "ltv",
    "costs",
    "cac",
    "ltv_to_cac",
    "roi",
    "payback_month",
    "expected_purchases",
    "expected_revenue",
    "why",
    "why_no_cac",
)


def sheet_of(found: Value, plan: Plan) -> Sheet:
    """The result in every form."""
    asked = found.question
    title = Phrase("value.title", project=plan.project, event=asked.bought.event)
    head = {
        "at": asked.bought.at.astimezone(ZoneInfo(plan.time_zone)).isoformat(),
        "event": asked.bought.event,
        "amount": asked.bought.amount,
        "by": asked.by,
        "channel": asked.bought.channel,
        "months": asked.months,
        "currency": found.currency,
        "open_customers": found.open,
        "unpriced_purchases": found.unpriced,
        "other_costs": None if found.other_costs is None else f"{found.other_costs:f}",
        "costs_currency": found.costs_currency,
        "forecast": _forecast(found),
    }
    grid = Grid(_title(found), _headings(found), [_cells(one, found) for one in found.lines])
    rows = [_row(one, found) for one in found.lines]
    return Sheet(title, (grid,), tuple(_notes(found)), head, _COLUMNS, rows, "lines")


def _title(found: Value) -> Phrase:
    months = str(found.question.months)
    by = "value.by_cohort" if found.question.by == "cohort" else "value.by_channel"
    phrases = {"value.by_cohort": _BY_COHORT, "value.by_channel": _BY_CHANNEL}
    return phrases[by].filled(months=months, currency=found.currency)


_BY_COHORT, _BY_CHANNEL = Phrase("value.by_cohort"), Phrase("value.by_channel")


def _headings(found: Value) -> tuple[Column, ...]:
    first = Column(
        Phrase("value.cohort") if found.question.by == "cohort" else Phrase("headings.channel")
    )
    costs = (
        Column(Phrase("value.cac"), number=True),
        Column(Phrase("value.ratio"), number=True),
        Column(Phrase("value.roi"), number=True),
        Column(Phrase("value.payback"), number=True),
    )
    ahead = (
        Column(Phrase("value.to_come"), number=True),
        Column(Phrase("value.revenue_to_come"), number=True),
    )
    return (
        first,
        Column("customers", number=True),
        Column(Phrase("value.lt"), number=True),
        Column(Phrase("value.arpu"), number=True),
        Column(Phrase("value.ltv"), number=True),
        *(costs if _shows_costs(found) else ()),
        *(ahead if _shows_ahead(found) else ()),
        Column(Phrase("value.note")),
    )


def _shows_costs(found: Value) -> bool:
    """Whether any line can have a cost: else a note says why none has."""
    return any(one.why_no_cac not in ("no_table", "other_currency") for one in found.lines)


def _shows_ahead(found: Value) -> bool:
    return any(one.foretold is not None for one in found.lines)


def _cells(one: Line, found: Value) -> tuple[str | Phrase, ...]:
    places = minor_unit(found.currency)
    given = one.has_value
    costs = (
        shown(one.cac, places),
        shown(one.ratio, 2),
        "-" if one.roi is None else f"{shown(one.roi * 100, 0)}%",
        "-" if one.payback is None else str(one.payback),
    )
    number, amount = one.foretold or (None, None)
    return (
        _name(one, found),
        f"{one.customers:,}",
        shown(one.lifetime if given else None, 2),
        shown(one.arpu if given else None, places),
        shown(one.ltv if given else None, places),
        *(costs if _shows_costs(found) else ()),
        *((shown(number, 2), shown(amount, places)) if _shows_ahead(found) else ()),
        _note(one, found),
    )


def _name(one: Line, found: Value) -> str | Phrase:
    if found.question.by == "cohort":
        return "" if one.cohort is None else f"{one.cohort:%Y-%m}"
    return Phrase("value.unknown") if one.channel is None else one.channel


def _note(one: Line, found: Value) -> str | Phrase:
    """The sentence in place of the numbers that a line lacks."""
    months = str(found.question.months)
    if one.why is not None:
        return _ROW_NOTES[one.why].filled(months=months)
    if one.why_no_cac in _ROW_NOTES:
        said = one.why_no_cac
        return Phrase("value.month_open") if said == "open" else _ROW_NOTES[said].filled()
    if one.cac is not None and one.payback is None:
        return Phrase("value.no_payback", months=months)
    return ""


def _notes(found: Value) -> Iterator[Phrase]:
    """Yield a sentence for all that no line shows."""
    whys = {one.why_no_cac for one in found.lines}
    if not found.lines:
        yield Phrase("value.nobody")
    if "no_table" in whys:
        yield Phrase("value.no_table")
    if "other_currency" in whys and found.costs_currency is not None:
        known = {"costs": found.costs_currency, "revenue": found.currency}
        yield Phrase("value.other_currency", **known)
    if found.question.by == "channel" and found.open:
        months = str(found.question.months)
        yield Phrase("value.open_customers", count=f"{found.open:,}", months=months)
    if found.unpriced:
        yield Phrase("value.unpriced", count=f"{found.unpriced:,}")
    if found.other_costs and "other_currency" not in whys:
        amount = f"{found.other_costs:,f}"
        yield Phrase("value.other_costs", amount=amount, currency=found.currency)
    if isinstance(found.forecast, str):
        yield _MISSING[found.forecast]
    elif found.forecast is not None:
        model, spending = found.forecast.purchases, found.forecast.spending
        known = {name: f"{getattr(model, name):.4g}" for name in ("r", "alpha", "a", "b")}
        known |= {name: f"{getattr(spending, name):.4g}" for name in ("p", "q", "gamma")}
        known |= {"until": str(found.forecast.until), "count": f"{found.forecast.customers:,}"}
        yield Phrase("value.model", **known)
    yield Phrase("value.revenue_not_profit")


def _forecast(found: Value) -> object:
    match found.forecast:
        case None:
            return None
        case str(why):
            return {"why": why}
        case made:
            model, spending = made.purchases, made.spending
            return {
                "why": None,
                "until": str(made.until),
                "customers": made.customers,
                "repeating": made.repeating,
                "purchases": {
                    **{name: getattr(model, name) for name in ("r", "alpha", "a", "b")},
                    "log_likelihood": model.likelihood,
                },
                "spending": {
                    **{name: getattr(spending, name) for name in ("p", "q", "gamma")},
                    "log_likelihood": spending.likelihood,
                },
            }


def _row(one: Line, found: Value) -> dict[str, Cell]:
    places = minor_unit(found.currency)
    given = one.has_value
    number, amount = one.foretold or (None, None)
    return {
        "cohort": None if one.cohort is None else f"{one.cohort:%Y-%m}",
        "channel": one.channel,
        "customers": one.customers,
        "active_months": one.active if given else None,
        "purchases": one.purchases if given else None,
        "revenue": f"{one.revenue:f}" if given else None,
        "lifetime": rounded(one.lifetime if given else None, 4),
        "arpu": rounded(one.arpu if given else None, places + 2),
        "ltv": rounded(one.ltv if given else None, places + 2),
        "costs": None if one.costs is None else f"{one.costs:f}",
        "cac": rounded(one.cac, places + 2),
        "ltv_to_cac": rounded(one.ratio, 4),
        "roi": rounded(one.roi, 4),
        "payback_month": one.payback,
        "expected_purchases": rounded(number, 4),
        "expected_revenue": rounded(amount, places + 2),
        "why": one.why,
        "why_no_cac": one.why_no_cac,
    }
