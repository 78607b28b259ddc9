"""E750–E759, and E184 and W152 of campaigner.toml: messages and their delivery, in words."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

CHANNEL_UNKNOWN = Code(
    "E750",
    "channel that is not set up",
    Phrase(
        "the channel `{channel}`, for which messages wait ({count}), is not in campaigner.toml",
        "有 {count} 条消息在等待渠道 `{channel}`，但 campaigner.toml 中没有它",
    ),
    (
        Phrase(
            "add `[channels.{channel}]` to campaigner.toml, then run again",
            "请在 campaigner.toml 中加上 `[channels.{channel}]`，然后重新运行",
        ),
    ),
)
CHANNEL_UNWRITABLE = Code(
    "E751",
    "channel's file that cannot be written",
    Phrase(
        "the file {path} of the channel `{channel}` cannot be written: {reason}",
        "无法写入渠道 `{channel}` 的文件 {path}：{reason}",
    ),
    (
        Phrase(
            "make it writable or mend `path` under `[channels.{channel}]`, then run again: what"
            " waits is delivered once",
            "请让它可写，或修改 `[channels.{channel}]` 的 `path`，然后重新运行："
            "等待的内容只会投递一次",
        ),
    ),
)
CHANNEL_DISK_FULL = Code(
    "E752",
    "no room on the disk for a channel's file",
    Phrase(
        "the disk is full: the file {path} of the channel `{channel}` could not be written",
        "磁盘已满：无法写入渠道 `{channel}` 的文件 {path}",
    ),
    (
        Phrase(
            "make room and run again: what waits is delivered once",
            "请腾出空间后重新运行：等待的内容只会投递一次",
        ),
    ),
)

CHANNEL_NEEDS = Code(
    "E753",
    "library of a channel that is not installed",
    Phrase(
        "the channel `{channel}` needs a library that is not installed",
        "渠道 `{channel}` 需要的程序库没有安装",
    ),
    (
        Phrase(
            "install it with `pip install 'campaigner[{extra}]'`",
            "请安装：`pip install 'campaigner[{extra}]'`",
        ),
    ),
)
CHANNEL_UNUSABLE = Code(
    "E754",
    "setting of a channel that cannot be used",
    Phrase(
        "what `{name}` takes from the environment cannot be used: {reason}",
        "`{name}` 取自环境变量的值无法使用：{reason}",
    ),
    (
        Phrase(
            "mend the variable where this runs; nothing was decided and nothing was sent",
            "请在运行环境中修改该变量；尚未做出任何决定，也没有发送任何内容",
        ),
    ),
)
CHANNEL_IN_USE = Code(
    "E757",
    "channel's file that the project has another use for",
    Phrase(
        "the file {path} of the channel `{channel}` is also that of another use: {other}",
        "渠道 `{channel}` 的文件 {path} 另有用途：{other}",
    ),
    (
        Phrase(
            "give `path` under `[channels.{channel}]` a file of its own, and run again: what waits"
            " is delivered once",
            "请为 `[channels.{channel}]` 的 `path` 指定单独的文件，然后重新运行："
            "等待的内容只会投递一次",
        ),
    ),
)
CHANNEL_FAILING = Code(
    "W750",
    "channel that does not take what is sent",
    Phrase(
        "the channel `{channel}` could not be delivered to ({reason}), and {count} wait",
        "渠道 `{channel}` 投递失败（{reason}），仍有 {count} 条在等待",
    ),
    (
        Phrase(
            "the next run tries them again; `campaigner outbox list --state waiting` shows them",
            "下次运行会重试；`campaigner outbox list --state waiting` 可查看",
        ),
    ),
)
DEAD_LETTERS = Code(
    "W751",
    "rows of the outbox that were given up",
    Phrase(
        "the channel `{channel}` did not take {count} for good ({reason})",
        "渠道 `{channel}` 有 {count} 条被彻底拒收（{reason}）",
    ),
    (
        Phrase(
            "see them with `campaigner outbox list`; once the cause is mended,"
            " `campaigner outbox retry` has them sent again",
            "用 `campaigner outbox list` 查看；排除原因后，用 `campaigner outbox retry` 重新发送",
        ),
    ),
)

SENDER_BROKE = Code(
    "W752",
    "a sender that broke by an error of this program",
    Phrase(
        "a sender of the channel `{channel}` broke by an error of this program",
        "渠道 `{channel}` 的发送器因程序错误而中断",
    ),
    (
        Phrase(
            "report it, with the lines above; the message that it was sending counts as tried,"
            " and all others wait as before",
            "请连同上面的输出一起报告；正在发送的那条消息计为一次尝试，其余消息照常等待",
        ),
    ),
)
