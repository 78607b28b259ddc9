"""Two projects in one database behind a pooler: each decision is in its own project's ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.warehouse.engines import open_warehouse

from tests import pooler
from tests.runtime.ledger.ledgers import DIGEST, account, ask, clock, gift

PROJECTS = ("shop", "bank")
PLAN = gift(account("campaign/gift/total", "100000"), messages=(("push", "hello"),), shares=())


@pytest.fixture(params=pooler.POOLERS)
def urls(request, server, schema_url, tmp_path):
    """An address of each project's ledger, through one pool."""
    with pooler.pooled(request.param, server, tmp_path) as url:
        yield {name: f"{url}?schema={schema_url().rpartition('=')[2]}" for name in PROJECTS}


def _opened(root, urls, name, mode="write"):
    return open_ledger(urls[name], name, "CNY", root=root, channels=frozenset({"push"}), mode=mode)


def _life(root, urls, name):
    """Decides for sixty customers in small batches, and does what else a ledger does."""
    outcomes = []
    with _opened(root, urls, name) as ledger:
        for start in range(0, 60, 5):
            batch = [
                ask(f"{name}{number}", "2026-01-10 10:00", "1 cash")
                for number in range(start, start + 5)
            ]
            outcomes += [one.outcome for one in ledger.decide(PLAN, batch, DIGEST)]
            ledger.set_progress({"gift": clock("2026-01-10 10:00")})
            ledger.mark_seen("buy", [f"{name}{start}"])
            with ledger.rehearsal() as copy:
                more = [ask("nobody", "2026-01-10 11:00", "1 cash")]
                assert copy.decide(PLAN, more, DIGEST)[0].outcome == "granted"
        with ledger.outbox() as outbox:
            assert outbox is not None
        assert ledger.verify() == ()
    return outcomes


def test_two_projects_in_one_pool_keep_to_themselves(tmp_path, urls):
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(_life, tmp_path, urls, name) for name in PROJECTS]
        assert [set(life.result(60)) for life in lives] == [{"granted"}, {"granted"}]
    with ExitStack() as stack:
        ledgers = [stack.enter_context(_opened(tmp_path, urls, name, "read")) for name in PROJECTS]
        for name, ledger in zip(PROJECTS, ledgers, strict=True):
            recipients = sorted(row.recipient for row in ledger.grants())
            assert recipients == sorted(f"{name}{number}" for number in range(60))
            assert len(list(ledger.events_read("buy"))) == 12
            assert sum(ledger.waiting_channels(clock("2027-01-01 00:00")).values()) == 60
            assert ledger.verify() == ()


def test_a_warehouse_is_read_in_one_transaction_with_settings_of_its_own(tmp_path, urls, server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS house CASCADE; CREATE SCHEMA house")
        connection.execute("CREATE TABLE house.customers (id text, at timestamptz)")
        connection.execute("INSERT INTO house.customers VALUES ('ann', '2026-01-10T10:00Z')")
    url = urls["shop"].partition("?")[0] + "?schema=house"
    query = "SELECT id, at::text FROM customers"
    for _ in range(6):
        with open_warehouse(url, tmp_path) as house:
            assert list(house.ask(query).rows()) == [("ann", "2026-01-10 10:00:00+00")]
            house.keep("known", ["a", "b"])
            kept = house.ask("SELECT occurrence FROM known ORDER BY 1")
            assert list(kept.rows()) == [("a",), ("b",)]
