"""What each operator means in SQL: the column `sql` of `operators.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Meaning = Callable[..., Any]
