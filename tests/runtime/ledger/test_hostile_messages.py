"""Messages over hostile values: each has an outcome of its own, within its bounds, and is alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.compiler.messages.reading import NotAllowedError, UnreadableError, read
from campaigner.compiler.messages.typing import Types
from campaigner.compiler.plan import Message, MessageValue, Plan
from campaigner.compiler.plan.expressions import Constant
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.values import Value, encode
from campaigner.runtime.delivery import FileChannel, deliver
from campaigner.runtime.rendering.messages import FAILED, FORBIDDEN, TOO_LONG, Messages
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from ... import strategies_messages as hostile
from ...laws import at_most
from .ledgers import DIGEST, URL, account, ask, clock, gift, opened

TOTAL = account("campaign/gift/total", "100000")
LATER = clock("2027-01-01 00:00")
NAMED = tuple(
    MessageValue(name, Constant(type_, None)) for name, type_ in sorted(hostile.TYPES.items())
)


def saying(template: str, longest: int = 65_536) -> Plan:
    """A campaign with one message of that text, which knows all of the variables."""
    project = gift(TOTAL, messages=[("push", template)])
    (campaign,) = project.campaigns
    (step,) = campaign.steps
    message = replace(step.messages[0], values=NAMED, forbidden=("sure",), longest=longest)
    return of(project, message)


def of(project: Plan, message: Message) -> Plan:
    (campaign,) = project.campaigns
    step = replace(step_of(campaign), messages=(message,))
    return replace(project, campaigns=(replace(campaign, steps=(step,)),))


def encoded(values: dict[str, Value | None]) -> dict[str, str | None]:
    return {name: None if value is None else encode(value) for name, value in values.items()}


def passes(template: str) -> bool:
    """Whether `check` finds nothing wrong with the types of a template."""
    try:
        parts = read(template)
    except (UnreadableError, NotAllowedError):
        return False
    mistakes: list[object] = []
    Types(hostile.TYPES.get, lambda code, **_: mistakes.append(code)).check(parts)
    return not mistakes


@at_most(80)
@given(
    template=hostile.templates(),
    values=hostile.values(),
    longest=st.sampled_from((1, 60, 1_000, 65_536)),
)
def test_what_check_lets_pass_can_be_written(
    template: str, values: dict[str, Value | None], longest: int
) -> None:
    """Within its length and in time; whatever else is written or has a reason."""
    start = time.monotonic()
    passed = passes(template)
    decision = ask("ann", "2026-01-10 10:00", "coffee", values=encoded(values))
    (written,) = Messages(saying(template, longest)).write(decision, decision.lines)
    assert time.monotonic() - start < 5
    assert written.reason in {None, FAILED, TOO_LONG, FORBIDDEN}
    assert len(written.text.encode()) <= longest
    assert written.reason is None or written.text == ""
    if passed:
        # Halves of pairs and NUL, which nothing can store, are the only fault of a text.
        assert written.reason != FAILED


@pytest.mark.drawn
def test_most_templates_are_of_some_use() -> None:
    """The strategy would prove nothing if `check` let none of them pass."""
    found = []

    @at_most(70, database=None)
    @given(hostile.templates())
    def count(template: str) -> None:
        found.append(passes(template))

    count()
    assert sum(found) > len(found) // 5


TEMPLATE = (
    "{{ customer.name }}{% if customer.age > 17 %}!{% endif %}"
    " {{ customer.bio | replace('x', 'zz') }}"
)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@at_most(5, suppress_health_check=list(HealthCheck))
@given(
    bad=st.lists(
        st.sampled_from(hostile.HOSTILE_TEXTS)
        | st.sampled_from(("su\u200bre", "ＳＵＲＥ", "z\0z")),
        min_size=1,
        max_size=4,
    ),
    place=st.integers(0, 3),
)
def test_one_row_is_kept_back_and_the_others_go_out(
    schema_url: Callable[[], str], store: str, bad: list[str], place: int
) -> None:
    project = saying(TEMPLATE, 1_000)
    people = [("good", str(n), "Ann") for n in range(3)]
    people[place:place] = [("bad", f"b{n}", text) for n, text in enumerate(bad)]
    asked = [
        ask(who, "2026-01-10 10:00", "coffee", values={"customer.bio": text, "customer.age": "18"})
        for _, who, text in people
    ]
    url = URL if store == "sqlite" else schema_url()
    with TemporaryDirectory() as folder, opened(Path(folder), ["push"], url=url) as ledger:
        results = ledger.decide(project, asked, DIGEST)
        assert {result.outcome for result in results} == {"granted"}
        file = FileChannel("push", Path(folder) / "push.jsonl", "push.jsonl")
        deliver(ledger, {"push": file}, LATER)
        found = {one.identity.recipient: (one.state, one.reason) for one in ledger.letters()}
        assert ledger.kept_back() == Counter(
            ("gift", reason) for _, reason in found.values() if reason is not None
        )
        assert {one.identity.recipient: one.kept_back for one in results} == {
            who: () if reason is None else (reason,) for who, (_, reason) in found.items()
        }
        assert ledger.verify() == ()
        lines = (Path(folder) / "push.jsonl").read_text("utf-8").split("\n")
    for kind, who, text in people:
        state, reason = found[who]
        if kind == "good":
            assert (state, reason) == ("delivered", None)
        elif "\0" in text:
            assert (state, reason) == ("suppressed", FAILED)
        elif len(text.replace("x", "zz").encode()) > 990:
            assert (state, reason) == ("suppressed", TOO_LONG)
        elif text in ("su\u200bre", "ＳＵＲＥ"):
            assert (state, reason) == ("suppressed", FORBIDDEN)
        else:
            assert (state, reason) == ("delivered", None)
    assert len(lines) - 1 == sum(state == "delivered" for state, _ in found.values())
