"""E180 to E182: a plan that cannot be read or written."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

PLAN_MALFORMED = Code(
    "E180",
    "a plan that is none",
    Phrase("this is no plan: {reason}", "这不是一份计划：{reason}"),
    (
        Phrase(
            "make it again with `campaigner plan PROJECT --output FILE`",
            "请用 `campaigner plan PROJECT --output FILE` 重新生成",
        ),
    ),
)
PLAN_VERSION = Code(
    "E181",
    "a plan of another version",
    Phrase(
        "this plan has the format version {found}, and this program reads version {expected}",
        "这份计划的格式版本是 {found}，而本程序读取版本 {expected}",
    ),
    (
        Phrase(
            "make it again with this program: `campaigner plan PROJECT --output FILE`",
            "请用本程序重新生成：`campaigner plan PROJECT --output FILE`",
        ),
    ),
)
PLAN_TOO_DEEP = Code(
    "E182",
    "a plan nested too deep",
    Phrase(
        "a condition or value of this project has too many parts inside each other for a plan",
        "项目中某个条件或取值的嵌套层数过多，无法写入计划",
    ),
    (
        Phrase(
            "give a part of it a name with `audience`, and use the name",
            "请用 `audience` 为其中一部分命名，再使用该名称",
        ),
    ),
)
