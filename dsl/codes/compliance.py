"""E6xx: compliance: what policies demand and forbid, and what messages may say."""

from __future__ import annotations

from ..diagnostics import Code, Phrase

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
