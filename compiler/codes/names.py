"""E2xx: names: unknown, declared twice, ambiguous."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

DECLARED_HERE = Phrase("declared here", "在这里声明")
DECLARED_FIRST = Phrase("declared here first", "最先在这里声明")

LIFECYCLE = Phrase("lifecycle", "生命周期")
STAGE = Phrase("stage", "阶段")
AUDIENCE = Phrase("audience", "人群")
BENEFIT = Phrase("benefit", "权益")
POOL = Phrase("budget", "预算池")
POLICY = Phrase("policy", "合规政策")
CAMPAIGN = Phrase("campaign", "活动")
EVENT = Phrase("event", "事件")
CHANNEL = Phrase("channel", "渠道")
FIELD = Phrase("field", "字段")
FESTIVAL = Phrase("festival", "节日")
CUSTOMER_FIELD = Phrase("a field of the customer", "客户字段")
AN_AUDIENCE = Phrase("an audience", "人群")

_NEAREST = Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？")

UNKNOWN_NAME = Code(
    "E201",
    "unknown name",
    Phrase(
        "`{name}` is neither a field of the customer nor an audience",
        "`{name}` 既不是客户字段，也不是人群",
    ),
    (
        Phrase(
            "`{event}` is an event: ask `has {event}` or `count({event})`",
            "`{event}` 是事件，请用 `has {event}` 或 `count({event})`",
        ),
        _NEAREST,
        Phrase(
            "add it to {catalog}, or declare `audience {name} …`",
            "请在 {catalog} 中补充该字段，或声明 `audience {name} …`",
        ),
    ),
)
UNKNOWN_FIELD = Code(
    "E202",
    "unknown field",
    Phrase("`{owner}` has no field `{name}`", "`{owner}` 没有字段 `{name}`"),
    (_NEAREST, Phrase("its fields are {known}", "可用字段有：{known}")),
)
UNKNOWN_DECLARATION = Code(
    "E203",
    "nothing of that name",
    Phrase("there is no {kind} called `{name}`", "没有名为 `{name}` 的{kind}"),
    (_NEAREST, Phrase("there are {known}", "现有：{known}"), Phrase("declare it", "请先声明")),
)
DECLARED_TWICE = Code(
    "E204",
    "declared twice",
    Phrase("`{name}` is declared twice", "`{name}` 重复声明"),
    (Phrase("give one of them another name", "请给其中一个改名"),),
)
CLASHES_WITH_FIELD = Code(
    "E205",
    "an audience with the name of a field",
    Phrase(
        "the audience `{name}` has the name of a customer field",
        "人群 `{name}` 与客户字段同名",
    ),
    (Phrase("give the audience another name", "请给人群改名"),),
)
AMBIGUOUS = Code(
    "E206",
    "ambiguous name",
    Phrase(
        "`{name}` may mean a field of the event `{event}` or {other}",
        "`{name}` 既可能是事件 `{event}` 的字段，也可能是{other}",
    ),
    (
        Phrase(
            "write `{event}.{name}` or `{customer}.{name}`",
            "请写 `{event}.{name}` 或 `{customer}.{name}`",
        ),
        Phrase(
            "write `{event}.{name}`, or give the audience another name",
            "请写 `{event}.{name}`，或给人群改名",
        ),
    ),
)
NO_EVENT_HERE = Code(
    "E207",
    "no event here",
    Phrase(
        "`event` means the event that triggers a campaign, and there is none here",
        "`event` 指触发活动的事件，而这里没有触发事件",
    ),
    (
        Phrase(
            "write `last(…).{name}` for the last such event, or use a trigger of the form `on …`",
            "可用 `last(…).{name}` 表示最近一次该事件，或使用 `on …` 形式的触发",
        ),
    ),
)
CIRCLE = Code(
    "E208",
    "a name that needs itself",
    Phrase("`{name}` is explained by itself: {circle}", "`{name}` 的定义引用了自身：{circle}"),
    (Phrase("take one of these names out", "请去掉其中一个引用"),),
)
AMBIGUOUS_STAGE = Code(
    "E209",
    "a stage of several lifecycles",
    Phrase("several lifecycles have a stage `{name}`", "多个生命周期都有阶段 `{name}`"),
    (Phrase("write one of {known}", "请写明：{known}"),),
)
UNKNOWN_OWNER = Code(
    "E210",
    "unknown name before the point",
    Phrase(
        "`{name}` before the point is neither `event`, `customer` nor an event looked at here",
        "点号前的 `{name}` 不是 `event`、`customer`，也不是此处所查的事件",
    ),
    (_NEAREST,),
)
UNKNOWN_WORD = Code(
    "E211",
    "not one of the values",
    Phrase("`{name}` is not a value of `{owner}`", "`{name}` 不是 `{owner}` 的取值"),
    (_NEAREST, Phrase("its values are {known}", "可取值有：{known}")),
)
AUDIENCE_IN_HISTORY = Code(
    "E212",
    "not inside a history",
    Phrase(
        "{what} cannot be asked about inside a history of events",
        "事件历史的条件里不能使用{what}",
    ),
    (Phrase("move it outside with `and`", "请用 `and` 移到外面"),),
)
TWICE_IN_LIST = Code(
    "E213",
    "named twice",
    Phrase("`{name}` is named twice here", "`{name}` 在这里出现了两次"),
    (Phrase("take one of them out", "请去掉一个"),),
)
UNKNOWN_KIND = Code(
    "E214",
    "unknown kind of benefit",
    Phrase("`{name}` is no kind of benefit", "`{name}` 不是权益类型"),
    (_NEAREST, Phrase("the kinds are {known}", "类型有：{known}")),
)
MISSING_CLAUSE = Code(
    "E215",
    "a clause is missing",
    Phrase("{kind} `{name}` has no `{clause}`", "{kind} `{name}` 缺少 `{clause}`"),
    (Phrase("add `{example}`", "请补充 `{example}`"),),
)
CLAUSE_TWICE = Code(
    "E216",
    "a clause twice",
    Phrase("`{clause}` stands twice in `{name}`", "`{clause}` 在 `{name}` 中出现了两次"),
    (Phrase("keep one of them", "请只保留一个"),),
)
UNKNOWN_CASH = Code(
    "E217",
    "unknown form of a computed reward",
    Phrase(
        "a computed reward is given as `cash`, not as `{name}`",
        "按公式计算的奖励只能 `as cash`，不能 `as {name}`",
    ),
    (Phrase("write `as cash`, or `… points` for points", "请写 `as cash`；积分请写 `… points`"),),
)
RENAMED_FROM_ANOTHER = Code(
    "E218",
    "a name that is still in use",
    Phrase(
        "`{name}` cannot be renamed from `{former}`, which another campaign is known by",
        "`{name}` 不能由 `{former}` 改名而来：另一活动正在使用该名称",
    ),
    (
        Phrase(
            "let one campaign carry on what was granted as `{former}`",
            "请只让一个活动承接 `{former}` 的发放记录",
        ),
    ),
)
CAMPAIGN_VANISHED = Code(
    "W201",
    "a campaign that vanished beside a new one",
    Phrase(
        "`{name}` is new to the ledger, and `{former}`, which is much like it, is gone",
        "账本中没有 `{name}` 的记录，而与之相近的 `{former}` 已从项目中消失",
    ),
    (
        Phrase(
            "if it is the same campaign, write `renamed from {former}` into it, or everybody"
            " who got it gets it again",
            "若是同一活动，请在其中写 `renamed from {former}`，否则已领取的客户会再次领取",
        ),
    ),
)
HOLDER_VANISHED = Code(
    "W708",
    "a name with balances that vanished beside a new one",
    Phrase(
        "the {kind} `{name}` is new to the ledger, and `{former}`, which is much like it and has"
        " balances there, is gone",
        "账本中没有{kind} `{name}` 的记录，而与之相近且仍有余额的 `{former}` 已从项目中消失",
    ),
    (
        Phrase(
            "if it is the same, call it `{former}` again: under a new name {follows}",
            "若是同一个，请改回 `{former}`：换用新名称后{follows}",
        ),
    ),
)
A_POOL = Phrase("budget", "预算")
A_BENEFIT = Phrase("benefit", "权益")
A_WALLET = Phrase("wallet", "钱包")
BEGINS_FULL = Phrase("it begins full, and money is spent again", "预算重新开始，资金会再次支出")
STOCK_BEGINS_ANEW = Phrase("its stock begins anew", "库存重新开始计算")
BEGINS_EMPTY = Phrase("customers have nothing in it", "客户的余额为零")
UNKNOWN_COUNTED = Code(
    "E230",
    "unknown way to count a group",
    Phrase(
        "a group is counted in `customers` or in `times`, not in `{name}`",
        "成团只能按 `customers` 或 `times` 计数，不能按 `{name}`",
    ),
    (Phrase("write `reaching 3 customers per …`", "请写 `reaching 3 customers per …`"),),
)
