"""The format of channels: one JSON object a line; see `docs/outbox.md`."""

from __future__ import annotations

import json
from typing import assert_never

from ..kept import entries
from ..ledger.instants import instant_text
from ..ledger.outbox import Fulfilment, Letter, OutboxRow
from ..rendering.messages import grant_code

FORMAT_VERSION = 1

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def row_key(row: OutboxRow | Letter) -> str:
    """Return the row's key, the same in every attempt: receivers drop duplicates by it."""
    identity = row.identity
    parts = (identity.campaign, identity.step, identity.recipient, identity.occurrence, row.channel)
    escaped = (part.replace("%", "%25").replace("/", "%2F") for part in parts)
    return "/".join((*escaped, str(row.n)))


def line(row: OutboxRow) -> bytes:
    """Return a row as a line of UTF-8, with its line break."""
    identity = row.identity
    content: dict[str, object] = {
        "format_version": FORMAT_VERSION,
        "key": row_key(row),
        "channel": row.channel,
        "campaign": identity.campaign,
        "step": identity.step,
        "recipient": identity.recipient,
        "occurrence": identity.occurrence,
        "at": instant_text(row.at),
        "deliver_at": instant_text(row.deliver_at),
    }
    match row.kind:
        case "message":
            content["text"] = row.body
        case "rewards":
            content["code"] = grant_code(identity)
            content["rewards"] = [_reward(each) for each in row.rewards]
        case "alert":
            content["alert"] = entries(row.body)
        case _:
            assert_never(row.kind)
    return _ENCODER.encode(content).encode() + b"\n"


def readable(row: OutboxRow) -> str:
    """Return a row as people read it: a message's text, or a row's facts."""
    if row.kind == "message":
        return row.body
    return json.dumps(json.loads(line(row)), ensure_ascii=False, indent=2)


def _reward(row: Fulfilment) -> dict[str, str | None]:
    expires = None if row.expires_at is None else instant_text(row.expires_at)
    amount = f"{row.amount:f}"
    found = {
        "reward": row.reward,
        "amount": amount,
        "currency": row.currency,
        "expires_at": expires,
    }
    return found if row.code is None else {**found, "code": row.code}


def key_of(written: bytes) -> str | None:
    """Return the key in a line that was written before; `None` if it is not one of ours."""
    try:
        content = json.loads(written)
    except ValueError:
        return None
    key = content.get("key") if isinstance(content, dict) else None
    return key if isinstance(key, str) else None
