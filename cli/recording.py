"""`campaigner test --record`: a scenario of a real decision, on stdout."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import click

from .exits import FINE
from .failures import tell
from .projects import compiled, require_campaign
from .resources import ledger_of, warehouse_of
from .screen.terminal import Session


def recording(session: Session, project: str, campaign: str, customer: str, at: str) -> int:
    """Print the scenario; `CannotRun` if there is no such campaign or customer."""
    loaded, plan = compiled(project, session)
    name = require_campaign(plan, campaign)
    from ..compiler.codes.scenarios import RECORDED_DIFFERS
    from ..dsl.diagnostics.diagnostic import CannotRun, diagnose
    from ..runtime.codes import running
    from ..runtime.due.schedule import parse_instant
    from ..runtime.scenarios.recording import recorded
    from ..runtime.warehouse.bad_rows import sound
    from ..runtime.warehouse.check import used_events
    from ..runtime.warehouse.rows import WarehouseRows

    instant = parse_instant(at, ZoneInfo(plan.time_zone))
    with ledger_of(loaded) as ledger, warehouse_of(loaded, session.bell) as warehouse:
        found = sound(warehouse, plan, used_events(plan, [name]), Decimal(1))
        rows = WarehouseRows(warehouse, found.opened(warehouse))
        if rows.customer(customer) is None:
            of = plan.customers
            code = running.CUSTOMER_UNKNOWN
            raise CannotRun(diagnose(code, None, customer=customer, table=of.table, column=of.key))
        channels = loaded.config.channels
        made = recorded(plan, name, customer, instant, rows, ledger, channels)
    click.echo(made.text, nl=False)
    if made.outcome is not None and made.outcome not in made.came:
        told = made.came[0] if made.came else "nothing"
        code = RECORDED_DIFFERS
        tell(diagnose(code, None, kept=made.outcome, came=told), session)
    return FINE
