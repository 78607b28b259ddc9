"""Delivery: send the rows of the outbox to the channels.

Imports go one way: `done` `gate` `lines` ← `channels` ← `backoff` `lanes` ← `network` ← `deliver` ←
`from_settings`.
"""

from __future__ import annotations

from .channels.file import FileChannel
from .deliver import Channel, deliver
from .done import Delivered
from .gate import Gate, StillAllowed

__all__ = ["Channel", "Delivered", "FileChannel", "Gate", "StillAllowed", "deliver"]
