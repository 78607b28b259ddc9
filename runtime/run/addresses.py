"""Addresses and consents of customers: fields of theirs, read from the warehouse at sending.

Addresses are never stored: no message, file, ledger or log contains them. So a field of any
sensitivity class may hold them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp

from ...compiler.plan import Plan
from ...compiler.plan.steps import steps_of
from ...compiler.project.channels import field_of
from ...compiler.project.mail_addresses import is_mail_address
from ...compiler.sql.columns import key_text, table, typed
from ..decide.facts import named
from ..delivery.gate import Consents
from ..delivery.network import Addresses
from ..warehouse.contract import Warehouse


def consents(plan: Plan, warehouse: Warehouse) -> Consents:
    """Return the lookup of customers for whom a field is yes, in the warehouse as it is now."""

    def ask(field: str, recipients: Collection[str]) -> set[str]:
        customers = plan.customers
        column = typed(warehouse.dialect, named(customers.fields, field))
        key = key_text(warehouse.dialect, customers.key)
        who = [exp.Literal.string(recipient) for recipient in sorted(recipients)]
        query = exp.select(key, column).from_(table(customers.table)).where(key.copy().isin(*who))
        rows = warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows()
        return {who for who, agrees in rows if agrees}

    return ask


def addresses(plan: Plan, warehouse: Warehouse) -> Addresses:
    """Return the lookup that `deliver` uses. Recipients without a usable address are left out."""

    def ask(address: str, recipients: Collection[str]) -> Mapping[str, str]:
        customers = plan.customers
        field = named(customers.fields, field_of(address) or "")
        key = key_text(warehouse.dialect, customers.key)
        who = [exp.Literal.string(recipient) for recipient in sorted(recipients)]
        query = (
            exp.select(key, key_text(warehouse.dialect, field.column))
            .from_(table(customers.table))
            .where(key.copy().isin(*who))
        )
        rows = warehouse.ask(query.sql(warehouse.dialect.sqlglot)).rows()
        found = {who: (text or "").strip() for who, text in rows}
        return {who: text for who, text in found.items() if is_mail_address(text)}

    return ask


def longest_order(plan: Plan) -> int:
    """Return the most channels that a message may be tried on, one after the other."""
    longest = 1
    for _, _, step in steps_of(plan):
        count = 0
        for message in step.messages:
            count = count + 1 if message.otherwise else 1
            longest = max(longest, count)
    return longest
