"""W152 and E184: channels that send in the clear."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

SECRET_IN_THE_CLEAR = Code(
    "E184",
    "a password that would go out in the clear",
    Phrase(
        "channel `{name}` would send its {what} in the clear, for all on the way to read",
        "渠道 `{name}` 会以明文发送{what}，途中任何人都能读到",
    ),
    (Phrase("{way}, or leave the {what} out", "{way}，或去掉{what}"),),
)

MESSAGES_IN_THE_CLEAR = Code(
    "W152",
    "messages that go out in the clear",
    Phrase(
        "channel `{name}` sends its messages in the clear, for all on the way to read",
        "渠道 `{name}` 以明文发送消息，途中任何人都能读到",
    ),
    (
        Phrase(
            "write `https://`; `http://` is for a server on this machine",
            "请改用 `https://`；`http://` 只适用于本机上的服务",
        ),
    ),
)
