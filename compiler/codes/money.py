"""E5xx: money: budgets, caps, limits and what they pay for."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

OTHER_CURRENCY = Code(
    "E501",
    "another currency than the project's",
    Phrase(
        "an amount of {found} was found, and this project pays in {expected}",
        "这里写的是 {found}，而本项目使用 {expected}",
    ),
    (Phrase("say the amount in {expected}", "请改用 {expected} 金额"),),
)
NOTHING_PAYS = Code(
    "E502",
    "no cap on what is spent",
    Phrase(
        "the budget of `{name}` has no `total`, and no budget of its own stands behind it",
        "`{name}` 的预算没有 `total`，也没有从任何预算池出资",
    ),
    (
        Phrase(
            "add `total 10_000 {currency}`, or `from …` a declared budget",
            "请补充 `total 10_000 {currency}`，或用 `from …` 指定预算池",
        ),
    ),
)
CANNOT_PAY_ONE = Code(
    "E503",
    "a cap that cannot pay one reward",
    Phrase(
        "`{cap}` cannot pay a single reward, which costs {cost}",
        "`{cap}` 连一份奖励（{cost}）都付不起",
    ),
    (
        Phrase("raise it to {raised} at least", "请至少提高到 {raised}"),
        Phrase("raise `total` to {total} at least", "请将 `total` 至少提高到 {total}"),
        Phrase("leave more of the budget for it", "请为它留出更多预算"),
    ),
)
SHARES_OVER = Code(
    "E504",
    "shares of more than the whole",
    Phrase(
        "the shares come to {percent}%, more than the whole budget",
        "各份额合计 {percent}%，超过了全部预算",
    ),
    (Phrase("lower them to 100% in all", "请降到合计 100% 以内"),),
)
SHARE_WITHOUT_TOTAL = Code(
    "E505",
    "a share of nothing",
    Phrase("a share needs a `total` to be a share of", "份额需要有 `total` 才能计算"),
    (Phrase("add `total …` to this budget", "请在该预算中补充 `total …`"),),
)
POOL_CIRCLE = Code(
    "E506",
    "a budget that draws from itself",
    Phrase(
        "the budget `{name}` draws from itself: {circle}", "预算池 `{name}` 引用了自身：{circle}"
    ),
    (Phrase("take one `from` out", "请去掉其中一个 `from`"),),
)
NOT_IN_POOL = Code(
    "E507",
    "not for a shared budget",
    Phrase(
        "`{clause}` belongs to a campaign's budget, not to a shared one",
        "`{clause}` 只能写在活动预算里，不能写在预算池里",
    ),
    (Phrase("move it to the campaigns", "请移到各活动中"),),
)
NOT_IN_BUDGET_REWARD = Code(
    "E508",
    "a reward that is not fixed",
    Phrase(
        "what is given when the budget is exhausted must be points or a benefit",
        "预算用尽后的替代奖励只能是积分或权益",
    ),
    (Phrase("write `when exhausted reward 10 points`", "请写 `when exhausted reward 10 points`"),),
)
ODDS_OVER = Code(
    "E509",
    "odds of more than the whole",
    Phrase(
        "the odds of this draw come to {percent}%, more than all there is",
        "抽奖的中奖概率合计 {percent}%，超过了 100%",
    ),
    (Phrase("lower them to 100% in all", "请降到合计 100% 以内"),),
)
PRICE_OF_ANOTHER = Code(
    "E510",
    "a price that another would pay",
    Phrase(
        "a price is paid by whoever gets the reward, and this one goes to another customer",
        "价格由获得奖励的人支付，而该奖励发给了另一位客户",
    ),
    (Phrase("take `to …` or the price out", "请去掉 `to …` 或价格"),),
)
NEVER_CHOSEN = Code(
    "E511",
    "an option never chosen",
    Phrase(
        "`{name}` can never be chosen: with the cheapest beside it, the choice is worth {least},"
        " and {worth} is the most",
        "`{name}` 永远无法被选中：即使搭配最便宜的其他权益，价值也有 {least}，超过上限 {worth}",
    ),
    (
        Phrase(
            "raise `worth up to` to {least} at least, or take `{name}` out",
            "请将 `worth up to` 至少提高到 {least}，或去掉 `{name}`",
        ),
    ),
)
RESERVE_WITHOUT_TOTAL = Code(
    "E520",
    "a reserve of nothing",
    Phrase("a reserve needs a `total` to be a part of", "预留需要有 `total` 才能计算"),
    (Phrase("add `total …` to this budget", "请在该预算中补充 `total …`"),),
)
NOTHING_TO_WATCH = Code(
    "E521",
    "an alert about nothing",
    Phrase(
        "an alert needs a `total`, or a cap per hour, day, week or month, to watch",
        "预警需要有 `total`，或每小时、每日、每周、每月的上限",
    ),
    (Phrase("add `total …` to this budget", "请在该预算中补充 `total …`"),),
)
