"""The context of a decision in SQL: its instant, its date, the zone and the dialect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from .dialect import Dialect
from .moments import Compute, Moments, Single


@dataclass(frozen=True, slots=True)
class SqlContext:
    """The decision's instant and date as SQL expressions, and the project's zone.

    `nows` is the first and last possible instant (aware, UTC), if known. It limits the zone
    changes that the SQL must contain. `moments` is set if the instants are literals.
    """

    dialect: Dialect
    zone: str
    now: exp.Expr
    today: exp.Expr
    nows: tuple[datetime, datetime] | None = None
    moments: Moments | Single | None = None

    def literal(self, thing: object, wish: str, compute: Compute) -> exp.Expr | None:
        """The value for an instant of a schedule, computed beforehand; `None` for other
        instants."""
        if self.moments is None:
            return None
        return self.moments.literal(self.dialect, self.now, thing, wish, compute)
