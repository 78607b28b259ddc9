"""From the outbox to a channel's file: order, once, consent, quiet hours, and what can go wrong."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery import FileChannel, Gate, deliver
from campaigner.runtime.delivery.channels import file as channel_file

from .ledger.ledgers import DIGEST, account, ask, campaign, clock, gift, opened, plan

TOTAL = account("campaign/gift/total", "100", alerts=())
PUSH = [("push", "{{ reward.label }} for you")]
LATER = clock("2027-01-01 00:00")


def channels(root: Path, *names: str) -> dict[str, FileChannel]:
    return {
        name: FileChannel(name, root / f"var/{name}.jsonl", f"var/{name}.jsonl")
        for name in names or ("push",)
    }


def lines(root: Path, name: str = "push") -> list[dict[str, object]]:
    text = (root / f"var/{name}.jsonl").read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def told(root: Path, name: str = "push") -> list[str]:
    return [f"{one['recipient']}: {one['text']}" for one in lines(root, name)]


def grant(ledger, project, *asked: tuple[str, str], **more) -> None:
    ledger.decide(project, [ask(who, at, "coffee", **more) for who, at in asked], DIGEST)


def stop(call) -> str:
    with pytest.raises(CannotRun) as caught:
        call()
    diagnostic = caught.value.diagnostic
    assert diagnostic.help("en")
    assert diagnostic.help("zh")
    return f"{diagnostic.code.id}: {diagnostic.message()}"


def test_a_message_as_the_outbox_documents_it(tmp_path):
    with opened(tmp_path) as ledger:
        grant(ledger, gift(TOTAL, messages=PUSH), ("a/b%", "2026-01-10 10:00"), occurrence="e/1")
        deliver(ledger, channels(tmp_path), LATER)
    assert lines(tmp_path) == [
        {
            "format_version": 1,
            "key": "gift/main/a%2Fb%25/e%2F1/push/0",
            "channel": "push",
            "campaign": "gift",
            "step": "main",
            "recipient": "a/b%",
            "occurrence": "e/1",
            "at": "2026-01-10T02:00:00.000000Z",
            "deliver_at": "2026-01-10T02:00:00.000000Z",
            "text": "Coffee for you",
        }
    ]


def test_rewards_and_alerts_go_to_the_channels_of_those_names_where_there_are_any(tmp_path):
    total = account(
        "campaign/gift/total", "25", alerts=(Decimal("0.5"), Decimal("0.8"), Decimal(1))
    )
    names = ("alerts", "rewards")
    with opened(tmp_path, names) as ledger:
        grant(ledger, gift(total), ("ann", "2026-01-10 10:00"), ("bob", "2026-01-10 10:01"))
        grant(ledger, gift(total), ("cat", "2026-01-10 10:02"))
        deliver(ledger, channels(tmp_path, *names), LATER)
    alerts = [one["alert"] for one in lines(tmp_path, "alerts")]
    assert [(one["threshold"], one["spent"], one["cap"]) for one in alerts] == [
        ("0.5", "12.50", "25.00"),
        ("0.8", "25.00", "25.00"),
        ("1", "25.00", "25.00"),
    ]
    rewards = lines(tmp_path, "rewards")
    assert [one["recipient"] for one in rewards] == ["ann", "bob"]
    assert rewards[0]["rewards"] == [
        {"reward": "coffee", "amount": "30.00", "currency": "CNY", "expires_at": None}
    ]
    assert len(str(rewards[0]["code"])) == 12
    (tmp_path / "elsewhere").mkdir()
    with opened(tmp_path / "elsewhere") as ledger:
        grant(ledger, gift(total), ("ann", "2026-01-10 10:00"))
        assert not ledger.waiting_channels(LATER)


def test_in_the_order_of_delivery_and_only_what_is_due(tmp_path):
    project = gift(TOTAL, messages=PUSH, quiet=[("21:00", "08:00")])
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 22:00"), ("bob", "2026-01-11 07:59"))
        grant(ledger, project, ("cat", "2026-01-11 07:30"), ("dan", "2026-01-10 20:59"))
        grant(ledger, project, ("eve", "2026-01-11 08:00"), deliver_at="2026-03-05 23:00")
        done = deliver(ledger, channels(tmp_path), clock("2026-01-11 07:59"))
        assert told(tmp_path) == ["dan: Coffee for you"]
        assert done.delivered == {"push": 1}
        deliver(ledger, channels(tmp_path), clock("2026-01-11 08:00"))
        assert [str(one["recipient"]) for one in lines(tmp_path)] == ["dan", "ann", "bob", "cat"]
        deliver(ledger, channels(tmp_path), LATER)
        assert lines(tmp_path)[-1]["deliver_at"] == "2026-03-06T00:00:00.000000Z"
        before = (tmp_path / "var/push.jsonl").read_bytes()
        deliver(ledger, channels(tmp_path), LATER)
        assert (tmp_path / "var/push.jsonl").read_bytes() == before


def test_quiet_hours_without_end_suppress(tmp_path):
    project = gift(TOTAL, messages=PUSH, quiet=[("08:00", "20:00"), ("20:00", "08:00")])
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 22:00"))
        assert not ledger.waiting_channels(LATER)
        assert [row.reward for row in ledger.grants()] == ["coffee"]


def test_consent_withdrawn_since_stops_the_message_and_not_the_reward(tmp_path):
    project = gift(TOTAL, messages=PUSH)
    asked = []

    def still_allowed(campaign_, people):
        asked.append((campaign_, sorted(people)))
        return {"ann"}

    with opened(tmp_path, ["rewards"]) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"), ("bob", "2026-01-10 10:00"))
        done = deliver(
            ledger, channels(tmp_path, "push", "rewards"), LATER, Gate(project, still_allowed)
        )
        assert asked == [("gift", ["ann", "bob"])]
        assert told(tmp_path) == ["ann: Coffee for you"]
        assert [one["recipient"] for one in lines(tmp_path, "rewards")] == ["ann", "bob"]
        assert (done.delivered["push"], done.suppressed["push"]) == (1, 1)
        deliver(ledger, channels(tmp_path, "push", "rewards"), LATER)
        assert told(tmp_path) == ["ann: Coffee for you"]


def test_a_channel_that_is_not_set_up_stops_after_the_others_were_served(tmp_path):
    project = gift(TOTAL, messages=[("sms", "hello"), *PUSH])
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"))
        said = stop(lambda: deliver(ledger, channels(tmp_path), LATER))
        assert said == (
            "E750: the channel `sms`, for which messages wait (1), is not in campaigner.toml"
        )
        assert told(tmp_path) == ["ann: Coffee for you"]
        deliver(ledger, channels(tmp_path, "sms", "push"), LATER)
        assert told(tmp_path, "sms") == ["ann: hello"]


def test_more_than_goes_in_one_transaction(tmp_path):
    project = plan([campaign("gift", messages=[("push", "hello")])])
    start = clock("2026-01-10 10:00")
    asked = [
        (f"{n:04}", f"{start + timedelta(hours=8, seconds=n):%Y-%m-%d %H:%M:%S}")
        for n in range(2_500)
    ]
    with opened(tmp_path) as ledger:
        grant(ledger, project, *asked)
        assert deliver(ledger, channels(tmp_path), LATER).delivered == {"push": 2_500}
    assert [one["recipient"] for one in lines(tmp_path)] == [who for who, _ in asked]


# --- what a killed run leaves behind ------------------------------------------------------------


@pytest.mark.parametrize("cut", [None, 1, 40])
def test_lines_written_before_the_power_went_are_not_written_again(tmp_path, cut):
    project = gift(TOTAL, messages=PUSH)
    everyone = [
        ("ann", "2026-01-10 10:00"),
        ("bob", "2026-01-10 10:01"),
        ("cat", "2026-01-10 10:02"),
    ]
    path = tmp_path / "var/push.jsonl"
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("dan", "2026-01-10 08:00"), *everyone)
        deliver(ledger, channels(tmp_path), clock("2026-01-10 09:00"))
    assert told(tmp_path) == ["dan: Coffee for you"]
    kept = shutil.copytree(tmp_path / "var", tmp_path / "before")
    with opened(tmp_path) as ledger:
        deliver(ledger, channels(tmp_path), LATER)
    whole = path.read_bytes()
    # The ledger as before, the file as after: all lines there, or the last one torn.
    shutil.copy(kept / "ledger.db", tmp_path / "var/ledger.db")
    path.write_bytes(whole if cut is None else whole[:-cut])
    with opened(tmp_path) as ledger:
        assert ledger.waiting_channels(LATER) == {"push": 3}
        deliver(ledger, channels(tmp_path), LATER)
        assert path.read_bytes() == whole
        assert not ledger.waiting_channels(LATER)


def test_a_file_that_was_there_before_is_kept_and_its_last_line_ended(tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var/push.jsonl").write_text('{"mine": 1}\nno line break')
    with opened(tmp_path) as ledger:
        grant(ledger, gift(TOTAL, messages=PUSH), ("ann", "2026-01-10 10:00"))
        deliver(ledger, channels(tmp_path), LATER)
    text = (tmp_path / "var/push.jsonl").read_text()
    assert text.splitlines()[:2] == ['{"mine": 1}', "no line break"]
    assert json.loads(text.splitlines()[2])["recipient"] == "ann"


def test_a_file_that_was_rotated_away_begins_anew(tmp_path):
    project = gift(TOTAL, messages=PUSH)
    path = tmp_path / "var/push.jsonl"
    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"))
        deliver(ledger, channels(tmp_path), LATER)
        path.rename(tmp_path / "push.1")
        grant(ledger, project, ("bob", "2026-01-10 10:00"))
        deliver(ledger, channels(tmp_path), LATER)
    assert told(tmp_path) == ["bob: Coffee for you"]


def test_two_channels_may_share_a_file(tmp_path):
    both = {
        name: FileChannel(name, tmp_path / "all.jsonl", "all.jsonl") for name in ("push", "sms")
    }
    project = gift(TOTAL, messages=[*PUSH, ("sms", "hello")])
    with opened(tmp_path) as ledger:
        for who in ("ann", "bob"):
            grant(ledger, project, (who, "2026-01-10 10:00"))
            deliver(ledger, both, LATER)
    keys = [json.loads(one)["key"] for one in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert len(keys) == len(set(keys)) == 4


# --- what can go wrong --------------------------------------------------------------------------


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "var/push.jsonl").mkdir(parents=True)
    with opened(tmp_path) as ledger:
        grant(ledger, gift(TOTAL, messages=PUSH), ("ann", "2026-01-10 10:00"))
        said = stop(lambda: deliver(ledger, channels(tmp_path), LATER))
        assert said == (
            "E751: the file var/push.jsonl of the channel `push` cannot be written: is a directory"
        )
        assert ledger.waiting_channels(LATER) == {"push": 1}


def test_a_disk_that_fills_up_in_the_middle_of_a_line(tmp_path, monkeypatch):
    project = gift(TOTAL, messages=PUSH)
    real = os.write

    def write(descriptor, data):
        if len(data) > 20:
            return real(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    with opened(tmp_path) as ledger:
        grant(ledger, project, ("ann", "2026-01-10 10:00"))
        with monkeypatch.context() as patch:
            patch.setattr(channel_file.os, "write", write)
            said = stop(lambda: deliver(ledger, channels(tmp_path), LATER))
        assert said.startswith("E752: the disk is full: the file var/push.jsonl")
        assert (tmp_path / "var/push.jsonl").read_bytes() == b""
        deliver(ledger, channels(tmp_path), LATER)
    assert told(tmp_path) == ["ann: Coffee for you"]


def test_a_disk_that_is_really_full(tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(room)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("no small file system can be mounted here")
    channel = {"push": FileChannel("push", room / "push.jsonl", "room/push.jsonl")}
    project = plan([campaign("gift", messages=[("push", "hello " * 100)])])
    try:
        with opened(tmp_path) as ledger:
            everyone = [(f"{n}", "2026-01-10 10:00") for n in range(50)]
            grant(ledger, project, *everyone)
            said = stop(lambda: deliver(ledger, channel, LATER))
            assert said.startswith("E752")
            assert (room / "push.jsonl").read_bytes() == b""
            assert ledger.waiting_channels(LATER) == {"push": 50}
    finally:
        subprocess.run(["umount", str(room)], check=True)
