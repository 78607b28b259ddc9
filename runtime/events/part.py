"""The part of the customers that a worker decides, where several workers share a stream.

A worker gets all events of its customers. What falls due without an event it decides for them
alone; the other workers do it for theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32


def place_of(customer: bytes, count: int) -> int:
    """Return the number, from 0, of a customer's worker; `customer` is in UTF-8."""
    return crc32(customer) % count


@dataclass(frozen=True, slots=True)
class Part:
    """The customers of worker `number`, from 0, of `count`."""

    number: int
    count: int

    @property
    def is_whole(self) -> bool:
        """Whether it has all customers."""
        return self.count == 1

    def has(self, customer: str) -> bool:
        """Whether a customer belongs to it."""
        if self.is_whole:
            return True
        return place_of(customer.encode("utf-8", "surrogatepass"), self.count) == self.number


WHOLE = Part(0, 1)
