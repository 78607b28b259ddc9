"""Delivery: send the rows of the outbox to the channels.

Imports go one way: `gate` `lines` `results` ← `channels` ← `backoff` `lanes` ← `network` ←
`deliver` ← `from_settings`.
"""

from __future__ import annotations

from .channels.file import FileChannel
from .deliver import Channel, deliver
from .gate import Gate, StillAllowed
from .results import Delivered

__all__ = ["Channel", "Delivered", "FileChannel", "Gate", "StillAllowed", "deliver"]
