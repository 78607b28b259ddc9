"""`campaigner outbox`: what could not be delivered, and its retry; one verb a file."""

from __future__ import annotations

from ...arguments.lazy import VerbGroup

_SUMMARIES = {
    "list": "List dead letters, or messages in another state.",
    "retry": "Have dead letters sent again by the next run.",
}

command = VerbGroup(
    "outbox",
    package=__name__,
    summaries=_SUMMARIES,
    text="Show what could not be delivered; have it sent again.",
    exit_codes="Example: campaigner outbox list shop --state waiting",
)
