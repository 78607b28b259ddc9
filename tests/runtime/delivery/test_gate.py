"""The checks of a message when it goes out: consent, quiet hours, how often."""

from dataclasses import replace

import pytest
from campaigner.compiler.plan import Span
from campaigner.dsl.diagnostics.diagnostic import CannotRun, diagnose
from campaigner.runtime.codes import delivery as codes
from campaigner.runtime.delivery import FileChannel, Gate, deliver

from ..ledger.ledgers import DIGEST, ask, campaign, clock, gift, messages_cap, opened, plan
from .receivers import LATER, TOTAL, letters, status

HELLO = [("push", "hello")]
TWO_A_WEEK = messages_cap("policy/p/messages per 7 day", 2, Span(7, "day"))


def grant(ledger, project, *asked: tuple[str, str], **more) -> None:
    ledger.decide(project, [ask(who, at, "coffee", **more) for who, at in asked], DIGEST)


def send(ledger, server, project, at: str, still_allowed=None):
    moment = clock(at)
    gate = Gate(project, still_allowed)
    return deliver(ledger, {"push": server.channel()}, LATER, gate, clock=lambda: moment)


def test_in_quiet_hours_nothing_goes_out_whatever_was_due_before(tmp_path, server):
    project = gift(TOTAL, messages=HELLO, quiet=[("21:00", "08:00")])
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 12:00"))
        for at in ("2026-01-10 21:00", "2026-01-10 23:59", "2026-01-11 07:59"):
            assert send(ledger, server, project, at).delivered == {}
        assert letters(ledger) == {"ann": ("waiting", 0, None)}
        assert send(ledger, server, project, "2026-01-11 08:00").delivered == {"push": 1}


def test_quiet_hours_that_came_later_move_what_waits_for_a_file(tmp_path):
    before = gift(TOTAL, messages=HELLO)
    after = gift(TOTAL, messages=HELLO, quiet=[("21:00", "08:00")])
    file = {"push": FileChannel("push", tmp_path / "push.jsonl", "push.jsonl")}
    with opened(tmp_path) as ledger:
        grant(ledger, before, ("ann", "2026-01-10 22:00"))
        deliver(ledger, file, clock("2026-01-11 07:00"), Gate(after))
        assert (tmp_path / "push.jsonl").read_text() == ""
        deliver(ledger, file, clock("2026-01-11 09:00"), Gate(after))
        assert '"deliver_at":"2026-01-11T00:00:00.000000Z"' in (tmp_path / "push.jsonl").read_text()


def test_messages_that_piled_up_do_not_all_go_out_at_once(tmp_path, server):
    project = gift(TOTAL, TWO_A_WEEK, messages=HELLO)
    days = ("2026-01-01", "2026-01-05", "2026-01-10", "2026-01-15")
    with opened(tmp_path) as ledger:
        grant(ledger, project, *((who, f"{day} 10:00") for day in days for who in ("ann", "bob")))
        done = send(ledger, server, project, "2026-02-01 10:00")
        assert (done.delivered, done.suppressed) == ({"push": 4}, {"push": 4})
        assert {one.reason for one in ledger.letters("suppressed")} == {TWO_A_WEEK.id}
        grant(ledger, project, ("ann", "2026-02-07 10:00"))
        assert send(ledger, server, project, "2026-02-07 10:00").suppressed == {"push": 1}
        grant(ledger, project, ("ann", "2026-02-08 10:00"))
        assert send(ledger, server, project, "2026-02-08 10:00").delivered == {"push": 1}
        assert len(list(ledger.grants())) == 10


def test_a_file_counts_messages_by_when_they_became_due(tmp_path):
    project = gift(TOTAL, TWO_A_WEEK, messages=HELLO)
    days = ("2026-01-01", "2026-01-05", "2026-01-10", "2026-01-15")
    file = {"push": FileChannel("push", tmp_path / "push.jsonl", "push.jsonl")}
    with opened(tmp_path) as ledger:
        grant(ledger, project, *(("ann", f"{day} 10:00") for day in days))
        done = deliver(ledger, file, LATER, Gate(project))
        assert (done.delivered, done.suppressed["push"]) == ({"push": 4}, 0)
        # Decided weeks apart, handed over on one day.
        for day in ("2026-03-01", "2026-03-09", "2026-03-17"):
            grant(ledger, project, ("ann", f"{day} 10:00"), deliver_at="2026-04-01 10:00")
        assert deliver(ledger, file, LATER, Gate(project)).suppressed["push"] == 1


def test_an_attempt_that_failed_does_not_count_against_itself(tmp_path, server, hasty):
    once = messages_cap("policy/p/messages per 7 day", 1, Span(7, "day"))
    project = gift(TOTAL, once, messages=HELLO)
    server.answers = [status(500), status(500), status(200)]
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"))
        gate = Gate(project)
        done = deliver(ledger, {"push": server.channel()}, LATER, gate)
        assert (done.delivered, done.failed) == ({"push": 1}, {"push": 2})


def test_a_dead_letter_counts_for_nothing_and_is_asked_about_when_it_is_sent_again(
    tmp_path, server
):
    once = messages_cap("policy/p/messages per 7 day", 1, Span(7, "day"))
    project = gift(TOTAL, once, messages=HELLO)
    server.answers = [status(400), status(200)]
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"))
        assert send(ledger, server, project, "2026-01-10 10:00").dead == {"push": 1}
        # Another campaign of the policy may write to her now.
        other = plan([campaign("other", messages=HELLO, caps=[once.id])], [once])
        both = replace(project, campaigns=(*project.campaigns, *other.campaigns))
        asked = ask("ann", "2026-01-20 10:00", "coffee", campaign="other")
        ledger.decide(both, [asked], DIGEST)
        assert send(ledger, server, both, "2026-01-20 10:00").delivered == {"push": 1}
        with ledger.outbox() as outbox:
            outbox.revive(ledger.letters("dead"))
        assert send(ledger, server, both, "2026-01-20 11:00").suppressed == {"push": 1}
        (stopped,) = ledger.letters("suppressed")
        assert (stopped.identity.campaign, stopped.reason) == ("gift", once.id)


def test_consent_is_asked_before_every_attempt(tmp_path, server):
    project = gift(TOTAL, messages=HELLO)
    server.answers = [status(400)]
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"), ("bob", "2026-01-10 10:00"))
        send(ledger, server, project, "2026-01-10 10:00", lambda _, who: set(who) - {"bob"})
        assert server.took() == ["ann"]
        with ledger.outbox() as outbox:
            outbox.revive(ledger.letters("dead"))
        send(ledger, server, project, "2026-01-10 10:00", lambda *_: set())
        assert server.took() == ["ann"]
        reasons = {one.reason for one in ledger.letters()}
        assert reasons == {"not_allowed_at_delivery"}


def test_messages_of_a_campaign_that_is_gone_are_kept_back(tmp_path, server):
    project = gift(TOTAL, messages=HELLO)
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"))
        none = replace(project, campaigns=())
        done = send(ledger, server, none, "2026-01-10 10:00", lambda *_: {"ann"})
        assert done.suppressed == {"push": 1}
        assert [one.reason for one in ledger.letters()] == ["campaign_removed"]
    assert server.requests == []


def test_rewards_go_out_in_any_case(tmp_path, server):
    project = gift(TOTAL, messages=HELLO, quiet=[("21:00", "08:00")])
    rewards = {"rewards": replace(server.channel(), name="rewards")}
    with opened(tmp_path, ["rewards"]) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 22:00"))
        gate, night = Gate(project, lambda *_: set()), clock("2026-01-10 23:00")
        file = FileChannel("push", tmp_path / "push.jsonl", "push.jsonl")
        deliver(ledger, {**rewards, "push": file}, LATER, gate, clock=lambda: night)
    (request,) = server.requests
    assert request.told["rewards"] == [
        {"reward": "coffee", "amount": "30.00", "currency": "CNY", "expires_at": None}
    ]


def test_a_lookup_that_fails_for_one_channel_holds_up_no_other(tmp_path, server):
    project = gift(TOTAL, messages=[*HELLO, ("sms", "hello too")])
    file = FileChannel("sms", tmp_path / "sms.jsonl", "sms.jsonl")
    remote = server.channel()
    asked = []

    def fails_once(campaign, recipients):
        asked.append(campaign)
        if len(asked) == 1:
            raise CannotRun(diagnose(codes.CHANNEL_NEEDS, None, channel="x", extra="x"))
        return set(recipients)

    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 12:00"))
        gate = Gate(project, fails_once)
        with pytest.raises(CannotRun):
            deliver(ledger, {"push": remote, "sms": file}, LATER, gate)
        assert server.took() == ["ann"]
        assert ledger.waiting_channels(LATER) == {"sms": 1}
