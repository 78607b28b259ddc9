"""A message shows nobody the data of another customer, however it asks for them."""

from pathlib import Path

import pytest
from campaigner.compiler.compile import Compiled

from ..projects import compile_folder, write

SETTINGS = """[project]
name = "test"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    city: {type: text, sensitivity: C2}
    nick: {type: text, shared: true}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      phone: {type: text, sensitivity: C2}
      product: {type: text}
      friend: {type: text, optional: true}
"""
CAMPAIGN = """
benefit coffee {{ kind coupon value 30 CNY }}
campaign friends "friends" {{
  audience yes
  trigger on order {group}
  reward coffee {to}
  budget {{ total 1_000 CNY }}
  message push "{text}"
  compliance {{ forbid phrase "sure" }}
}}
"""
OTHER = "to event.friend"


def compiled(folder: Path, text: str, to: str = OTHER, group: str = "") -> Compiled:
    campaign = CAMPAIGN.format(text=text, to=to, group=group)
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "a.campaign": campaign}
    return compile_folder(write(folder, files))


def errors(found: Compiled) -> set[str]:
    return {one.code.id for one in found.diagnostics if one.code.severity == "error"}


@pytest.mark.parametrize("owner", ["customer.city", "customer.nick", "sender.city", "event.phone"])
@pytest.mark.parametrize(
    "shape",
    [
        "{{{{ {0} }}}}",
        "{{{{ {0} | masked }}}}",
        "{{{{ {0} | first | upper }}}}",
        "{{{{ {0} | length }}}}",
        "{{{{ '' or {0} }}}}",
        "{{{{ ({0}) | default('x') }}}}",
        "{{% if {0} %}}x{{% endif %}}",
        "{{% if {0} == 'Jinan' %}}x{{% endif %}}",
        "{{% if 'J' in {0} %}}x{{% elif true %}}y{{% endif %}}",
        "{{% if true %}}{{{{ {0} }}}}{{% endif %}}",
        "{{% if false %}}{{{{ {0} }}}}{{% endif %}}",
        "{{% if not {0} %}}x{{% endif %}}",
        "{{{{ 'x' | replace('x', {0}) }}}}",
        "{{{{ event.product | default({0}) }}}}",
        "{{% set x = {0} %}}{{{{ x }}}}",
        "{{% with x = {0} %}}{{{{ x }}}}{{% endwith %}}",
        "{{% for x in {0} %}}{{{{ x }}}}{{% endfor %}}",
        "{{{{ {0}.upper() }}}}",
        "{{{{ {0}[0] }}}}",
        "{{{{ {0} ~ '' }}}}",
        "{{{{ {0} if true else '' }}}}",
        "{{{{ 'x' if {0} else '' }}}}",
        "{{{{ [{0}] | first }}}}",
        "{{% filter upper %}}{{{{ {0} }}}}{{% endfilter %}}",
        "{{% macro m() %}}{{{{ {0} }}}}{{% endmacro %}}{{{{ m() }}}}",
    ],
)
def test_no_shape_of_a_message_gets_round_it(tmp_path: Path, owner: str, shape: str) -> None:
    assert errors(compiled(tmp_path, shape.format(owner)))


@pytest.mark.parametrize(
    "text",
    [
        "{{ customer['city'] }}",
        "{{ customer.__class__.city }}",
        "{{ customer }}",
        "{{ (customer).city }}",
        "{{ customer | attr('city') }}",
        "{{ customer . city }}",
        "{{ self.customer.city }}",
        "{{ context }}",
        "{{ event.customer }}",
        "{{ event.key }}",
        "{{ customer.customer_id }}",
    ],
)
def test_no_other_name_gets_round_it(tmp_path: Path, text: str) -> None:
    assert errors(compiled(tmp_path, text))


@pytest.mark.parametrize("text", ["{{ sender.nick }}", "{{ event.product }}", "{{ reward.label }}"])
def test_what_may_be_shared_is_let_through(tmp_path: Path, text: str) -> None:
    assert errors(compiled(tmp_path, text)) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ event.phone }}", {"E431"}),
        ("{% if event.phone == '1' %}x{% endif %}", {"E431"}),
        ("{{ event.product }}", set()),
        ("{{ customer.city }}", set()),
        ("{{ sender.nick }}", {"E432"}),
    ],
)
def test_everybody_of_a_group_sees_an_event_of_one_of_them(
    tmp_path: Path, text: str, expected: set[str]
) -> None:
    found = compiled(tmp_path, text, "to each", "reaching 3 customers per friend")
    assert errors(found) == expected
