"""The plan's document: the same bytes for the same plan, back again, and a schema to hold it to."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from campaigner.compiler.compile import compile_project
from campaigner.compiler.deployed.reading import load, restored
from campaigner.compiler.deployed.schema import schema, schema_text
from campaigner.compiler.plan import (
    Account,
    Benefit,
    Campaign,
    EventAggregate,
    FestivalTrigger,
    GrantCount,
    HourlyTrigger,
    LastWindow,
    Moment,
    MonthlyTrigger,
    NthTrigger,
    OnceTrigger,
    Opening,
    Plan,
    SinceWindow,
    Span,
    TimerTrigger,
    Unless,
    WeeksTrigger,
    plan_json,
)
from campaigner.compiler.plan.expressions import Constant, Operation, Origin
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import BOOLEAN, INTEGER
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from hypothesis import given
from hypothesis import strategies as st

from ..projects import ROOT

PROJECTS = ("bank", "complete_journey", "shop")
HERE = Origin("x.campaign", 1, 2, "x — 客")


@pytest.fixture(scope="module", params=PROJECTS)
def plan(request: pytest.FixtureRequest) -> Plan:
    compiled = compile_project(load_project(ROOT / "campaigns" / request.param))
    assert compiled.plan is not None
    return compiled.plan


@pytest.fixture(scope="module")
def base() -> Plan:
    compiled = compile_project(load_project(ROOT / "campaigns" / "bank"))
    assert compiled.plan is not None
    return compiled.plan


def test_a_plan_comes_back_equal(plan: Plan) -> None:
    data = plan_json.dump(plan)
    back = load(data)
    assert back == plan
    assert list(_origins(back)) == list(_origins(plan))
    assert plan_json.dump(back) == data
    assert plan_json.digest(back) == plan_json.digest(plan)
    assert len(plan_json.digest(plan)) == 64


def test_a_plan_fits_its_schema(plan: Plan) -> None:
    jsonschema.Draft202012Validator(schema()).validate(json.loads(plan_json.dump(plan)))


def test_the_published_schema_is_that_of_the_plan() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    published = (ROOT / "compiler" / "plan" / "plan.schema.json").read_text("utf-8")
    assert published == schema_text(), "write schema_text() to that file"


def test_the_document_is_canonical(plan: Plan) -> None:
    data = plan_json.dump(plan)
    assert data.endswith(b"}\n")
    assert data.count(b"\n") == 1
    again = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert f"{again}\n".encode() == data


def test_blanks_and_the_order_of_keys_mean_nothing(base: Plan) -> None:
    document = json.loads(plan_json.dump(base))
    turned = dict(reversed(document.items()))
    assert load(json.dumps(turned, indent=3).encode()) == base


DUMP = """
import sys
from pathlib import Path
from campaigner.compiler.plan import plan_json
from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
plan = compile_project(load_project(Path(sys.argv[1]))).plan
sys.stdout.buffer.write(plan_json.dump(plan))
"""


def test_the_same_bytes_under_any_hash_seed_and_order_of_files(tmp_path: Path) -> None:
    names = ["campaigner.toml", "catalog.yaml"]
    names += [path.name for path in (ROOT / "campaigns" / "bank").glob("*.campaign")]
    dumps = set()
    for seed, order in (("1", sorted(names)), ("2", sorted(names, reverse=True))):
        folder = tmp_path / seed
        folder.mkdir()
        for name in order:
            shutil.copy(ROOT / "campaigns" / "bank" / name, folder)
        ran = subprocess.run(
            [sys.executable, "-c", DUMP, str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        dumps.add(ran.stdout)
    assert len(dumps) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [("60.00", "60"), ("0.050", "0.05"), ("1E+3", "1000"), ("-0.0", "0"), ("600", "600")],
)
def test_an_amount_has_one_text(value: str, text: str) -> None:
    assert plan_json.amount(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(0, 6))
def test_the_same_amount_is_the_same_text(value: Decimal, zeros: int) -> None:
    padded = Decimal(f"{value:f}{'0' * zeros}")
    assert plan_json.amount(padded) == plan_json.amount(value)
    assert Decimal(plan_json.amount(value)) == value


INSTANTS = st.datetimes(
    min_value=datetime(2000, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(UTC),
)
AMOUNTS = st.decimals(0, 10**12, places=2)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.builds(Constant, st.just(BOOLEAN), st.sampled_from(["yes", "no"]), st.just(HERE))
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda parts: Operation("and", tuple(parts), BOOLEAN, False, HERE),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
OPENINGS = st.none() | st.builds(Opening, st.integers(1, 31), st.times(), st.integers(1, 31))
SCHEDULES = st.one_of(
    st.builds(OnceTrigger, INSTANTS, st.just(HERE), opening=OPENINGS),
    st.builds(FestivalTrigger, TEXTS, st.times(), st.just(HERE), opening=OPENINGS),
    st.builds(MonthlyTrigger, st.none() | st.integers(1, 31), st.times(), OPENINGS, st.just(HERE)),
    st.builds(
        NthTrigger,
        st.none() | st.integers(1, 4),
        st.none() | st.integers(0, 6),
        st.sampled_from(["month", "quarter"]),
        st.times(),
        OPENINGS,
        st.just(HERE),
    ),
    st.builds(
        WeeksTrigger,
        st.integers(1, 99),
        st.integers(0, 6),
        st.dates(),
        st.times(),
        OPENINGS,
        st.just(HERE),
    ),
    st.builds(HourlyTrigger, st.integers(0, 59), OPENINGS, st.just(HERE)),
    st.builds(
        TimerTrigger,
        st.builds(Span, st.integers(0, 99), st.sampled_from(["hour", "day", "month"])),
        st.booleans(),
        st.builds(
            Moment,
            st.sampled_from(["event", "event_field", "customer_field", "anniversary"]),
            st.none() | TEXTS,
            st.none() | TEXTS,
        ),
        st.none() | st.times(),
        st.none() | st.builds(Unless, TEXTS, st.none() | CONDITIONS, st.just(HERE)),
        OPENINGS,
        st.just(HERE),
    ),
)
FEATURES = st.one_of(
    st.builds(
        EventAggregate,
        TEXTS,
        TEXTS,
        st.just("count"),
        st.none(),
        st.none() | CONDITIONS,
        st.none() | st.builds(LastWindow, st.integers(1, 99), st.just("day")),
        st.just(INTEGER),
        st.just(False),
        st.none() | st.just(HERE),
    ),
    st.builds(
        GrantCount,
        TEXTS,
        st.just("campaign"),
        TEXTS,
        st.builds(SinceWindow, LEAVES),
        st.just(INTEGER),
    ),
)


@given(st.data())
def test_any_plan_comes_back_equal(base: Plan, data: st.DataObject) -> None:
    draw = data.draw
    first = base.campaigns[0]
    step = dataclasses.replace(step_of(first), trigger=draw(SCHEDULES))
    campaign: Campaign = dataclasses.replace(
        first,
        label=draw(TEXTS),
        active_from=draw(st.none() | INSTANTS),
        holdout=draw(st.decimals(0, 1, places=4)),
        steps=(step,),
    )
    benefits: tuple[Benefit, ...] = tuple(
        dataclasses.replace(one, value=draw(AMOUNTS)) for one in base.benefits
    )
    accounts: tuple[Account, ...] = tuple(
        dataclasses.replace(one, cap=draw(AMOUNTS)) for one in base.accounts[:3]
    )
    plan = dataclasses.replace(
        base,
        campaigns=(campaign,),
        benefits=benefits,
        accounts=accounts,
        features=tuple(draw(st.lists(FEATURES, max_size=3))),
    )
    written = plan_json.dump(plan)
    back = restored(written)
    assert back == plan
    assert plan_json.dump(back) == written


def test_instants_are_in_utc(base: Plan) -> None:
    moment = datetime(2026, 1, 31, 10, tzinfo=timezone(timedelta(hours=8)))
    campaign = dataclasses.replace(base.campaigns[0], active_from=moment)
    document = json.loads(plan_json.dump(dataclasses.replace(base, campaigns=(campaign,))))
    assert document["campaigns"][0]["active_from"] == "2026-01-31T02:00:00Z"
    assert time(10).isoformat() == "10:00:00"


def malformed(base: Plan) -> Iterator[tuple[bytes, str]]:
    document = json.loads(plan_json.dump(base))
    yield b"", "E180"
    yield b"\xff", "E180"
    yield b"[1, 2", "E180"
    yield b"[" * 100_000, "E180"
    yield plan_json.dump(base).replace(b":", b"", 1), "E180"
    yield b"1" * 10_000, "E180"
    yield b"[]", "E180"
    yield b"{}", "E180"
    yield json.dumps({**document, "format_version": 1}).encode(), "E181"
    yield json.dumps({**document, "format_version": 3}).encode(), "E181"
    yield json.dumps({**document, "format_version": "1"}).encode(), "E181"
    yield json.dumps({**document, "format_version": True}).encode(), "E181"
    yield json.dumps({**document, "language": "1"}).encode(), "E188"
    yield json.dumps({**document, "language": 2}).encode(), "E188"
    for entries in ({"campaigns": 5}, {"extra": 5}, {"time_zone": "Mars/Olympus"}, {"digest": "0"}):
        yield json.dumps({**document, **entries}).encode(), "E189"
        if "digest" not in entries:
            yield signed({**document, **entries}), "E180"
    yield json.dumps({**document, "digest": 5}).encode(), "E180"
    del document["currency"]
    yield json.dumps(document).encode(), "E189"
    yield signed(document), "E180"
    del document["digest"]
    yield json.dumps(document).encode(), "E180"


def signed(document: dict[str, object]) -> bytes:
    """The document with the digest that its content has."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    return json.dumps({**rest, "digest": content_digest(rest)}).encode()


def content_digest(rest: dict[str, object]) -> str:
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{text}\n".encode()).hexdigest()


def test_the_document_states_the_digest_of_the_rest(plan: Plan) -> None:
    document = json.loads(plan_json.dump(plan))
    stated = document.pop("digest")
    assert stated == plan_json.digest(plan) == content_digest(document)


@given(st.data())
def test_a_plan_that_was_cut_or_edited_is_refused(base: Plan, data: st.DataObject) -> None:
    written = plan_json.dump(base)
    at = data.draw(st.integers(0, len(written) - 3))
    with pytest.raises(CannotRun):
        load(written[:at])
    letter = data.draw(st.integers(0, 255).filter(lambda each: each != written[at]))
    edited = b"".join((written[:at], bytes([letter]), written[at + 1 :]))
    # Only the break at the end means nothing.
    with pytest.raises(CannotRun) as stopped:
        load(edited)
    assert stopped.value.diagnostic.code.id in ("E180", "E181", "E188", "E189")


def test_a_newer_plan_says_what_to_renew(base: Plan) -> None:
    document = json.loads(plan_json.dump(base))
    for entry in ("format_version", "language"):
        helps = []
        for version in (document[entry] - 1, document[entry] + 1):
            with pytest.raises(CannotRun) as stopped:
                load(json.dumps({**document, entry: version}).encode())
            helps.append(stopped.value.diagnostic.help() or "")
        assert "renew" not in helps[0]
        assert "renew" in helps[1]


def test_what_is_no_plan_is_refused(base: Plan) -> None:
    for data, code in malformed(base):
        with pytest.raises(CannotRun) as stopped:
            load(data)
        found = stopped.value.diagnostic
        assert found.code.id == code, data[:40]
        assert "pydantic" not in f"{found.message()} {found.help()} {found.message('zh')}"


def test_a_condition_nested_without_end_is_refused(base: Plan) -> None:
    deep: Constant | Operation = Constant(BOOLEAN, "yes")
    for _ in range(2000):
        deep = Operation("not", (deep,), BOOLEAN, False)
    audience = dataclasses.replace(base.audiences[0], condition=deep)
    with pytest.raises(CannotRun) as stopped:
        plan_json.dump(dataclasses.replace(base, audiences=(audience,)))
    assert stopped.value.diagnostic.code.id == "E182"


def _origins(value: object) -> Iterator[Origin]:
    """Every place in a plan, which equality leaves out."""
    if isinstance(value, Origin):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _origins(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _origins(getattr(value, field.name))
