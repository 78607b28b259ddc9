"""Detect that another process has rewound the ledger while a run was under way."""

from __future__ import annotations

from collections.abc import Callable

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import rewinding as codes

Ask = Callable[[str], list[tuple[int]]]


class Since:
    """Remembers the number of rewinds. Mutable, one for each open store.

    After a rewind, a run that is under way has read decisions that no longer exist.
    """

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._rewinds: int | None = None

    def check(self, ask: Ask) -> None:
        """Raise `CannotRun` if there are more rewinds than at the first check."""
        ((rewinds,),) = ask("SELECT count(*) FROM rewinds")
        if self._rewinds is None:
            self._rewinds = rewinds
        if rewinds != self._rewinds:
            raise CannotRun(diagnose(codes.REWOUND_SINCE, None, path=self._shown))

    def begin(self) -> None:
        """Accept all rewinds so far."""
        self._rewinds = None
