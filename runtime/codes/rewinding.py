"""What keeps a ledger from being rewound, or from being written after it was."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

REWIND_SPENT = Code(
    "E768",
    "rewind that would overdraw a wallet",
    Phrase(
        "the customer `{customer}` has spent units of `{wallet}` that came after that instant",
        "客户 `{customer}` 已经花掉了该时间之后进入 `{wallet}` 的数额",
    ),
    (
        Phrase(
            "nothing was taken back; rewind to a later instant, or reverse the grant that was paid"
            " with them first",
            "没有撤回任何内容；请回退到更晚的时间，或先撤销用它们支付的发放",
        ),
    ),
)
REWIND_AHEAD = Code(
    "E778",
    "rewind to an instant that has not come",
    Phrase(
        "`{text}` lies in the future, so nothing has gone wrong after it yet",
        "`{text}` 是将来的时间，在它之后还没有任何可撤回的内容",
    ),
    (
        Phrase(
            "name the last instant that was decided rightly, `--to 2026-03-03` for example",
            "请写出最后一个裁决正确的时间，例如 `--to 2026-03-03`",
        ),
    ),
)
REWOUND_SINCE = Code(
    "E779",
    "ledger that was rewound meanwhile",
    Phrase(
        "the ledger {path} was rewound while this command was at work",
        "本命令执行期间，账本 {path} 已被回退",
    ),
    (
        Phrase(
            "run the command again: it decides anew from where the ledger is now",
            "请重新执行该命令：它会从账本现在的位置重新裁决",
        ),
    ),
)

BY_CAMPAIGN = Phrase("campaign", "活动")
OUTCOME = Phrase("outcome", "结果")
TAKEN_BACK = Phrase("taken back", "撤回")
NOTHING = Phrase("nothing lies after that instant", "该时间之后没有任何内容")
DROPPED = Phrase(
    "{count} rows of the outbox were not sent yet, and will not be",
    "发件箱中有 {count} 行尚未发送，不再发送",
)
IRREVOCABLE = Phrase(
    "{count} had left the house, and cannot be taken back:", "{count} 项已经送达或核销，无法撤回："
)
MORE = Phrase(
    "and {count} more; --format json lists them all", "另有 {count} 项；--format json 列出全部"
)
AGAIN = Phrase(
    "the days after it are decided anew by the next run", "该时间之后的日子由下一次运行重新裁决"
)
