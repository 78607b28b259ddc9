"""E6xx, E424 to E432, W402, W403: compliance: what policies demand, and what messages may say."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

THIS_CAMPAIGN = Phrase("this campaign", "本活动")
REQUIRED_HERE = Phrase("demanded here", "在这里要求")
FORBIDDEN_HERE = Phrase("forbidden here", "在这里禁止")

FORBIDDEN_PHRASE = Code(
    "E601",
    "a forbidden phrase in a message",
    Phrase(
        "{policy} forbids “{phrase}”, and this message says it",
        "{policy} 禁止使用“{phrase}”，而此消息使用了它",
    ),
    (Phrase("say it in other words", "请改用其他表述"),),
)
FORBIDDEN_FIELD = Code(
    "E603",
    "a private field in a message",
    Phrase(
        "{policy} keeps fields from {limit} out of messages, and `{field}` is {found}",
        "{policy} 禁止消息中出现 {limit} 及以上字段，而 `{field}` 为 {found}",
    ),
    (Phrase("take `{field}` out of the message", "请从消息中去掉 `{field}`"),),
)
NOT_DISCLOSED = Code(
    "E604",
    "a disclosure is missing",
    Phrase(
        "{policy} demands that every message says “{text}”",
        "{policy} 要求每条消息都写明“{text}”",
    ),
    (Phrase("add it to the message", "请在消息中补上"),),
)
NOT_APPROVED = Code(
    "E605",
    "an approval is missing",
    Phrase(
        "{policy} demands an approval by “{who}”, and `{campaign}` has none",
        "{policy} 要求由“{who}”审批，而 `{campaign}` 尚无审批",
    ),
    (
        Phrase(
            'once it is given, add `approved by "{who}" on 2026-01-15` to `compliance`',
            '审批后请在 `compliance` 中补充 `approved by "{who}" on 2026-01-15`',
        ),
    ),
)
UNKNOWN_VARIABLE = Code(
    "E606",
    "an unknown variable in a message",
    Phrase("a message cannot say `{name}`", "消息中不能使用 `{name}`"),
    (
        Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),
        Phrase("it can say {known}", "可以使用：{known}"),
    ),
)
BAD_TEMPLATE = Code(
    "E607",
    "a message that cannot be read",
    Phrase(
        "the text between the braces of this message cannot be read",
        "无法理解此消息花括号中的内容",
    ),
    (
        Phrase(
            "write variables as `{{{{ reward.label }}}}`, and close each brace",
            "变量请写成 `{{{{ reward.label }}}}`，并成对闭合花括号",
        ),
    ),
)
TEMPLATE_TOO_CLEVER = Code(
    "E608",
    "a program in a message",
    Phrase("a message may not hold {what}", "消息中不能使用{what}"),
    (Phrase("keep to variables, `if` and filters", "请只使用变量、`if` 和过滤器"),),
)
LOOP = Phrase("a loop (`for`)", "循环（`for`）")
CALL = Phrase("a call (`…()`)", "调用（`…()`）")
PART = Phrase("a part of a value (`…[…]`)", "取值的一部分（`…[…]`）")
ARITHMETIC = Phrase("a calculation", "计算")
SETTING = Phrase("a variable of its own (`set`)", "自定义变量（`set`）")
OTHER_BLOCK = Phrase("such a block", "这种语句")
TOO_DEEP = Phrase("conditions nested this deep", "嵌套如此之深的条件")
UNKNOWN_FILTER = Code(
    "E612",
    "an unknown filter in a message",
    Phrase("a message cannot put a variable through `{name}`", "消息变量不能使用过滤器 `{name}`"),
    (Phrase("did you mean `{nearest}`?", "是否想写 `{nearest}`？"),),
)
BAD_CLASS = Code(
    "E609",
    "unknown class of sensitivity",
    Phrase("`{name}` is no class of sensitivity", "`{name}` 不是敏感级别"),
    (Phrase("write C1, C2 or C3", "请写 C1、C2 或 C3"),),
)
ONLY_IN_CAMPAIGN = Code(
    "E610",
    "an approval in a policy",
    Phrase(
        "an approval is given to a campaign, not in a policy", "审批是针对活动的，不能写在政策里"
    ),
    (
        Phrase(
            "move `approved by …` to the campaign's `compliance`",
            "请将 `approved by …` 移到活动的 `compliance` 中",
        ),
    ),
)
NO_SUCH_REWARD = Code(
    "E611",
    "a message about a reward that is not given",
    Phrase(
        "this message speaks of the reward, and `{campaign}` gives none",
        "此消息提到奖励，而 `{campaign}` 没有奖励",
    ),
    (Phrase("add a `reward`, or take `{name}` out", "请补充 `reward`，或去掉 `{name}`"),),
)
NOT_COMPARABLE = Code(
    "E424",
    "values of a message that cannot be compared",
    Phrase(
        "this message compares {left} with {right}",
        "此消息将{left}与{right}进行比较",
    ),
    (
        Phrase(
            "compare values of one kind; `{{{{ reward.… }}}}` and `{{{{ campaign.… }}}}` are text",
            "请比较同类的值；`{{{{ reward.… }}}}` 和 `{{{{ campaign.… }}}}` 都是文本",
        ),
    ),
)
WRONG_FILTER = Code(
    "E425",
    "a filter on a value of another kind",
    Phrase(
        "the filter `{name}` takes {expected}, and this is {found}",
        "过滤器 `{name}` 只用于{expected}，而这里是{found}",
    ),
    (Phrase("`| string` makes text of any value", "`| string` 可将任何值转换为文本"),),
)
BAD_ARGUMENTS = Code(
    "E426",
    "a filter with wrong arguments",
    Phrase(
        "the filter `{name}` cannot be used with these arguments",
        "过滤器 `{name}` 不能使用这些参数",
    ),
    (
        Phrase(
            'write constants, such as `truncate(20)`, `round(2)`, `replace("a", "b")`',
            '请写常量，例如 `truncate(20)`、`round(2)`、`replace("a", "b")`',
        ),
    ),
)
LONG_MESSAGE = Code(
    "E427",
    "a message longer than its channel takes",
    Phrase(
        "this message has at least {length} bytes, and its channel takes {longest}",
        "此消息至少 {length} 字节，而其渠道最多允许 {longest} 字节",
    ),
    (Phrase("shorten it", "请缩短消息"),),
)
PHRASE_IN_LABEL = Code(
    "E428",
    "a forbidden phrase in a text that customers see",
    Phrase(
        "{policy} forbids “{phrase}”, and customers see it here",
        "{policy} 禁止使用“{phrase}”，而客户会在这里看到它",
    ),
    (Phrase("say it in other words", "请改用其他表述"),),
)
EMPTY_PHRASE = Code(
    "E429",
    "a forbidden phrase without letters",
    Phrase(
        "“{phrase}” has neither letters nor digits, so it forbids nothing",
        "“{phrase}”中没有文字或数字，因此无法禁止任何内容",
    ),
    (Phrase("write the words that no message may say", "请写出消息中不得出现的词语"),),
)
DATA_OF_ANOTHER = Code(
    "E430",
    "data of one customer in a message to another",
    Phrase(
        "this message goes to another customer, and `customer.{field}` is not that customer's",
        "此消息发给另一位客户，而 `customer.{field}` 不是该客户的数据",
    ),
    (
        Phrase(
            "take it out, or write `sender.{field}` where the catalog says `shared: true` of it",
            "请去掉它；若目录注明 `shared: true`，可写 `sender.{field}`",
        ),
    ),
)
NOT_SHARED = Code(
    "E431",
    "data in a message to another customer that are not shared",
    Phrase(
        "this message goes to another customer, and the catalog does not let others read `{name}`",
        "此消息发给另一位客户，而目录不允许其他客户看到 `{name}`",
    ),
    (
        Phrase(
            "take it out, or say `shared: true` of `{field}` in the catalog",
            "请去掉它，或在目录中为 `{field}` 注明 `shared: true`",
        ),
    ),
)
NO_SENDER = Code(
    "E432",
    "a sender where the reward goes to nobody else",
    Phrase(
        "`sender.{field}` is for rewards with `to`, and this one goes to the customer",
        "`sender.{field}` 用于带 `to` 的奖励，而此奖励发给客户本人",
    ),
    (Phrase("write `customer.{field}`", "请写 `customer.{field}`"),),
)
MAY_BE_UNKNOWN = Code(
    "W402",
    "a message with a gap where a value is unknown",
    Phrase(
        "`{name}` may be unknown, and this message then has a gap",
        "`{name}` 可能未知，此时消息中会出现空缺",
    ),
    (
        Phrase(
            'write `{{{{ {name} or "…" }}}}`, or put the part in `{{% if {name} %}}`',
            '请写 `{{{{ {name} or "…" }}}}`，或将该部分放入 `{{% if {name} %}}`',
        ),
    ),
)
FOLLOWS_NOTHING = Code(
    "W403",
    "a campaign that follows no policy",
    Phrase(
        "`{campaign}` follows no policy, and the project has {policies}",
        "`{campaign}` 没有遵循任何政策，而项目中有 {policies}",
    ),
    (
        Phrase(
            "write `compliance {{ follows {policy} }}`",
            "请写 `compliance {{ follows {policy} }}`",
        ),
    ),
)
