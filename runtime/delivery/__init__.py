"""From the outbox to the channels."""

from __future__ import annotations

from .deliver import Channel, deliver
from .done import Delivered
from .file import FileChannel
from .gate import Gate, StillAllowed

__all__ = ["Channel", "Delivered", "FileChannel", "Gate", "StillAllowed", "deliver"]
