"""Campaigns as files: load, check, plan, query, decide and run them from Python.

The names in `__all__` are the public interface (docs/api.md). `campaigner.dsl`, `compiler`,
`runtime`, `cli` and every module whose name begins with `_` are internal. A name is imported when
it is first used, so that the command starts without any of them.

Imports go one way: `_results` ← `_projects` ← `_rows` `_periods` ← `_plans` `_work` ← `__main__`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "BudgetRow",
    "CampaignResult",
    "CannotRun",
    "ClaimRow",
    "Decided",
    "Decision",
    "Diagnostic",
    "GrantRow",
    "LedgerView",
    "Mistakes",
    "OfferRow",
    "Plan",
    "Project",
    "Reward",
    "RunResult",
    "WalletRow",
    "__version__",
    "check",
    "decide",
    "ledger",
    "load",
    "plan",
    "read_plan",
    "run",
    "sql",
    "write_plan",
]

if TYPE_CHECKING:
    from ._plans import decide, sql
    from ._projects import Plan, Project, check, load, plan, read_plan, write_plan
    from ._results import (
        CampaignResult,
        CannotRun,
        Decided,
        Decision,
        Diagnostic,
        Mistakes,
        Reward,
        RunResult,
    )
    from ._work import BudgetRow, ClaimRow, GrantRow, LedgerView, OfferRow, WalletRow, ledger, run
else:
    _MODULES = {
        "_plans": ("decide", "sql"),
        "_projects": ("Plan", "Project", "check", "load", "plan", "read_plan", "write_plan"),
        "_results": (
            *("CampaignResult", "CannotRun", "Decided", "Decision", "Diagnostic", "Mistakes"),
            *("Reward", "RunResult"),
        ),
        "_work": (
            *("BudgetRow", "ClaimRow", "GrantRow", "LedgerView", "OfferRow", "WalletRow"),
            *("ledger", "run"),
        ),
    }
    _MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
