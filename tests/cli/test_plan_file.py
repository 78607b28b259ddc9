"""`--plan FILE`: a plan is carried out where its sources are not."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler import kept_plans

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31")
AT = ("--at", "2026-01-30")
CUSTOMER = ("--campaign", "win_back", "--customer", "c001")
COMMANDS = {
    "run": ("run", "{}", *PERIOD),
    "dry run": ("run", "{}", *PERIOD, "--dry-run"),
    "events": ("events", "{}", "{}/data/none.jsonl"),
    "sql": ("sql", "{}", "--all", *AT),
    "explain": ("explain", "{}", *CUSTOMER, *AT),
    "status": ("status", "{}"),
    "budgets": ("ledger", "budgets", "{}"),
    "claim": ("ledger", "claim", "{}", "1", "--choose", "coffee", "--by", "c001"),
    "expire": ("ledger", "expire", "{}", "--at", "2026-03-31"),
    "grant": (
        *("ledger", "grant", "{}", "--from-reserve", "--campaign", "cash_back"),
        *("--customer", "c001", "--reward", "1 cash", "--name", "n", "--reason", "r"),
    ),
    "reveal": ("ledger", "reveal", "{}", "cash_back"),
    "draws": ("ledger", "verify", "{}", "--draws"),
}


def filled(words, project):
    return [word.format(project) for word in words]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A shop, its plan, and a folder with its settings and data but no campaign and no catalog."""
    folder = tmp_path_factory.mktemp("deployed")
    shop, bare = folder / "shop", folder / "bare"
    assert invoke(["init", str(shop)]) == 0
    (shop / "data" / "none.jsonl").touch()
    bare.mkdir()
    shutil.copy(shop / "campaigner.toml", bare)
    shutil.copytree(shop / "data", bare / "data")
    assert invoke(["plan", str(shop), "--output", str(folder / "plan.json")]) == 0
    return folder


@pytest.fixture
def bare(made, tmp_path):
    return shutil.copytree(made, tmp_path / "made") / "bare"


def test_a_plan_does_what_its_sources_do(campaigner, bare):
    shop, plan = bare.parent / "shop", bare.parent / "plan.json"
    for name, words in COMMANDS.items():
        of_sources = campaigner(*filled(words, shop))
        of_plan = campaigner(*filled(words, bare), "--plan", plan)
        assert of_plan.returncode == of_sources.returncode, name
        assert without_clock(of_plan.stdout, bare) == without_clock(of_sources.stdout, shop), name
        kept = [campaigner("ledger", "grants", one).stdout for one in (shop, bare)]
        assert kept[0] == kept[1], name
    assert len(kept[0].splitlines()) > 10


def without_clock(text, project):
    lines = text.replace(f"{project.name}/", "").splitlines()
    return [" ".join(line.split()) for line in lines if not line.startswith("as of ")]


LOADED = """
import sys
from campaigner.cli.main import invoke
for line in sys.stdin:
    invoke(line.split())
front = ("dsl.parsing", "dsl.tree", "dsl.formatting", "compiler.check", "compiler.lower",
         "compiler.compile", "compiler.project.catalog", "compiler.project.project")
loaded = [name for name in sys.modules if name.startswith("lark")
          or name.startswith(tuple(f"campaigner.{one}" for one in front))]
print(loaded)
"""


def loaded_by(lines, folder, **env):
    """The output of a fresh process that carried out these command lines, all at its end."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, **env},
    )
    return done.stdout, done.stdout.splitlines()[-1]


def test_nothing_of_the_language_is_loaded(bare):
    plan = str(bare.parent / "plan.json")
    lines = [" ".join([*filled(words, bare), "--plan", plan]) for words in COMMANDS.values()]
    said, loaded = loaded_by(lines, bare)
    assert "granted" in said
    assert loaded == "[]"


def test_verbs_that_read_the_ledger_alone_load_nothing_of_the_language(campaigner, bare):
    shop = bare.parent / "shop"
    campaigner("run", shop, *PERIOD)
    verbs = ("grants", "balances", "offers", "claims", "verify")
    said, loaded = loaded_by([f"ledger {verb} {shop}" for verb in verbs], shop)
    assert "cash_back" in said
    assert loaded == "[]"


@pytest.mark.parametrize("command", ["run", "events"])
def test_status_compiles_nothing(campaigner, bare, tmp_path, command):
    """It shows the plan of the last run, whatever has become of the project's files since."""
    shop = bare.parent / "shop"
    before = campaigner("status", shop)
    assert (before.returncode, "E867" in before.stderr) == (2, True)
    if command == "run":
        assert campaigner("run", shop, *PERIOD).returncode == 0
    else:
        assert campaigner("events", shop, shop / "data" / "none.jsonl").returncode == 0
    for file in (*shop.glob("*.campaign"), shop / "catalog.yaml"):
        file.write_text("campaign {", "utf-8")
    said, loaded = loaded_by([f"status {shop} --format json"], shop, XDG_CACHE_HOME=str(tmp_path))
    assert loaded == "[]"
    document = json.loads(said.removesuffix(f"{loaded}\n"))
    assert [one["campaign"] for one in document["campaigns"]] == ["cash_back", "win_back"]
    plan = json.loads((bare.parent / "plan.json").read_text("utf-8"))
    assert document["plan"] == plan["digest"]
    assert campaigner("ledger", "verify", shop).returncode == 0


def test_sql_needs_no_project_at_all(campaigner, bare):
    given = (bare.parent / "plan.json").read_text("utf-8")
    empty = bare.parent / "empty"
    empty.mkdir()
    done = campaigner("sql", "--plan", "-", "--all", *AT, cwd=empty, stdin=given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == campaigner("sql", bare.parent / "shop", "--all", *AT).stdout


def test_a_project_that_is_named_must_go_with_the_plan(campaigner, bare):
    in_settings(bare, 'currency  = "CNY"', 'currency  = "EUR"')
    plan = bare.parent / "plan.json"
    named = campaigner("sql", bare, "--plan", plan, "--all", *AT)
    assert (named.returncode, named.stdout) == (1, "")
    assert "E190" in named.stderr


def in_settings(project, old, new):
    text = (project / "campaigner.toml").read_text("utf-8")
    assert old in text
    (project / "campaigner.toml").write_text(text.replace(old, new), "utf-8")


def test_the_document_states_the_digest_that_grants_name(campaigner, bare):
    plan = bare.parent / "plan.json"
    campaigner("run", bare, "--plan", plan, *PERIOD)
    rows = json.loads(campaigner("ledger", "grants", bare, "--format", "json").stdout)["grants"]
    assert {row["plan"] for row in rows} == {json.loads(plan.read_bytes())["digest"]}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name      = "shop"', 'name      = "bank"', "the name of the project is `shop` in the"),
        ('currency  = "CNY"', 'currency  = "EUR"', "the currency is CNY in the plan, and EUR in"),
        ('"Asia/Shanghai"', '"Europe/Berlin"', "the time zone is `Asia/Shanghai` in the plan"),
        ("[channels.push]", "[channels.pull]", "channel `push` is in use in the plan, and missing"),
        ("[ledger]", '[chance]\nseed = "${SEED}"\n[ledger]', "a seed of draws is missing in the"),
    ],
)
def test_a_plan_of_other_settings_is_refused(campaigner, bare, old, new, said):
    in_settings(bare, old, new)
    for words in (COMMANDS["run"], COMMANDS["explain"], COMMANDS["budgets"], COMMANDS["draws"]):
        done = campaigner(*filled(words, bare), "--plan", bare.parent / "plan.json")
        assert (done.returncode, done.stdout) == (1, "")
        assert "error[E190]" in done.stderr
        assert said in done.stderr
        assert "campaigner.toml:" in done.stderr
    assert not (bare / "var").exists()


FAIR = """campaign fair {{
  active 2026-01-01 to 2026-12-31
  audience consent_marketing
  trigger on festival fair at 09:00
  reward coffee limit 1 per customer
  budget {{ total 1_000 CNY }}
  compliance {{ follows fair_play }}
}}
"""


@pytest.mark.parametrize(
    ("deployed_on", "found"),
    [
        ('every_year = "11-11"', None),
        ('2026 = "2026-11-11"', None),
        ('every_year = "11-12"', "2026-11-11 in the plan, and 2026-11-12"),
        ('2027 = "2027-11-11"', "2026-11-11 in the plan, and missing"),
        (None, "2026-11-11 in the plan, and missing"),
    ],
)
def test_days_of_an_own_festival_are_those_of_the_plan(campaigner, bare, deployed_on, found):
    shop, plan = bare.parent / "shop", bare.parent / "fair.json"
    settings = (shop / "campaigner.toml").read_text("utf-8")
    (shop / "fair.campaign").write_text(FAIR.format(), "utf-8")
    fair = '\n[calendar.fair]\nevery_year = "11-11"\n'
    (shop / "campaigner.toml").write_text(settings + fair, "utf-8")
    assert invoke(["plan", str(shop), "--output", str(plan)]) == 0
    own = "" if deployed_on is None else f"\n[calendar.fair]\n{deployed_on}\n"
    (bare / "campaigner.toml").write_text(settings + own, "utf-8")
    done = campaigner("run", bare, *PERIOD, "--dry-run", "--plan", plan)
    assert done.returncode == (0 if found is None else 1), done.stderr
    assert found is None or found in done.stderr


def test_a_mistake_in_the_settings_is_shown_before_the_plan_is_read(campaigner, bare):
    in_settings(bare, 'currency  = "CNY"', 'currency  = "gold"')
    done = campaigner(*filled(COMMANDS["run"], bare), "--plan", bare / "none.json")
    assert done.returncode == 1
    assert "campaigner.toml:" in done.stderr
    assert "E190" not in done.stderr


def test_a_file_that_cannot_hold_a_plan_has_a_sentence(campaigner, bare, monkeypatch):
    plan, fifo = bare.parent / "plan.json", bare.parent / "fifo"
    os.mkfifo(fifo)
    said = {}
    for file in (fifo, bare, bare.parent / "none.json"):
        done = campaigner(*filled(COMMANDS["run"], bare), "--plan", file)
        assert done.returncode == 2
        said[file] = done.stderr.splitlines()[0]
    monkeypatch.setattr(kept_plans, "LARGEST_PLAN", 1000)
    done = campaigner(*filled(COMMANDS["run"], bare), "--plan", plan)
    said[plan] = done.stderr.splitlines()[0]
    assert "it is a pipe" in said[fifo]
    assert "it has more than 1,000 bytes" in said[plan]
    assert len(set(said.values())) == 4
    assert not (bare / "var").exists()


def test_stdin_is_read_once(campaigner, bare):
    given = (bare.parent / "plan.json").read_text("utf-8")
    done = campaigner("events", bare, "--plan", "-", stdin=given)
    assert done.returncode == 2
    assert "stdin is either the plan or the events" in done.stderr
    done = campaigner("events", bare, bare / "data" / "none.jsonl", "--plan", "-", stdin=given)
    assert done.returncode == 0


def test_verify_has_no_use_for_a_plan_without_draws(campaigner, bare):
    done = campaigner("ledger", "verify", bare, "--plan", bare.parent / "plan.json")
    assert done.returncode == 2
    assert "E186" in done.stderr
