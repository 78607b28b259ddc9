"""E120 to E129 and E326: how numbers, money, dates, times and durations are written."""

from __future__ import annotations

from ..diagnostics.diagnostic import Code, Phrase

NOT_A_DATE = Code(
    "E120",
    "a day that the calendar does not have",
    Phrase("`{found}` is not a day of the calendar", "日历中没有 `{found}` 这一天"),
    (Phrase("that month ends on `{last}`", "该月最后一天是 `{last}`"),),
)

DATE_FORM = Code(
    "E121",
    "a date in another form",
    Phrase("`{found}` is not how a date is written", "`{found}` 不是日期的写法"),
    (Phrase("write `{right}`", "改写为 `{right}`"),),
)

NOT_A_TIME = Code(
    "E122",
    "a time that no clock shows",
    Phrase("`{found}` is not a time of day", "`{found}` 不是一天中的时刻"),
    (
        Phrase(
            "hours go from `00` to `23`, minutes and seconds from `00` to `59`",
            "小时为 `00` 到 `23`，分钟和秒为 `00` 到 `59`",
        ),
    ),
)

NUMBER_TOO_LARGE = Code(
    "E123",
    "a number that is too large",
    Phrase(
        "this number is larger than {limit}, the largest there is",
        "该数超过了允许的最大值 {limit}",
    ),
    (Phrase("write a smaller number", "请写小一些的数"),),
)

TOO_MANY_DECIMALS = Code(
    "E124",
    "a number with too many decimals",
    Phrase(
        "this number has {found} decimals, and {limit} are the most there can be",
        "该数有 {found} 位小数，最多允许 {limit} 位",
    ),
    (Phrase("keep the first {limit} of them", "请只保留前 {limit} 位小数"),),
)

UNKNOWN_UNIT = Code(
    "E125",
    "not a unit of time",
    Phrase("`{found}` is not a unit of time", "`{found}` 不是时间单位"),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase(
            "the units are `minutes`, `hours`, `days`, `weeks`, `months` and `years`",
            "时间单位有 `minutes`、`hours`、`days`、`weeks`、`months` 和 `years`",
        ),
    ),
)

BAD_DURATION = Code(
    "E126",
    "a duration that is not whole, or too long",
    Phrase(
        "`{found}` is not a duration: it takes a whole number, and at most {limit} years",
        "`{found}` 不是有效时长：须为整数，且不超过 {limit} 年",
    ),
    (
        Phrase(
            "write a whole number of a smaller unit, such as `90 minutes`, or a shorter time",
            "请改用更小的单位写整数，例如 `90 minutes`，或写短一些的时长",
        ),
    ),
)

CURRENCY_FORM = Code(
    "E127",
    "an amount in another form",
    Phrase("`{found}` is not how an amount is written", "`{found}` 不是金额的写法"),
    (
        Phrase("write `{right}`", "改写为 `{right}`"),
        Phrase(
            "write the three letters of the currency after the number: `60 CNY`",
            "在数字后写三个字母的货币代码，例如 `60 CNY`",
        ),
    ),
)

NUMBER_FORM = Code(
    "E326",
    "a number in another form",
    Phrase("`{found}` is not how a number is written", "`{found}` 不是数字的写法"),
    (Phrase("write `{right}`", "改写为 `{right}`"),),
)

MISSING_CURRENCY = Code(
    "E128",
    "an amount without its currency",
    Phrase("`{found}` has no currency", "`{found}` 没有写币种"),
    (
        Phrase(
            "write the currency after it, such as `{alone} CNY`",
            "在后面写上币种，例如 `{alone} CNY`",
        ),
        Phrase(
            "write the whole number, then the currency, such as `60_000 CNY`",
            "请写完整的数字，再写币种，例如 `60_000 CNY`",
        ),
    ),
)

SPACED_PERCENT = Code(
    "E129",
    "a percentage with a space in it",
    Phrase("in `{found}` the sign stands apart from its number", "`{found}` 的百分号与数字分开了"),
    (Phrase("write `{right}`", "改写为 `{right}`"),),
)
