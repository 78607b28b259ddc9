"""Plans in the ledger: each document once, and which one is the last."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from ..store import Store

_LAST = "SELECT digest FROM kept_plans ORDER BY turn DESC, digest DESC LIMIT 1"
_ANY = "SELECT 1 FROM kept_plans WHERE digest = ?"
_NEXT = "(SELECT coalesce(max(turn), 0) + 1 FROM kept_plans)"
_ADD = f"INSERT INTO kept_plans SELECT ?, {_NEXT}, ? WHERE true ON CONFLICT (digest) DO NOTHING"
_AGAIN = f"UPDATE kept_plans SET turn = {_NEXT} WHERE digest = ?"  # noqa: S608
_DOCUMENT = "SELECT document FROM kept_plans WHERE digest = ?"


class StoredPlans:
    """The `KeptPlans` of an open store."""

    _store: Store

    def keep_plan(self, digest: str, document: Callable[[], bytes]) -> None:
        """See `KeptPlans.keep_plan`."""
        store = self._store
        if _last(store) == digest:
            return
        known = bool(store.ask(_ANY, (digest,)))
        packed = b"" if known else zlib.compress(document())

        def work() -> None:
            if not known:
                store.change(_ADD, [(digest, packed)])
            if _last(store) != digest:
                store.change(_AGAIN, [(digest,)])

        store.write((), work)

    def kept_plan(self, digest: str | None = None) -> bytes | None:
        """See `KeptPlans.kept_plan`."""
        named = _last(self._store) if digest is None else digest
        rows = [] if named is None else self._store.ask(_DOCUMENT, (named,))
        return zlib.decompress(bytes(rows[0][0])) if rows else None


def _last(store: Store) -> str | None:
    rows = store.ask(_LAST)
    return None if not rows else str(rows[0][0])
