"""`settled within` in `status`, and the alert that a run and `events` raise."""

import json

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31")


def promised(shop, channels):
    settings = shop / "campaigner.toml"
    text = settings.read_text("utf-8").split("[channels")[0]
    settings.write_text(text + channels, "utf-8")
    campaign = shop / "cash_back.campaign"
    written = campaign.read_text("utf-8").replace(
        "  compliance {", "  settled within 3 working days\n\n  compliance {"
    )
    campaign.write_text(written, "utf-8")


def channel(name, path):
    return f'[channels.{name}]\nkind = "file"\npath = "{path}"\n'


def test_rewards_that_nobody_takes_are_late(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    shop = tmp_path / "shop"
    (shop / "gone").mkdir()
    others = channel("push", "push.jsonl") + channel("alerts", "alerts.jsonl")
    promised(shop, others + channel("rewards", "gone"))
    told = campaigner("run", "shop", *PERIOD)
    assert told.returncode == 2
    status = json.loads(campaigner("status", "shop", "--format", "json").stdout)
    late = {one["campaign"]: one["overdue"] for one in status["campaigns"]}
    assert late["win_back"] is None
    assert late["cash_back"]["count"] > 0
    assert late["cash_back"]["since"] > late["cash_back"]["oldest"]
    assert "late deliveries" in campaigner("status", "shop").stdout
    (shop / "gone").rmdir()
    assert campaigner("run", "shop", *PERIOD).returncode == 0
    assert campaigner("run", "shop", *PERIOD).returncode == 0
    lines = [json.loads(one) for one in (shop / "alerts.jsonl").read_text("utf-8").splitlines()]
    (alert,) = [one["alert"] for one in lines if "overdue" in one["alert"]]
    assert 0 < alert["overdue"] <= late["cash_back"]["count"]
    status = json.loads(campaigner("status", "shop", "--format", "json").stdout)
    assert {one["overdue"] for one in status["campaigns"]} == {None}
    assert "late deliveries" not in campaigner("status", "shop").stdout
