"""From the outbox to the channels."""

from __future__ import annotations

from .deliver import Delivered, StillAllowed, deliver
from .file import FileChannel

__all__ = ["Delivered", "FileChannel", "StillAllowed", "deliver"]
