"""The statements of the plan that a law asks about, each written once however often it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from campaigner.compiler.plan import Plan


class Statements:
    """Those of one plan: a law asks the same of other tables, and of the same tables again."""

    plan: Plan | None = None

    def of(self, write: Callable[..., Any], plan: Plan, *asked: Any) -> Any:
        """The result of `write(plan, *asked)`."""
        if self.plan is not plan:
            self.plan, self._written = plan, dict[tuple[Any, ...], Any]()
        key = (write, *asked)
        if key not in self._written:
            self._written[key] = write(plan, *asked)
        return self._written[key]


STATEMENTS = Statements()
