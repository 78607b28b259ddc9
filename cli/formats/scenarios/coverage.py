"""The coverage of scenarios: everything that none of them reached, as text and as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ....dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...screen.excerpt import safe

if TYPE_CHECKING:
    from ....runtime.scenarios.coverage import Coverage, Item

KINDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "step": Phrase("coverage.step"),
        "clause": Phrase("coverage.clause"),
        "branch": Phrase("coverage.branch"),
        "cap": Phrase("coverage.cap"),
        "outcome": Phrase("coverage.outcome"),
    }
)


def render(coverage: Coverage, language: Language, prefix: str) -> str:
    """The counts, and a line for each clause, branch, cap and outcome that was not reached."""
    lines = [in_language(one, language) for one in (count(coverage), count_of_ends(coverage))]
    for item, reached in coverage.items():
        if not reached:
            place = safe(f"{prefix}{item.file}:{item.line}")
            kind = in_language(KINDS[item.kind], language)
            lines.append(f"  {place}  {safe(item.owner)}  {kind}: {safe(_text(item))}")
    return "\n".join(lines) + "\n"


def as_values(coverage: Coverage) -> dict[str, object]:
    """The coverage for programs."""
    every = list(coverage.items())
    missed = [
        {
            "kind": item.kind,
            "campaign": item.owner,
            "text": _text(item),
            "file": item.file,
            "line": item.line,
        }
        for item, reached in every
        if not reached
    ]
    kinds = Counter((item.kind, reached) for item, reached in every)
    counts = {
        kind: {"all": kinds[kind, True] + kinds[kind, False], "reached": kinds[kind, True]}
        for kind in dict.fromkeys(kind for kind, _ in kinds)
    }
    return {"percent": round(coverage.percent, 2), "kinds": counts, "missed": missed}


def count(coverage: Coverage) -> Phrase:
    """How many of the steps, clauses and branches were reached."""
    from ....runtime.scenarios.coverage import COUNTED

    counted = [reached for item, reached in coverage.items() if item.kind in COUNTED]
    percent = f"{coverage.percent:.1f}".removesuffix(".0")
    values = {"reached": str(sum(counted)), "all": str(len(counted)), "percent": percent}
    return Phrase("coverage.count", **values)


def count_of_ends(coverage: Coverage) -> Phrase:
    """How many of the caps and outcomes were reached."""
    kinds = Counter[tuple[str, bool]]((item.kind, reached) for item, reached in coverage.items())
    values = {
        name: str(count)
        for kind, one, every in (
            ("cap", "caps", "all_caps"),
            ("outcome", "outcomes", "all_outcomes"),
        )
        for name, count in (
            (one, kinds[kind, True]),
            (every, kinds[kind, True] + kinds[kind, False]),
        )
    }
    return Phrase("coverage.ends", **values)


def _text(item: Item) -> str:
    return " ".join(item.text.split())
