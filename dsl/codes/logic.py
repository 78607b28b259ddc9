"""E4xx: logic: what can never happen, and what is not sure yet."""

from __future__ import annotations

from ..diagnostics import Code, Phrase

BRANCH_AFTER_OTHERWISE = Code(
    "E401",
    "a branch never reached",
    Phrase(
        "this branch stands after `otherwise` and is never reached",
        "该分支在 `otherwise` 之后，永远不会执行",
    ),
    (Phrase("move it before `otherwise`", "请移到 `otherwise` 之前"),),
)
EXCLUSIVE_WITH_ITSELF = Code(
    "E402",
    "a campaign exclusive with itself",
    Phrase("`{name}` is exclusive with itself", "`{name}` 与自身互斥"),
    (Phrase("name another campaign", "请写其他活动"),),
)
PROVISIONAL_FESTIVAL = Code(
    "W401",
    "a festival not announced yet",
    Phrase(
        "the day of `{festival}` in {years} is computed, since it is not announced yet",
        "`{festival}` 在 {years} 年的日期尚未公布，目前是推算的",
    ),
    (
        Phrase(
            "once it is, write it under `[calendar.{festival}]` in campaigner.toml",
            "公布后请写入 campaigner.toml 的 `[calendar.{festival}]`",
        ),
    ),
)
