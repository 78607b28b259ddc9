"""How the situation of a page comes about: what was done to the starter project before.

`shop` is the folder of a project that `campaigner init` made; its neighbours are free. The
page's session shows what the commands then answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path

import duckdb
from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import plan_json
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import Diagnostic
from campaigner.runtime.ledger import open_ledger

from .histories import committed, git

WAREHOUSE = "duckdb:///data/shop.duckdb"
LEDGER = "sqlite:///var/ledger.db"
ORGANISER = '[organiser]\nname    = "The shop"\ncontact = "the service desk"\n'


WELCOME = """campaign welcome {
  active   2026-01-01 to 2026-12-31
  audience consent_marketing
  journey {
    step hello on order
      limit 1 per customer
      reward 1 points
    step later 60 days after hello
      reward 2 points
  }
  budget     { total 100 CNY }
  compliance { follows fair_play }
}
"""


SPRING = """campaign spring_gift {
  active     2026-01-01 to 2026-12-31
  experiment spring { split a 50%, b 50% }
  audience   consent_marketing
  trigger    on order
  reward     by { when arm is a: coffee  when arm is b: 2 points }
             limit 1 per customer
  budget     { total 100 CNY }
  compliance { follows fair_play }
}
"""


def changed(file: str, old: str, new: str) -> Callable[[Path], None]:
    """`new` in place of `old` in a file of the project."""

    def change(shop: Path) -> None:
        text = (shop / file).read_text("utf-8")
        assert old in text
        (shop / file).write_text(text.replace(old, new), "utf-8")

    return change


def written(file: str, content: str | bytes) -> Callable[[Path], None]:
    def write(shop: Path) -> None:
        path = shop / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


def warehouse(*statements: str) -> Callable[[Path], None]:
    """The statements carried out in the warehouse."""

    def fill(shop: Path) -> None:
        with duckdb.connect(str(shop / "data/shop.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)

    return fill


def stopping(*statements: str) -> Callable[[Path], None]:
    """The same in a project that stops at the first bad row."""
    return _with_bad_rows("stop", *statements)


def allowing(*statements: str) -> Callable[[Path], None]:
    """The same in a project that leaves out more bad rows than usual."""
    return _with_bad_rows("10%", *statements)


def _with_bad_rows(allowed: str, *statements: str) -> Callable[[Path], None]:
    def change(shop: Path) -> None:
        changed("campaigner.toml", "[warehouse]", f'[warehouse]\nbad_rows = "{allowed}"')(shop)
        warehouse(*statements)(shop)

    return change


def folder(name: str) -> Callable[[Path], None]:
    return lambda shop: (shop / name).mkdir(parents=True)


def removed(name: str) -> Callable[[Path], None]:
    def remove(shop: Path) -> None:
        for path in shop.glob(name):
            path.unlink()

    return remove


def ledger(
    statement: str = "", *, name: str = "shop", currency: str = "CNY"
) -> Callable[..., None]:
    """An empty ledger of a project of that name, then the statement carried out in it."""

    def make(shop: Path) -> None:
        open_ledger(LEDGER, name, currency, root=shop).close()
        edit(shop, statement)

    return make


def edit(shop: Path, statement: str) -> None:
    """As somebody would who opens the file in another program and takes its guards away."""
    with closing(sqlite3.connect(shop / "var/ledger.db")) as connection:
        guards = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in guards.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()


def _dangling(shop: Path) -> None:
    (shop / "easter.campaign").symlink_to(shop / "moved.campaign")


def _cut_short(shop: Path) -> None:
    path = shop / "data/shop.duckdb"
    path.write_bytes(path.read_bytes()[:5000])


def _with_tiers(shop: Path) -> None:
    past = "history: {table: tiers, customer: customer_id, from: valid_from, to: valid_to}"
    phone = "    phone:             {type: text, sensitivity: C2}\n"
    tier = f"    tier:              {{type: text, optional: true, {past}}}\n"
    changed("catalog.yaml", phone, f"{phone}{tier}")(shop)
    changed("cash_back.campaign", "not employee", 'not employee and tier = "gold"')(shop)
    stopping(
        "CREATE TABLE tiers AS FROM (VALUES ('c001', DATE '2026-01-01', NULL::DATE, 'gold'), "
        "('c001', DATE '2026-01-05', NULL, 'silver')) t(customer_id, valid_from, valid_to, tier)"
    )(shop)


def nothing(shop: Path) -> None:
    """The starter as it is."""


def free(table: str) -> str:
    """The table without what its columns demand, so that anything can be put into it."""
    return f"CREATE OR REPLACE TABLE {table} AS FROM {table}"


FESTIVAL = """campaign moon_cake "Moon cake" {
  active   2030-01-01 to 2030-12-31
  audience consent_marketing
  trigger  on festival mid_autumn at 09:00
  reward   coffee
  budget   { total 100 CNY }
  compliance { follows fair_play }
}
"""
COLLECTING = "".join(
    f"""campaign {name} {{
  audience consent_marketing
  trigger  {trigger}
  reward   {reward}
  budget   {{ total 100 CNY }}
  compliance {{ follows fair_play }}
}}
"""
    for name, trigger, reward in (
        ("collecting", "every day at 10:00", "10 points"),
        ("collectors", "when balance(points) reaching 100", "coffee for 100 points"),
    )
)
SMS = '\n[channels.sms]\nkind = "file"\npath = "var/outbox/sms.jsonl"\n'


ORDERS = (
    '{"event": "order", "key": "o9001", "customer": "c001", "at": "2026-03-05T10:00:00+08:00",'
    ' "fields": {"amount": "250.00", "product": "bread"}}\n'
    '{"event": "order", "key": "o9002", "customer": "c001", "at": "2026-03-05T10:00:00+08:00",'
    ' "fields": {"amuont": "250.00", "product": "bread"}}\n'
)


def deep(levels: int) -> str:
    """So many operations on the age, each inside of the next."""
    return f"{'(1 - ' * levels}(age else 0){')' * levels}"


def deployed(**entries: object) -> Callable[[Path], None]:
    """A plan of the project in the folder around it, with these entries in place of its own."""

    def write(shop: Path) -> None:
        plan = compile_project(load_project(shop)).plan
        assert plan is not None
        document = {**json.loads(plan_json.dump(plan)), **entries}
        (shop.parent / "plan.json").write_text(json.dumps(document), "utf-8")

    return write


def _cut_plan(shop: Path) -> None:
    deployed()(shop)
    path = shop.parent / "plan.json"
    path.write_bytes(path.read_bytes()[:5000])


def _plan_of_another(shop: Path) -> None:
    deployed()(shop)
    changed("campaigner.toml", 'currency  = "CNY"', 'currency  = "EUR"')(shop)


LUCKY = """campaign lucky_draw "Lucky draw" {
  active   2026-01-01 to 2035-12-31
  audience consent_marketing
  trigger  on order
  reward   draw { 10%: coffee  rest: 5 points }
  budget   { total 100 CNY }
  compliance { follows fair_play }
}
"""
GIFT = "audience gift_{name} age > 3\n"
HELLO = """campaign hello {
  active   2026-01-01 to 2026-12-31
  audience no order in last 30 days
  trigger  at 2026-02-02 09:00
  reward   1 points
  budget   { total 100 CNY }
  compliance { follows fair_play }
}
"""
SEEDED = '[chance]\nseed = "${DRAW_SEED}"\n\n'


def _asking_city(shop: Path) -> None:
    """A condition on the city, which no scenario gives."""
    old, new = "amount >= 200 CNY", 'amount >= 200 CNY and city = "wuhan"'
    changed("cash_back.campaign", old, new)(shop)
    (shop / "scenarios.campaign").unlink()


def _without_orders(shop: Path) -> None:
    """A campaign that grants something though nobody has ordered anything."""
    written("hello.campaign", HELLO)(shop)
    warehouse("DELETE FROM orders")(shop)


def _drawing(shop: Path) -> None:
    """A campaign that draws, in a project with a seed."""
    written("lucky_draw.campaign", LUCKY)(shop)
    changed("campaigner.toml", "[ledger]", f"{SEEDED}[ledger]")(shop)


def _in_repository(*edits: Callable[[Path], None]) -> Callable[[Path], None]:
    """The shop with a draw in a repository, and edits that are not committed."""

    def make(shop: Path) -> None:
        written("lucky_draw.campaign", LUCKY)(shop)
        committed(shop)
        for edit_ in edits:
            edit_(shop)

    return make


def _split_otherwise(shop: Path) -> None:
    """The shop with an experiment in a repository, and another split that is not committed."""
    written("spring.campaign", SPRING)(shop)
    committed(shop)
    changed("spring.campaign", "a 50%, b 50%", "a 80%, b 20%")(shop)


def _moved_in(shop: Path) -> None:
    """A repository that had no project at first."""
    written("notes.txt", "to do\n")(shop.parent)
    git(shop.parent, "init", "-q", "-b", "main")
    git(shop.parent, "add", "notes.txt")
    git(shop.parent, "commit", "-q", "-m", "notes")
    git(shop.parent, "tag", "v0")
    committed(shop.parent)


def _without_stages(shop: Path) -> None:
    """A project that declares no lifecycle, nor what asks for its stages."""
    for name in ("lifecycle", "win_back", "scenarios"):
        (shop / f"{name}.campaign").unlink()


SITUATIONS: Mapping[str, Callable[[Path], None]] = {
    "E650": nothing,
    "E651": _without_stages,
    "E652": written("given.campaign", "lifecycle given {\n  stage once when received(coffee)\n}\n"),
    "E653": nothing,
    "E654": nothing,
    "E655": nothing,
    "E656": nothing,
    "W650": written(
        "ages.campaign",
        "lifecycle ages {\n  stage young when age < 30\n  stage old when age >= 30\n}\n",
    ),
    "E662": nothing,
    "E694": nothing,
    "E847": nothing,
    "E663": nothing,
    "E664": nothing,
    "E665": nothing,
    "E666": nothing,
    "E667": written("given.campaign", "audience given received(coffee)\n"),
    "E924": nothing,
    "E925": nothing,
    "W901": changed("win_back.campaign", "limit 1 per customer", "first 2"),
    "W900": lambda shop: (shop / "scenarios.campaign").unlink(),
    "E109": written("deep.campaign", f"audience deep {'(' * 5000}age > 3{')' * 5000}\n"),
    "E130": written("local.campaign", 'audience local city = "上海"\n'.encode("gbk")),
    "E131": written("poster.campaign", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "E930": nothing,
    "E931": nothing,
    "E932": lambda shop: committed(shop.parent),
    "E933": lambda shop: [
        written(f"{folder}/gift.campaign", GIFT.format(name=name))(shop)
        for name, folder in (("one", "spring"), ("other", "summer"), ("draft", ".."))
    ],
    "E934": warehouse("DELETE FROM orders", "DELETE FROM customers"),
    "E935": lambda shop: (shop.parent / "draft.campaign").mkdir(),
    "W930": nothing,
    "W931": _drawing,
    "W932": nothing,
    "W933": nothing,
    "W934": _without_orders,
    "E150": lambda shop: (shop.parent / "notes").mkdir(),
    "E151": _dangling,
    "E152": nothing,
    "W150": removed("*.campaign"),
    "W301": nothing,
    "W154": _drawing,
    "W312": written("lucky_draw.campaign", LUCKY),
    "E194": _drawing,
    "E195": _drawing,
    "E196": nothing,
    "E776": _drawing,
    "E777": _drawing,
    "W305": changed("campaigner.toml", "[channels.rewards]", "[channels.given]"),
    "W306": changed("campaigner.toml", "[channels.alerts]", "[channels.warnings]"),
    "E327": written(
        "ladder.campaign",
        "lifecycle steep ladder {\n  stage first\n"
        + "".join(f"  stage s{age} from age >= {age}\n" for age in range(1, 201))
        + "}\n",
    ),
    "E323": written("sum.campaign", f"audience many {' + '.join(['age'] * 200)} > 3\n"),
    "E329": stopping("UPDATE customers SET age = 200 WHERE customer_id = 'c001'"),
    "E700": nothing,
    "E701": nothing,
    "E702": removed("data/shop.duckdb"),
    "E703": written("data/shop.duckdb", "customer_id,age\nc001,30\n"),
    "E706": _cut_short,
    "E707": warehouse("ALTER TABLE orders RENAME TO order_lines"),
    "E708": warehouse("ALTER TABLE orders RENAME COLUMN product TO goods"),
    "E345": _with_tiers,
    "E709": stopping(
        "ALTER TABLE orders ALTER amount TYPE TEXT",
        "UPDATE orders SET amount = 'a lot' WHERE order_id = 'o0001'",
    ),
    "E710": warehouse(free("orders"), "ALTER TABLE orders ALTER amount TYPE BOOLEAN"),
    "E711": stopping(
        free("customers"),
        "UPDATE customers SET customer_id = NULL WHERE customer_id IN ('c001', 'c002')",
    ),
    "E712": stopping(
        free("orders"), "INSERT INTO orders FROM orders WHERE order_id IN ('o0001', 'o0002')"
    ),
    "E713": stopping(
        free("customers"), "UPDATE customers SET city = NULL WHERE customer_id = 'c001'"
    ),
    "E715": changed("catalog.yaml", "at: ordered_at", "at: {column: ordered_at, zone: Asia/Tokyo}"),
    "E716": nothing,
    "E719": changed("campaigner.toml", WAREHOUSE, "postgresql://127.0.0.1:1/shop"),
    "E742": changed("campaigner.toml", WAREHOUSE, "postgresql://[::1/shop"),
    "E746": nothing,
    "E747": warehouse(
        free("customers"), "UPDATE customers SET city = NULL WHERE customer_id = 'c001'"
    ),
    "W614": written("spring.campaign", SPRING),
    "E748": stopping(
        free("customers"),
        "UPDATE customers SET customer_id = repeat('c', 300) WHERE customer_id = 'c001'",
    ),
    "W704": allowing(
        free("customers"), "UPDATE customers SET city = NULL WHERE customer_id = 'c001'"
    ),
    "W705": allowing(
        free("customers"), "UPDATE customers SET city = NULL WHERE customer_id = 'c001'"
    ),
    "W706": _asking_city,
    "W707": allowing("UPDATE customers SET age = 200 WHERE customer_id < 'c003'"),
    "E744": written("../orders.jsonl", ORDERS),
    "E766": nothing,
    "E778": nothing,
    "E767": written(
        "../future.jsonl",
        '{"event": "order", "key": "o9003", "customer": "c001", "at": "9000-03-05T10:00:00+08:00",'
        ' "fields": {"amount": "250.00", "product": "bread"}}\n',
    ),
    "E745": changed("campaigner.toml", WAREHOUSE, f"{WAREHOUSE}?memory=4GB"),
    "W201": nothing,
    "W708": nothing,
    "W701": warehouse(free("orders"), "ALTER TABLE orders ALTER ordered_at TYPE TIMESTAMP"),
    "W702": warehouse(
        free("orders"), "UPDATE orders SET customer_id = NULL WHERE order_id = 'o0001'"
    ),
    "W703": written("moon_cake.campaign", FESTIVAL),
    "E721": written("var/ledger.db", "my notes, longer than the name of a format"),
    "E722": ledger("UPDATE meta SET format_version = 10"),
    "E723": ledger(name="bank"),
    "E732": changed("campaigner.toml", LEDGER, "postgresql://127.0.0.1:1/ledger"),
    "E738": changed("campaigner.toml", LEDGER, "postgresql://[::1/ledger"),
    "E731": ledger("UPDATE meta SET format_version = 1"),
    "E724": ledger(currency="USD"),
    "E728": folder("var/ledger.db"),
    "E739": nothing,
    "E867": nothing,
    "E750": nothing,
    "E751": folder("var/outbox/push.jsonl"),
    "E179": nothing,
    "E755": nothing,
    "E756": nothing,
    "E780": nothing,
    "E783": folder("plan.json"),
    "E784": nothing,
    "E180": _cut_plan,
    "E181": deployed(format_version=9),
    "E188": deployed(language=2),
    "E189": deployed(currency="EUR"),
    "E190": _plan_of_another,
    "E185": nothing,
    "E186": nothing,
    "E187": nothing,
    "E197": nothing,
    "E198": nothing,
    "E199": nothing,
    "E191": nothing,
    "E192": nothing,
    "E193": nothing,
    "W153": changed("win_back.campaign", "coffee\n", "cofee\n"),
    "E785": nothing,
    "E809": nothing,
    "E848": changed("benefits.campaign", "after 30 days", "after 30 days returning to budget"),
    "E786": nothing,
    "E838": written("collecting.campaign", COLLECTING),
    "E623": written("spring.campaign", SPRING),
    "E830": written("welcome.campaign", WELCOME),
    "E963": nothing,
    "W963": written("welcome.campaign", WELCOME),
    "E787": nothing,
    "E789": changed("win_back.campaign", "not employee", f"not employee and {deep(20)} > 3"),
    "E790": nothing,
    "E794": nothing,
    "E950": nothing,
    "E940": _in_repository(),
    "E942": nothing,
    "E943": _moved_in,
    "W940": _in_repository(changed("win_back.campaign", "coffee\n", "10 points\n")),
    "E945": _in_repository(changed("lucky_draw.campaign", "10%", "5%")),
    "E946": _in_repository(changed("benefits.campaign", "stock 200", "stock 100")),
    "E947": _in_repository(changed("lucky_draw.campaign", "2035-12-31", "2034-12-31")),
    "E948": _in_repository(removed("lucky_draw.campaign")),
    "E949": _split_otherwise,
    "E960": changed("campaigner.toml", ORGANISER, ""),
    "E961": changed("campaigner.toml", 'contact = "the service desk"\n', ""),
    "E962": written("../notes/plan.txt", "to do"),
    "W960": nothing,
    "W961": _drawing,
    "E788": changed("campaigner.toml", f'[ledger]\nurl = "{LEDGER}"\n', ""),
}
"""By code: what was done before the first command of the page's session."""


def _without_push(shop: Path) -> None:
    changed("campaigner.toml", "[channels.push]", "[channels.sms]")(shop)
    changed("cash_back.campaign", "message push", "message sms")(shop)
    changed("win_back.campaign", "message push", "message sms")(shop)


def _with_another_coffee(shop: Path) -> None:
    changed("benefits.campaign", "benefit coffee", "benefit cafe_coffee")(shop)
    changed("win_back.campaign", "reward   coffee", "reward   cafe_coffee")(shop)


def _more_points(shop: Path) -> None:
    """A grant of points that were drawn, made a hundred times as much."""
    edit(
        shop,
        "UPDATE grants SET amount = '500' WHERE decision = (SELECT min(decision) FROM grants"
        " JOIN decisions ON decisions.id = decision"
        " WHERE campaign = 'lucky_draw' AND reward = 'points')",
    )


def _with_a_word_for_an_instant(shop: Path) -> None:
    edit(shop, "UPDATE decisions SET at = 'soon' WHERE id = 2")


def _with_half_a_note(shop: Path) -> None:
    edit(
        shop,
        "UPDATE seen_events SET occurrence = substr(occurrence, 1, 40)"
        " WHERE event = 'welcome journey'",
    )


BETWEEN: Mapping[str, Callable[[Path], None]] = {
    "E195": nothing,
    "W901": nothing,
    "E776": nothing,
    "E777": _more_points,
    "E750": _without_push,
    "E623": changed("spring.campaign", "a 50%, b 50%", "a 80%, b 20%"),
    "E830": changed("welcome.campaign", "hello", "greeting"),
    "E963": _with_a_word_for_an_instant,
    "W963": _with_half_a_note,
    "W201": changed("cash_back.campaign", "campaign cash_back", "campaign cash_return"),
    "W708": _with_another_coffee,
}
"""By code: what is done between the first and the second command."""

# --- what no command says -----------------------------------------------------------------------


def _verified(*statements: str) -> Callable[[Path], Iterable[Diagnostic]]:
    """The faults that a ledger finds after a run, and after somebody wrote into its file."""

    def verify(shop: Path) -> Iterable[Diagnostic]:
        for statement in statements:
            edit(shop, statement)
        with closing(open_ledger(LEDGER, "shop", "CNY", root=shop)) as opened:
            return opened.verify()

    return verify


UNSPOKEN: Mapping[str, Callable[[Path], Iterable[Diagnostic]]] = {
    "E760": _verified("UPDATE accounts SET spent = spent - 1 WHERE spent > 1"),
    "E761": _verified("UPDATE grants SET cost = cost + 1 WHERE cost > 0"),
    "E762": _verified(
        "UPDATE decisions SET outcome = 'over_limit'"
        " WHERE id = (SELECT min(decision) FROM postings)"
    ),
    "E763": _verified("UPDATE decisions SET customer = 'somebody' WHERE id = 2"),
    "E764": _verified(
        *(f"DELETE FROM {table} WHERE decision = 2" for table in ("outbox", "touches")),
        "DELETE FROM decisions WHERE id = 2 AND outcome <> 'granted'",
        "UPDATE chains SET last = last + 1",
    ),
}
"""By code: how the program finds it after a run, where no command tells of it yet."""

UNTESTED: Mapping[str, str] = {
    "E865": "takes a ledger that was damaged; tests/runtime/ledger/test_rebuilding.py has some",
    "E866": "takes a ledger that was damaged; tests/runtime/ledger/test_rebuilding.py has one",
    "E793": "takes two at once; tests/cli/test_fix.py has some",
    "E182": "no project that can be read is nested so deep: E109 and E323 come first",
    "E704": "takes a second process; tests/runtime/test_warehouse.py starts one",
    "E705": "takes an address from the environment; tests/runtime/test_warehouse.py",
    "E717": "takes a server; tests/runtime/test_warehouse_postgresql.py has one",
    "E718": "takes away what is installed; tests/runtime/test_warehouse_postgresql.py",
    "E741": "takes a server; tests/runtime/test_warehouse_postgresql.py has one",
    "E743": "takes a server; tests/runtime/test_warehouse_postgresql.py has one",
    "E779": "takes two at once; tests/runtime/ledger/test_rewinding.py has some",
    "E768": "takes points that were spent; tests/runtime/ledger/test_rewinding.py has some",
    "E770": "takes Java away; tests/runtime/test_warehouse_spark.py",
    "E771": "takes Spark; tests/runtime/test_warehouse_spark.py",
    "E714": "takes a machine without memory; tests/runtime/test_warehouse.py asks for too much",
    "E765": "takes a grant that ends; tests/runtime/ledger/test_ends.py has some",
    "E720": "takes an address from the environment; tests/runtime/ledger/test_connect_sqlite.py",
    "E725": "not for root; tests/runtime/ledger/test_connect_sqlite.py becomes somebody else",
    "E726": "takes a long wait; tests/runtime/ledger/test_connect_sqlite.py waits less",
    "E727": "takes a full disk; tests/runtime/ledger/test_connect_sqlite.py makes one",
    "E729": "what SQLite calls damaged is its own; tests/runtime/ledger/test_connect_sqlite.py",
    "E730": "takes a disk that fails; tests/runtime/ledger/test_connect_sqlite.py",
    "E733": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E734": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E772": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E773": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E774": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E775": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "W755": "takes a server; tests/runtime/ledger/test_verify.py has one",
    "E791": "takes a full disk; tests/runtime/ledger/test_store_faults.py feigns one",
    "E792": "takes a server; tests/runtime/ledger/test_store_faults.py has one",
    "E735": "takes away what is installed; tests/runtime/ledger/test_connect_postgresql.py",
    "E736": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E737": "takes a server; tests/runtime/ledger/test_connect_postgresql.py has one",
    "E752": "takes a full disk; tests/runtime/test_delivery.py",
    "E753": "takes away what is installed; tests/runtime/delivery/test_from_settings.py",
    "E754": "takes an environment; tests/runtime/delivery/test_from_settings.py",
    "E183": "takes an environment; tests/compiler/test_secrets.py",
    "E757": "takes a link that changes during a run; tests/runtime/delivery/test_file.py",
    "E805": "takes two at once; tests/runtime/ingest/test_ingest.py has some",
    "E806": "takes a server; tests/runtime/ingest/test_ingest.py has one",
    "E807": "takes a file that cannot be written; tests/runtime/ingest/test_letters.py",
    "E849": "takes a kill; tests/cli/test_workers.py",
    "E808": "takes away what is installed; tests/runtime/ingest/test_letters.py",
    "W760": "takes a stock of codes; tests/runtime/test_code_stocks.py",
    **dict.fromkeys(
        ("E688", "E689", "E690", "E691", "E692", "E693", "E695", "W695"),
        "takes labels in a target; tests/cli/test_export.py",
    ),
    "W762": "takes a pause; tests/cli/test_brakes.py",
    "W763": "takes a stop; tests/cli/test_brakes.py",
    "W761": "takes a stock of codes; tests/runtime/test_code_stocks.py",
    "W754": "takes an end that is over; tests/runtime/test_reveal.py",
    "W750": "takes a server that fails; tests/cli/test_outbox.py",
    "W751": "takes a server that refuses; tests/cli/test_outbox.py",
    "W752": "takes an error of the program; tests/runtime/delivery/test_network.py",
    "E941": "takes away what is installed; tests/compiler/test_versions.py",
    "E944": "takes a damaged repository; tests/compiler/test_versions.py has one",
    "E781": "does not hold for root",
    "E782": "takes a full disk",
}
"""By code: why its page shows a session that no test repeats."""
