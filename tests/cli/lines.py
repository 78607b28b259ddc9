"""Command lines made from the tree of commands, so that a new command is in the tests by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click
from campaigner.cli.main import cli
from campaigner.cli.screen.terminal import Session

GIVEN = {
    "at": "2026-03-31",
    "by": "c001",
    "campaign": "cash_back",
    "choose": "coffee",
    "customer": "c001",
    "name": "case-7",
    "reason": "a mistake",
    "reward": "20 cash",
    "start": "2026-01-01",
    "end": "2026-03-31",
    "folder": "site",
}
"""A right value for an option, by its name in Python."""

ARGUMENTS = {
    "init": ["new"],
    "fmt": ["shop/cash_back.campaign"],
    "events": ["shop", "orders.jsonl"],
    "help": ["E203"],
    "run": ["shop", "--from", "2026-01-01", "--to", "2026-01-03"],
    "sql": ["shop", "--campaign", "cash_back", "--at", "2026-03-31"],
    "ledger claim": ["shop", "1", "--choose", "coffee", "--by", "c001"],
    "ledger grant": [
        *("shop", "--from-reserve", "--campaign", "cash_back", "--customer", "c001"),
        *("--reward", "20 cash", "--name", "case-7", "--reason", "lost"),
    ],
    "export": ["stage", "shop", "--to", "labels.csv"],
    "contrast": ["shop", "--audience", "shop.regular", "--against", "shop.dormant"],
    "value": ["shop", "--event", "order"],
    "paths": ["shop", "--from", "order", "--to", "order", "--steps", "3"],
    "ledger redeem": ["shop", "1", "--by", "c001"],
    "ledger reverse": ["shop", "1", "--reason", "a mistake"],
}
"""The arguments of some commands; others get the project and the options that they require."""


@dataclass(frozen=True)
class Leaf:
    """A command that is not a group: the words that name it."""

    words: tuple[str, ...]
    command: click.Command

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def line(self) -> list[str]:
        """A command line that has all it needs."""
        return [*self.words, *self.arguments]

    @property
    def arguments(self) -> list[str]:
        if self.name in ARGUMENTS:
            return ARGUMENTS[self.name]
        required = [
            word
            for param in self.command.params
            if isinstance(param, click.Option) and param.required
            for word in (param.opts[-1], GIVEN[param.name])
        ]
        return ["shop", *required]

    @property
    def options(self) -> list[click.Option]:
        return [param for param in self.command.params if isinstance(param, click.Option)]


def leaves() -> list[Leaf]:
    context = click.Context(cli, obj=Session("en"))
    return list(_below(cli, context, ()))


def _below(group: click.Group, context: click.Context, words: tuple[str, ...]) -> Iterator[Leaf]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _below(command, context, (*words, name))
        else:
            yield Leaf((*words, name), command)
