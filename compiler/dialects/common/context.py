"""The context of a decision in SQL: its instant, its date, the zone and the dialect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from .dialect import Dialect
from .moments import Compute, Moments, Single


@dataclass(frozen=True, slots=True)
class SqlContext:
    """The decision's instant and date as SQL sees them, and the project's zone.

    `nows` bounds the instant (aware, UTC), where it is known when the SQL is built: what clocks do
    outside of it need not be written down. `moments` is there where they are literals.
    """

    dialect: Dialect
    zone: str
    now: exp.Expr
    today: exp.Expr
    nows: tuple[datetime, datetime] | None = None
    moments: Moments | Single | None = None

    def literal(self, thing: object, wish: str, compute: Compute) -> exp.Expr | None:
        """What is known of the instant of a schedule; nothing for other instants."""
        if self.moments is None:
            return None
        return self.moments.literal(self.dialect, self.now, thing, wish, compute)
