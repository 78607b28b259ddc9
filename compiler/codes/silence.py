"""W3xx: clauses that compile and yet do nothing, or more than their author can have meant."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

ENDED = Code(
    "W301",
    "a campaign that has ended",
    Phrase(
        "`{campaign}` ended on {end}, so it reaches nobody",
        "`{campaign}` 已于 {end} 结束，不会再触达任何人",
    ),
    (Phrase("move its `active`, or delete it", "请修改 `active`，或删除该活动"),),
)
NEVER_FIRES = Code(
    "W302",
    "a trigger outside of the active period",
    Phrase(
        "this trigger has no moment from {start} to {end}, when `{campaign}` is active",
        "`{campaign}` 的有效期为 {start} 至 {end}，其间该触发条件一次也不会触发",
    ),
    (Phrase("move the trigger or `active`", "请调整触发条件或 `active`"),),
)
DAILY_WITHOUT_LIMIT = Code(
    "W303",
    "a daily reward without a limit",
    Phrase(
        "every customer of `{campaign}` gets this reward again each day",
        "`{campaign}` 的每位客户每天都会再次获得该奖励",
    ),
    (
        Phrase(
            "add `limit 1 per customer` to the reward, or a limit per week or month",
            "请在奖励中加上 `limit 1 per customer`，或按周、按月限制",
        ),
    ),
)
CASH_WITHOUT_BOUND = Code(
    "W304",
    "more cash than was spent, without a bound",
    Phrase(
        "`{text}` gives more than the amount it is computed from, and nothing bounds it",
        "`{text}` 给出的现金高于其计算基数，且没有上限",
    ),
    (Phrase("add `up to` and an amount behind `cash`", "请在 `cash` 后加上 `up to` 和金额"),),
)
NO_REWARDS_CHANNEL = Code(
    "W305",
    "a reward that no channel carries",
    Phrase(
        "the project has no channel `rewards`, so nobody learns that `{campaign}` gave this",
        "项目没有 `rewards` 渠道，`{campaign}` 发出的奖励无人执行",
    ),
    (
        Phrase(
            "add `[channels.rewards]` to campaigner.toml",
            "请在 campaigner.toml 中添加 `[channels.rewards]`",
        ),
    ),
)
NO_ALERTS_CHANNEL = Code(
    "W306",
    "an alert that nobody gets",
    Phrase(
        "the project has no channel `alerts`, so nobody gets the alerts of this budget",
        "项目没有 `alerts` 渠道，该预算的提醒无人接收",
    ),
    (
        Phrase(
            "add `[channels.alerts]` to campaigner.toml",
            "请在 campaigner.toml 中添加 `[channels.alerts]`",
        ),
    ),
)
ORDER_BY_NAME = Code(
    "W307",
    "an order that names decide",
    Phrase(
        "`{text}` asks for grants of `{other}`, and at the same instant their names alone decide"
        " which of the two comes first",
        "`{text}` 要看 `{other}` 的发放记录，而同一时刻两者的先后只由名称决定",
    ),
    (
        Phrase(
            "give `{campaign}` or `{other}` a `priority`",
            "请为 `{campaign}` 或 `{other}` 设置 `priority`",
        ),
    ),
)
ALWAYS_QUIET = Code(
    "W308",
    "a message that always waits for quiet hours to end",
    Phrase(
        "`{campaign}` fires at {at}, and {policy} has quiet hours from {start} to {end}, so each of"
        " its messages waits until {end}",
        "`{campaign}` 在 {at} 触发，而 {policy} 的免打扰时段为 {start} 至 {end}，"
        "消息每次都要等到 {end}",
    ),
    (Phrase("move the trigger out of the quiet hours", "请把触发时间移出免打扰时段"),),
)
SETTLED_BY_NOBODY = Code(
    "W311",
    "a settlement that nothing carries out",
    Phrase(
        "`{campaign}` promises settlement within {days} days, and {reason}",
        "`{campaign}` 承诺 {days} 天内结算，但{reason}",
    ),
    (
        Phrase(
            "add `[channels.rewards]` to campaigner.toml, or take the promise out",
            "请在 campaigner.toml 中添加 `[channels.rewards]`，或删去该承诺",
        ),
        Phrase("promise more days, or deliver earlier", "请放宽承诺的天数，或提前发放"),
    ),
)
FORESEEABLE = Code(
    "W312",
    "a draw that anybody can foresee",
    Phrase(
        "`{campaign}` draws without a seed, so anybody can compute what an event's key or a"
        " customer wins before it is drawn",
        "`{campaign}` 抽奖没有种子，任何人都能在开奖前算出某个事件键或某位客户会中什么",
    ),
    (
        Phrase(
            'add `[chance]` with `seed = "${{DRAW_SEED}}"` to campaigner.toml, and set that'
            " variable to a long random text where the campaigns run",
            '请在 campaigner.toml 中添加 `[chance]` 和 `seed = "${{DRAW_SEED}}"`，'
            "并在运行环境中把该变量设为一段长的随机文本",
        ),
    ),
)
NO_CHANNEL = Phrase("no channel `rewards` carries the reward", "没有 `rewards` 渠道来发放奖励")
DELIVERED_LATER = Phrase("the reward is delivered later than that", "奖励的发放日期晚于该期限")
