"""Results of measures: a table for people, a document or rows for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....compiler.plan.types import minor_unit
from ....dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...screen.tables import Column
from ..csv_cells import harmless, line

if TYPE_CHECKING:
    from datetime import datetime

    from ....runtime.measure.results import (
        Count,
        Estimate,
        Line,
        Refusal,
        Report,
        Result,
        Return,
        Versus,
    )

FORMAT_VERSION = 1

Cells = Sequence[str | Phrase]

# --- for people ---------------------------------------------------------------------------------

COLUMNS = (
    Column("what is measured"),
    Column("variant"),
    Column("customers", number=True),
    Column("result", number=True),
    Column("each", number=True),
    Column("difference"),
)


def heading(one: Result) -> Phrase:
    """The campaign, with how many it reached and held out."""
    values = {"campaign": one.campaign, "label": one.label}
    return Phrase("measure.heading", **values)


def rows(one: Result, currency: str) -> list[Cells]:
    """A row a measure and variant."""
    names = {variant.number: variant.name for variant in one.variants}
    found: list[Cells] = []
    for each in one.lines:
        versus = {other.variant: other for other in each.versus}
        for place, count in enumerate(each.counts):
            found.append(
                (
                    each.measure.origin.text if place == 0 else "",
                    variant_name(names[count.variant]),
                    f"{count.customers:,}",
                    _result(count, currency),
                    _rate(count, currency),
                    _difference(versus.get(count.variant), count.total is not None, currency),
                )
            )
    return found


def variant_name(name: str) -> str | Phrase:
    """A variant as people call it."""
    known = {
        "held_out": Phrase("measure.variant_held_out"),
        "reached": Phrase("measure.variant_reached"),
    }
    return known.get(name, name)


def _result(count: Count, currency: str) -> str:
    if count.total is not None:
        return f"{money(count.total, currency)} {currency}"
    return f"{count.count or 0:,}"


def money(amount: Decimal, currency: str) -> str:
    """An exact amount, rounded half even to the currency's smallest unit."""
    unit = Decimal(1).scaleb(-minor_unit(currency))
    return f"{amount.quantize(unit, ROUND_HALF_EVEN):,f}"


def _rate(count: Count, currency: str) -> str:
    if count.rate is None:
        return ""
    if count.total is not None:
        return f"{count.rate:,.2f} {currency}"
    return f"{count.rate:.2%}"


def _difference(versus: Versus | None, is_money: bool, currency: str) -> str | Phrase:
    if versus is None:
        return ""
    found = versus.difference
    if found is None:
        return "" if versus.refused is None else Phrase("measure.see_below")
    low, high = found.always
    if is_money:
        return f"{found.value:+,.2f} {currency} ({low:+,.2f} … {high:+,.2f})"
    return f"{found.value * 100:+.2f} pp ({low * 100:+.2f} … {high * 100:+.2f})"


def sentences(one: Result, currency: str) -> Iterator[Phrase]:
    """The sentences beneath the numbers: refusals, remarks, guards and costs."""
    yield from (refusal.says for refusal in one.refused)
    yield from one.notes
    seen: set[str] = set()
    for each in one.lines:
        for versus in each.versus:
            says = None if versus.refused is None else _of_measure(each, versus.refused)
            if says is not None and str(says) not in seen:
                seen.add(str(says))
                yield says
        yield from _guards(each)
    for back in one.returns:
        yield from _returns(back, currency, seen)


def _of_measure(each: Line, refused: Refusal) -> Phrase:
    """The sentence of a refusal, with the measure if others of the campaign may have none."""
    if refused.kind != "too_few_events":
        return refused.says
    return Phrase("measure.of_measure", measure=each.measure.origin.text, says=refused.says)


def _guards(each: Line) -> Iterator[Phrase]:
    said = {
        "kept": Phrase("measure.guard_kept"),
        "broken": Phrase("measure.guard_broken"),
        "unclear": Phrase("measure.guard_unclear"),
    }
    for _, kept in each.guard:
        yield said[kept].filled(guard=each.measure.origin.text)


def _returns(one: Return, currency: str, seen: set[str]) -> Iterator[Phrase]:
    from ....runtime.measure.results import Estimate

    yield Phrase("measure.cost", cost=money(one.cost, currency), currency=currency)
    for estimate, phrase in (
        (one.more, Phrase("measure.more")),
        (one.each, Phrase("measure.each")),
        (one.roi, Phrase("measure.roi")),
    ):
        if isinstance(estimate, Estimate):
            yield phrase.filled(currency=currency, **_spoken(estimate, phrase.key))
        elif str(estimate.says) not in seen:
            seen.add(str(estimate.says))
            yield estimate.says


def _spoken(estimate: Estimate, key: str) -> dict[str, str]:
    def text(value: float) -> str:
        if key == "measure.roi":
            return f"{value:+.0%}"
        return f"{value:,.2f}" if key == "measure.each" else f"{value:,.0f}"

    return {"value": text(estimate.value), "low": text(estimate.low), "high": text(estimate.high)}


# --- for programs -------------------------------------------------------------------------------


def as_json(found: Report, language: Language) -> str:
    """One document, in the shape of docs/json.md."""
    document = {
        "format_version": FORMAT_VERSION,
        "at": _instant(found.at, found.zone),
        "currency": found.currency,
        "campaigns": [result_object(one, found.zone, language) for one in found.results],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _instant(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat()


def result_object(one: Result, zone: str, language: Language) -> dict[str, object]:
    """A campaign of the document."""
    names = {variant.number: variant.name for variant in one.variants}
    return {
        "campaign": one.campaign,
        "label": one.label,
        "partial": one.partial,
        "open": one.open,
        "closes": None if one.closes is None else _instant(one.closes, zone),
        "variants": [
            {"variant": each.name, "customers": each.customers, "cost": _exact(each.cost)}
            for each in one.variants
        ],
        "refused": [_refusal(each, language) for each in one.refused],
        "notes": [in_language(each, language) for each in one.notes],
        "measures": [_line_object(each, names, language) for each in one.lines],
        "returns": [
            {
                "variant": names[each.variant],
                "cost": _exact(each.cost),
                "more": _estimate(each.more, language),
                "each": _estimate(each.each, language),
                "roi": _estimate(each.roi, language),
            }
            for each in one.returns
        ],
    }


def _line_object(one: Line, names: dict[int, str], language: Language) -> dict[str, object]:
    return {
        "kind": one.measure.kind,
        "measure": one.measure.origin.text,
        "within": f"{one.measure.within.count} {one.measure.within.unit}",
        "primary": one.primary,
        "variants": [
            {
                "variant": names[each.variant],
                "customers": each.customers,
                "count": each.count,
                "total": None if each.total is None else _exact(each.total),
                "rate": each.rate,
                "interval": None if each.interval is None else list(each.interval),
                "before": each.before,
            }
            for each in one.counts
        ],
        "differences": [
            {
                "variant": names[each.variant],
                "against": names.get(each.against),
                "difference": None
                if each.difference is None
                else {
                    "value": each.difference.value,
                    "always": list(each.difference.always),
                    "once": list(each.difference.once),
                    "adjusted": each.difference.adjusted,
                    "clear": each.difference.is_clear,
                },
                "refused": None if each.refused is None else _refusal(each.refused, language),
            }
            for each in one.versus
        ],
        "guard": {names[variant]: kept for variant, kept in one.guard},
    }


def _refusal(one: Refusal, language: Language) -> dict[str, str]:
    return {"kind": one.kind, "says": in_language(one.says, language)}


def _estimate(one: Estimate | Refusal, language: Language) -> dict[str, object]:
    from ....runtime.measure.results import Estimate

    if isinstance(one, Estimate):
        return {"value": one.value, "low": one.low, "high": one.high}
    return {"refused": _refusal(one, language)}


def _exact(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_HEAD = (
    *("campaign", "measure", "variant", "customers", "count", "total", "rate"),
    *("difference", "low", "high", "refused"),
)


def as_csv(found: Report) -> Iterator[str]:
    """A line a campaign, measure and variant; of a campaign that is refused one with the reason."""
    yield line(_HEAD)
    for one in found.results:
        names = {variant.number: variant.name for variant in one.variants}
        if one.refused:
            for variant in one.variants:
                cells = (one.campaign, "", variant.name, str(variant.customers))
                reasons = " ".join(each.kind for each in one.refused)
                yield line([*map(harmless, cells), "", "", "", "", "", "", reasons])
        for each in one.lines:
            versus = {other.variant: other for other in each.versus}
            for count in each.counts:
                yield line(_cells(one.campaign, each, names, count, versus.get(count.variant)))


def _cells(
    campaign: str, each: Line, names: dict[int, str], count: Count, versus: Versus | None
) -> list[str]:
    found = None if versus is None else versus.difference
    sure = ["", "", ""] if found is None else [repr(v) for v in (found.value, *found.always)]
    refused = "" if versus is None or versus.refused is None else versus.refused.kind
    cells = [
        campaign,
        each.measure.origin.text,
        names[count.variant],
        str(count.customers),
        "" if count.count is None else str(count.count),
        "" if count.total is None else _exact(count.total),
        "" if count.rate is None else repr(count.rate),
    ]
    return [*map(harmless, cells), *sure, refused]
