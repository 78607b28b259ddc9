"""E744–E749, E767: events that come as lines."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

EVENT_LINE = Code(
    "E744",
    "line that is no event",
    Phrase("line {line} of {file} is no event: {reason}", "{file} 第 {line} 行不是事件：{reason}"),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase(
            "the other lines go on; mend this one and give it again: nothing is granted twice",
            "其余各行继续处理；请修正此行后重新提交：不会重复发放",
        ),
    ),
)

EVENT_AHEAD = Code(
    "E767",
    "line of an event that has not happened yet",
    Phrase(
        "line {line} of {file} is from the future: its `at` is more than {skew} minutes later than"
        " the clock",
        "{file} 第 {line} 行来自将来：其 `at` 比时钟晚了 {skew} 分钟以上",
    ),
    (
        Phrase(
            "the other lines go on; mend `at`, or the clock, and give the line again; to decide it"
            " all the same, add `--even-in-the-future`",
            "其余各行继续处理；请修正 `at` 或时钟后重新提交此行；若确实要提前决定，请加上"
            " `--even-in-the-future`",
        ),
    ),
)

STANDARD_INPUT = Phrase("the standard input", "标准输入")
NOT_UTF8 = Phrase("it is not in UTF-8", "不是 UTF-8 编码")
NOT_JSON = Phrase("it is not JSON", "不是 JSON")
NOT_AN_OBJECT = Phrase("it is not an object, `{{…}}`", "不是对象 `{{…}}`")
TOO_LONG = Phrase("it is longer than {most} bytes", "长度超过 {most} 字节")
MISSING = Phrase("there is no `{name}` in it", "缺少 `{name}`")
TWICE = Phrase("`{name}` is in it twice", "`{name}` 出现了两次")
UNKNOWN_ENTRY = Phrase("`{name}` does not belong there", "不应有 `{name}`")
UNKNOWN_EVENT = Phrase("the catalog has no event `{name}`", "目录中没有事件 `{name}`")
UNKNOWN_FIELD = Phrase(
    "the event `{event}` has no field `{name}`", "事件 `{event}` 没有字段 `{name}`"
)
NOTHING = Phrase(
    "there is nothing in `{name}`, which the catalog does not call optional",
    "`{name}` 为空，而目录没有说它可以为空",
)
UNREADABLE = Phrase("`{name}` cannot be read as {type}", "`{name}` 无法读作{type}")
OUTSIDE = Phrase("`{name}` is outside of its range, {range}", "`{name}` 超出其范围（{range}）")
BEYOND_CALENDAR = Phrase(
    "`at` is not in the years 102 to 9898, in which decisions are taken",
    "`at` 不在可作决定的公元 102 年至 9898 年之间",
)
LONG_KEY = Phrase(
    "`{name}` is longer than {most} characters, which no ledger can keep",
    "`{name}` 超过 {most} 个字符，账本无法保存",
)
KEY_OF_ANOTHER = Phrase("its key is that of another customer's event", "其主键属于另一位客户的事件")
A_KEY = Phrase("a key", "主键")
A_NAME = Phrase("the name of an event", "事件名称")
AN_INSTANT = Phrase("a point in time", "时间点")
