"""Recipients, and who is granted something by several campaigns.

A set of customers is a number, in which each customer is a bit. So two campaigns of a million
customers each are compared in microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise

from .simulation import Overlap

Key = tuple[str, str]
"""A campaign and a step."""


class Recipients:
    """The recipients of every step and campaign, from rows of campaign, step and recipient."""

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        places: dict[str, int] = {}
        of_steps: dict[Key, bytearray] = {}
        for campaign, step, recipient in rows:
            place = places.setdefault(recipient, len(places))
            bits = of_steps.setdefault((campaign, step), bytearray())
            byte = place >> 3
            if byte >= len(bits):
                bits.extend(bytes(byte - len(bits) + 1))
            bits[byte] |= 1 << (place & 7)
        self._steps = {key: int.from_bytes(bits, "little") for key, bits in of_steps.items()}
        self._campaigns: dict[str, int] = {}
        for (campaign, _), found in self._steps.items():
            self._campaigns[campaign] = self._campaigns.get(campaign, 0) | found

    def of_step(self, campaign: str, step: str) -> int:
        """The number of recipients of a step."""
        return self._steps.get((campaign, step), 0).bit_count()

    def of_campaign(self, campaign: str) -> int:
        """The number of recipients of a campaign, each counted once."""
        return self._campaigns.get(campaign, 0).bit_count()

    def overlaps(self, names: Mapping[str, str]) -> tuple[Overlap, ...]:
        """The pairs of campaigns with common recipients, most first; by the names for people."""
        found = []
        for one, other in combinations([name for name in names if name in self._campaigns], 2):
            count = (self._campaigns[one] & self._campaigns[other]).bit_count()
            if count:
                found.append(Overlap(names[one], names[other], count))
        return tuple(sorted(found, key=lambda each: (-each.customers, each.one, each.other)))

    def several(self) -> dict[int, int]:
        """The number of customers by how many campaigns granted them something."""
        at_least: list[int] = []
        for found in self._campaigns.values():
            # Those who had so many before, and have one more now, move up by one.
            more = found
            for place, held in enumerate(at_least):
                at_least[place], more = held | more, held & more
            if more:
                at_least.append(more)
        counts = [held.bit_count() for held in at_least]
        exact = {n: count - after for n, (count, after) in enumerate(pairwise([*counts, 0]), 1)}
        return {n: count for n, count in exact.items() if count}
