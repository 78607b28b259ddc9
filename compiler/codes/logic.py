"""E4xx: logic: what can never happen, and what is not sure yet."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

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
PRIZE_AFTER_REST = Code(
    "E403",
    "a prize after the rest",
    Phrase(
        "this prize stands after `rest`, which leaves nothing to be drawn",
        "该奖品在 `rest` 之后，已没有剩余概率",
    ),
    (Phrase("move it before `rest`", "请移到 `rest` 之前"),),
)
NEVER_DRAWN = Code(
    "E404",
    "a prize never drawn",
    Phrase(
        "`{text}` is never drawn: its odds are nothing", "`{text}` 的中奖概率为零，永远不会抽中"
    ),
    (Phrase("give it odds, or take it out", "请给出中奖概率，或删去该奖品"),),
)
EMPTY_REWARD = Code(
    "E405",
    "a reward of no lines",
    Phrase("`{word}` holds nothing that could be given", "`{word}` 中没有任何奖励"),
    (
        Phrase(
            "write what is given, such as `{word} {{ {example} }}`",
            "请写明奖励内容，例如 `{word} {{ {example} }}`",
        ),
    ),
)
CHOICE_OVER = Code(
    "E406",
    "a choice of more than is offered",
    Phrase(
        "{count} are to be chosen, and {offered} are offered",
        "要求选择 {count} 项，但只提供了 {offered} 项",
    ),
    (Phrase("choose {offered} at most, or offer more", "请最多选 {offered} 项，或增加可选项"),),
)
CHOICE_AMONG_MANY = Code(
    "E407",
    "a choice among too many",
    Phrase(
        "{found} benefits are offered, and {most} can be at most",
        "提供了 {found} 项权益，最多只能 {most} 项",
    ),
    (Phrase("offer fewer, or one benefit that stands for several", "请减少可选项，或合并权益"),),
)
GROUP_BY_OTHERS = Code(
    "E420",
    "a group counted by something else",
    Phrase(
        "`{text}` asks more than an event of a group can say of itself",
        "`{text}` 用到了事件自身字段以外的信息，无法用于成团计数",
    ),
    (
        Phrase(
            "ask only its own fields here, and the rest in the `audience`",
            "此处只能使用事件自身的字段；其余条件请写在 `audience` 中",
        ),
    ),
)
EACH_OF_NOBODY = Code(
    "E421",
    "to each of no group",
    Phrase("`to each` needs a trigger that waits for a group", "`to each` 需要成团触发条件"),
    (
        Phrase(
            "write `reaching 3 customers per …` in the trigger, or take `to each` out",
            "请在触发条件中写明 `reaching 3 customers per …`，或删去 `to each`",
        ),
    ),
)
CLAIM_OF_NOTHING = Code(
    "E422",
    "a claim of no offer",
    Phrase(
        "`claimed on` needs a reward that offers a choice", "`claimed on` 需要提供可选权益的奖励"
    ),
    (
        Phrase(
            "write `choose 1 of …` in the reward, or take `claimed on` out",
            "请在奖励中写明 `choose 1 of …`，或删去 `claimed on`",
        ),
    ),
)
CLAIM_BY_OTHERS = Code(
    "E423",
    "a claim that asks something else",
    Phrase(
        "`{text}` asks more than the event of a claim can say of itself",
        "`{text}` 用到了领取事件自身字段以外的信息",
    ),
    (
        Phrase(
            "ask only the fields of `{event}` here, such as `event.{field}`",
            "此处只能使用 `{event}` 自身的字段，例如 `event.{field}`",
        ),
        Phrase(
            "ask only the fields of `{owner}` here",
            "此处只能使用 `{owner}` 自身的字段",
        ),
    ),
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
