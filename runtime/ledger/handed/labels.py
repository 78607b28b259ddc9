"""The contract of labels that channels were handed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

C = TypeVar("C", bound="LabelChanges")
LabelPlace = tuple[str, str, str]
"""Kind, name and customer of a label."""


@dataclass(frozen=True, slots=True)
class HandedLabel:
    """A label that a channel is to get; `value` is `None` if its customer has it no longer.

    `turn` counts the values that the place has had, so that no two are taken for one.
    """

    place: LabelPlace
    value: str | None
    since: datetime
    turn: int


class LabelChanges(Protocol):
    """The changes of an export: rows of kind, name, customer, value and since, and places."""

    @property
    def written(self) -> Iterable[tuple[str, str, str, str, str]]:
        """The labels that are new, or have another value."""

    @property
    def gone(self) -> Iterable[LabelPlace]:
        """The places that have no label any more."""


class HandedLabels(Protocol):
    """The ledger's part that knows which labels each channel was handed."""

    def hand_labels(
        self,
        channel: str,
        at: datetime,
        changes: Callable[[Mapping[LabelPlace, tuple[str, str]]], C],
    ) -> C:
        """Change the labels of a channel at an instant, in one transaction.

        `changes` gets value and `since` of each label by its place.
        """

    def labels_to_send(self, channel: str) -> list[HandedLabel]:
        """The labels of a channel that did not arrive yet, by place."""

    def labels_arrived(self, channel: str, labels: Iterable[HandedLabel]) -> None:
        """Remember that these arrived; one that has changed meanwhile is still to be sent."""
