"""The names of the parameters of a statement."""

from __future__ import annotations


def name_of(number: int) -> str:
    """The name of the seed of that number, from 1."""
    return f"seed_{number}"
