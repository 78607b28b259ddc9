"""E3xx: types and units: currency, duration, values that may be unknown."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

INTEGER = Phrase("a whole number", "整数")
DECIMAL = Phrase("a number", "数值")
MONEY = Phrase("an amount of money", "金额")
DURATION = Phrase("a duration", "时长")
DATE = Phrase("a date", "日期")
TIMESTAMP = Phrase("a point in time", "时间点")
TIME = Phrase("a time of day", "时刻")
BOOLEAN = Phrase("yes or no", "是否")
TEXT = Phrase("text", "文本")
ENUM = Phrase("one of a list of words", "枚举值")

MAY_BE_UNKNOWN = Phrase("this may be unknown", "这里可能未知")

MISMATCH = Code(
    "E301",
    "values that do not go together",
    Phrase(
        "`{operator}` cannot take {left} and {right}",
        "`{operator}` 不能用于{left}和{right}",
    ),
    (Phrase("write `{fix}`", "请写 `{fix}`"),),
)
CURRENCIES = Code(
    "E302",
    "two currencies",
    Phrase("amounts of {left} and {right} are mixed here", "这里混用了 {left} 和 {right}"),
    (Phrase("say both in one currency", "请统一为一种币种"),),
)
NO_CURRENCY = Code(
    "E303",
    "a number where money is meant",
    Phrase(
        "`{money}` is money in {currency}, and `{number}` has no currency",
        "`{money}` 是 {currency} 金额，而 `{number}` 没有写币种",
    ),
    (Phrase("write `{number} {currency}`", "请写 `{number} {currency}`"),),
)
NOT_A_CONDITION = Code(
    "E304",
    "not a condition",
    Phrase(
        "a condition was expected, and `{text}` is {type}", "这里需要条件，而 `{text}` 是{type}"
    ),
    (Phrase("compare it with something, as in `{text} > …`", "请与某个值比较，例如 `{text} > …`"),),
)
WRONG_TYPE = Code(
    "E305",
    "another type was expected",
    Phrase(
        "{expected} was expected, and `{text}` is {type}",
        "这里需要{expected}，而 `{text}` 是{type}",
    ),
    (Phrase("write `{fix}`", "请写 `{fix}`"),),
)
UNKNOWN_DENIED = Code(
    "E306",
    "a denial of what may be unknown",
    Phrase(
        "`{name}` may be unknown, and `{operator}` would then let the customer through",
        "`{name}` 可能未知，`{operator}` 会让这样的客户也通过",
    ),
    (
        Phrase(
            "say which is meant: `{value} is known and …`, `{value} is unknown or …` or"
            " `{value} else …`",
            "请写明含义：`{value} is known and …`、`{value} is unknown or …` 或 `{value} else …`",
        ),
        Phrase(
            "write `stage not in (…)`: whoever is in another stage of `{lifecycle}`",
            "请写 `stage not in (…)`：处于 `{lifecycle}` 其他阶段的客户",
        ),
    ),
)
CANNOT_AGGREGATE = Code(
    "E307",
    "nothing to add up",
    Phrase("`{function}` cannot be taken of {type}", "`{function}` 不能用于{type}"),
    (Phrase("use `count(…)` or a field that holds a number", "请用 `count(…)` 或数值字段"),),
)
FIELD_NEEDED = Code(
    "E308",
    "a field is needed",
    Phrase(
        "`{function}({event})` does not say which field of `{event}`",
        "`{function}({event})` 没有写明是 `{event}` 的哪个字段",
    ),
    (Phrase("write `{function}({event}.{field})`", "请写 `{function}({event}.{field})`"),),
)
COUNT_FIELD = Code(
    "E309",
    "count of a field",
    Phrase(
        "`count` counts events, not their fields",
        "`count` 计的是事件数，不是字段",
    ),
    (
        Phrase(
            "write `count({event})`, or `count(distinct {event}.{field})` for different values",
            "请写 `count({event})`，或用 `count(distinct {event}.{field})` 计不同取值",
        ),
    ),
)
ONLY_COUNT = Code(
    "E310",
    "only a count of what was received",
    Phrase(
        "of what a customer received only `count(…)` can be asked",
        "对已获得的奖励只能用 `count(…)`",
    ),
    (Phrase("write `count(received({name}))`", "请写 `count(received({name}))`"),),
)
TOO_FINE = Code(
    "E311",
    "finer than the smallest coin",
    Phrase(
        "`{text}` has more digits after the point than {currency} has",
        "`{text}` 的小数位数超过了 {currency} 的最小单位",
    ),
    (Phrase("write `{fix}`", "请写 `{fix}`"),),
)
DIVISION_BY_ZERO = Code(
    "E313",
    "division by zero",
    Phrase("`{text}` divides by zero", "`{text}` 除以了零"),
    (Phrase("divide by something else", "请换一个除数"),),
)
BEFORE_EVENT_WITHOUT_EVENT = Code(
    "E314",
    "no event to come before",
    Phrase(
        "`before event` needs a trigger of the form `on …`",
        "`before event` 需要 `on …` 形式的触发",
    ),
    (Phrase("leave `before event` out", "请去掉 `before event`"),),
)
RECEIVED_ELSEWHERE = Code(
    "E315",
    "received outside of conditions",
    Phrase(
        "`received` can be asked in the audience, a stage or the trigger's `where` only",
        "`received` 只能用于人群、阶段或触发的 `where` 条件",
    ),
    (Phrase("move it to the audience", "请移到 audience 中"),),
)
NESTED_HISTORY = Code(
    "E316",
    "a history inside a history",
    Phrase("a history cannot be asked inside another one", "事件历史里不能再嵌套历史"),
    (Phrase("join the two with `and`", "请用 `and` 连接两者"),),
)
WHOLE_POINTS = Code(
    "E317",
    "points come whole",
    Phrase(
        "`{text}` is {type}, and {wallet} are given in whole numbers",
        "`{text}` 是{type}，而 {wallet} 只能是整数",
    ),
    (
        Phrase(
            "write a whole number, or a calculation with whole numbers alone",
            "请写整数，或只用整数计算",
        ),
    ),
)
NOT_WHOLE = Code(
    "E318",
    "a whole number above zero",
    Phrase("`{text}` is no whole number above zero", "`{text}` 不是大于零的整数"),
    (Phrase("write a whole number such as `{fix}`", "请写整数，例如 `{fix}`"),),
)
BAD_DAY = Code(
    "E319",
    "no such day of the month",
    Phrase(
        "a month has days 1 to 31, and `{text}` is none of them",
        "一个月只有 1 到 31 日，没有 `{text}`",
    ),
    (Phrase("write a day from 1 to 31, or `last day`", "请写 1 到 31，或 `last day`"),),
)
BACKWARDS = Code(
    "E320",
    "ends before it begins",
    Phrase(
        "it ends on `{end}`, before it begins on `{start}`",
        "结束时间 `{end}` 早于开始时间 `{start}`",
    ),
    (Phrase("write the earlier one first", "请把较早的写在前面"),),
)
TOO_LONG = Code(
    "E323",
    "a calculation too long",
    Phrase("this calculation has more than {most} terms", "这个算式超过了 {most} 项"),
    (Phrase("let the data team provide it as a field", "请让数据团队提供为一个字段"),),
)
TOO_MANY_STEPS = Code(
    "E327",
    "a ladder of too many stages",
    Phrase(
        "the ladder `{name}` has {found} stages, and may have {most}",
        "`{name}` 的阶梯有 {found} 个阶段，最多可有 {most} 个",
    ),
    (
        Phrase(
            "cut the stages by a score, `lifecycle {name} by score …`",
            "请改用评分划分阶段：`lifecycle {name} by score …`",
        ),
    ),
)
NOT_AN_AMOUNT = Code(
    "E322",
    "no amount of money",
    Phrase(
        "an amount of money was expected, and `{text}` is none",
        "这里需要金额，而 `{text}` 不是金额",
    ),
    (Phrase("write an amount such as `25 {currency}`", "请写金额，例如 `25 {currency}`"),),
)
BAD_PERCENT = Code(
    "E321",
    "a percentage out of range",
    Phrase("`{text}` is not between {low}% and {high}%", "`{text}` 不在 {low}% 到 {high}% 之间"),
    (Phrase("write a percentage in that range", "请写该范围内的百分比"),),
)
NOT_A_THRESHOLD = Code(
    "E324",
    "a threshold that is no number",
    Phrase(
        "a stage of a score begins at a number, and `{text}` is none",
        "按分数划分的阶段从一个数字开始，而 `{text}` 不是数字",
    ),
    (Phrase("write the number itself, such as `10`", "请直接写数字，例如 `10`"),),
)
NO_GROUP_KEY = Code(
    "E340",
    "a field that makes no groups",
    Phrase(
        "`{name}` is {type}, and groups go by a text or a whole number",
        "`{name}` 是{type}，成团只能按文本或整数字段",
    ),
    (Phrase("name a field such as a team's key", "请使用队伍编号一类的字段"),),
)
NO_CHOICE_FIELD = Code(
    "E325",
    "a field that names no choice",
    Phrase(
        "`{name}` is {type}, and a choice is named by text",
        "`{name}` 是{type}，所选权益要用文本字段说明",
    ),
    (Phrase("name the field that holds the benefit's name", "请使用记录权益名称的字段"),),
)
