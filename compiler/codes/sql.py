"""E789: what an engine cannot say."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

TOO_DEEP_FOR_DIALECT = Code(
    "E789",
    "an expression that is nested too deep for a dialect of SQL",
    Phrase(
        "this is nested deeper than `{name}` can read",
        "此处的嵌套层数超出了 `{name}` 所能读取的范围",
    ),
    (
        Phrase(
            "write it with fewer operations inside of each other, or choose another dialect",
            "请减少运算的嵌套层数，或选择其他方言",
        ),
    ),
)
