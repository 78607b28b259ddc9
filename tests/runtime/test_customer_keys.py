"""`customer.key` in conditions is the key as text, whatever the warehouse keeps it as."""

from pathlib import Path

import pytest

from .shops import shop

CAMPAIGNS = """
audience seven customer.key = "7"
campaign gift {
  active   2026-01-01 to 2026-01-31
  audience yes
  trigger  on order where customer.key != (friend else "7")
  reward   1 points
  budget { total 0 CNY }
  compliance { forbid phrase "sure" }
}
campaign seen {
  active   2026-01-01 to 2026-01-31
  audience yes
  trigger  when leaving audience seven, every day at 06:00
  reward   1 points
  budget { total 0 CNY }
  compliance { forbid phrase "sure" }
}
"""


@pytest.mark.parametrize("kind", ["VARCHAR", "INTEGER"])
def test_a_key_is_compared_as_text(tmp_path: Path, kind: str) -> None:
    """A key never changes, so nobody leaves what rests upon it, and it needs no history."""
    house = shop(tmp_path, CAMPAIGNS, customers=("7", "8"))
    house.change(f"ALTER TABLE customers ALTER customer_id SET DATA TYPE {kind}")
    house.order(
        [
            ("a", "7", "2026-01-02T09:00+08:00", 1, "7"),
            ("b", "7", "2026-01-02T10:00+08:00", 1, "8"),
            ("c", "8", "2026-01-02T11:00+08:00", 1, None),
            ("d", "7", "2026-01-02T12:00+08:00", 1, None),
        ]
    )
    house.run()
    assert [(one.campaign, one.occurrence) for one in house.grants()] == [
        ("gift", "b"),
        ("gift", "c"),
    ]
