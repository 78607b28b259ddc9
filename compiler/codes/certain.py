"""W309, W310, W313: conditions whose answer needs no data."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

EXCLUDE_EACH_OTHER = Code(
    "W309",
    "conditions that exclude each other",
    Phrase(
        "`{text}` can never hold: its parts exclude each other",
        "`{text}` 永远不成立：其各部分互相排斥",
    ),
    (
        Phrase(
            "mend one of the parts, or write `or` where either is enough",
            "请修改其中一部分；若满足其一即可，请改用 `or`",
        ),
    ),
)
NEVER_HOLDS = Code(
    "W310",
    "a comparison that can never hold",
    Phrase("`{text}` can never hold: {ranges}", "`{text}` 永远不成立：{ranges}"),
    (
        Phrase(
            "compare with a value of the range, or mend the range in the catalog",
            "请与范围内的值比较，或修改目录中的范围",
        ),
    ),
)
ALWAYS_HOLDS = Code(
    "W313",
    "a comparison that always holds",
    Phrase("`{text}` {how}: {ranges}", "`{text}` {how}：{ranges}"),
    (
        Phrase(
            "take it out, or mend the range in the catalog",
            "请删去该条件，或修改目录中的范围",
        ),
    ),
)

ALWAYS = Phrase("always holds", "永远成立")
WHERE_KNOWN = Phrase("holds for every known value", "对所有已知的值都成立")
NO_VALUE = Phrase("no value meets it", "没有任何值满足它")
