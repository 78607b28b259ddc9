"""`campaigner ledger journeys`: who is inside as of the last run, not of the machine's clock."""

import json

JOURNEY = """
campaign first_month "First month" {
  active 2026-01-01 to 2026-12-31
  audience consent_marketing and not employee
  journey {
    step bought on order
      one at a time
      reward 10 points
    step bonus 30 days after bought at 10:00
      reward 50 points
  }
  budget { total 0 CNY }
  compliance { follows fair_play }
}
"""


def states(campaigner, shop, until):
    done = campaigner("run", shop, "--from", "2026-01-01", "--to", until)
    assert done.returncode == 0, done.stderr
    listed = campaigner("ledger", "journeys", shop, "--format", "json")
    return json.loads(listed.stdout)["journeys"]


def test_who_waits_for_a_step_is_inside_until_a_run_has_passed_it(campaigner, tmp_path):
    """The machine's clock is months later than these runs."""
    shop = tmp_path / "shop"
    assert campaigner("init", str(shop)).returncode == 0
    (shop / "month.campaign").write_text(JOURNEY, "utf-8")
    waiting = states(campaigner, shop, "2026-01-20")
    assert waiting
    assert {one["state"] for one in waiting} == {"inside"}
    assert {one["awaits"] for one in waiting} == {"bonus"}
    later = {
        (one["customer"], one["occurrence"]): one for one in states(campaigner, shop, "2026-03-31")
    }
    for one in waiting:
        now = later[one["customer"], one["occurrence"]]
        assert (now["state"], now["step"]) == ("over", "bonus")
        assert now["since"] == one["until"]
