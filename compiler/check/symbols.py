"""Every declaration of a project by its name: one namespace, whatever the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Diagnostic, Label, diagnose
from ..codes import names


@dataclass(frozen=True, slots=True)
class Symbols:
    """Declarations by name, in the order of their names; of two of one name the first counts.

    `stages` has the lifecycles of each stage, `wallets` the names of all wallets that campaigns
    fill, pay from or take from, sorted.
    """

    lifecycles: dict[str, tree.Lifecycle]
    audiences: dict[str, tree.Audience]
    benefits: dict[str, tree.Benefit]
    pools: dict[str, tree.Pool]
    policies: dict[str, tree.Policy]
    campaigns: dict[str, tree.Campaign]
    stages: dict[str, list[str]]
    wallets: tuple[str, ...] = field(default=())

    def identity(self, campaign: str) -> str:
        """The name under which the ledger knows a campaign: its former one if it was renamed."""
        node = self.campaigns.get(campaign)
        former = None if node is None else renamed_from(node)
        return campaign if former is None else former.campaign.text


def renamed_from(node: tree.Campaign) -> tree.RenamedFrom | None:
    """The clause that names the campaign's former name, if there is one."""
    return next((one for one in node.clauses if isinstance(one, tree.RenamedFrom)), None)


def report_former_names(symbols: Symbols) -> Iterator[Diagnostic]:
    """Campaigns renamed from a name that another one has, or was renamed from as well."""
    known = {name for name, node in symbols.campaigns.items() if renamed_from(node) is None}
    for name, node in symbols.campaigns.items():
        clause = renamed_from(node)
        if clause is None:
            continue
        former = clause.campaign.text
        if former in known or former == name:
            place = clause.campaign.span.place
            yield diagnose(names.RENAMED_FROM_ANOTHER, place, name=name, former=former)
        known.add(former)


def collect(
    files: Iterable[tree.CampaignFile], customer_fields: Iterable[str], wallets: Iterable[str]
) -> tuple[Symbols, tuple[Diagnostic, ...]]:
    """The symbols of a project, and what was declared twice or clashes with a customer field.

    `wallets` are the names that rewards give to wallets, each once.
    """
    taken: dict[str, tree.Named] = {}
    found: list[Diagnostic] = []
    fields = set(customer_fields)
    every = (one for file in files for one in file.declarations)
    for declaration in (one for one in every if not isinstance(one, tree.Scenario)):
        name = declaration.name.text
        first = taken.setdefault(name, declaration)
        if first is not declaration:
            found.append(_twice(declaration, first))
        elif isinstance(declaration, tree.Audience) and name in fields:
            place = declaration.name.span.place
            found.append(diagnose(names.CLASHES_WITH_FIELD, place, name=name))
    ordered = dict(sorted(taken.items()))
    lifecycles = {k: v for k, v in ordered.items() if isinstance(v, tree.Lifecycle)}
    return (
        Symbols(
            lifecycles,
            {k: v for k, v in ordered.items() if isinstance(v, tree.Audience)},
            {k: v for k, v in ordered.items() if isinstance(v, tree.Benefit)},
            {k: v for k, v in ordered.items() if isinstance(v, tree.Pool)},
            {k: v for k, v in ordered.items() if isinstance(v, tree.Policy)},
            {k: v for k, v in ordered.items() if isinstance(v, tree.Campaign)},
            _stages(lifecycles),
            tuple(sorted(wallets)),
        ),
        tuple(found),
    )


def _stages(lifecycles: Mapping[str, tree.Lifecycle]) -> dict[str, list[str]]:
    """The lifecycles that each stage is one of."""
    owners: dict[str, list[str]] = {}
    for name, lifecycle in lifecycles.items():
        for stage in dict.fromkeys(one.name.text for one in lifecycle.stages):
            owners.setdefault(stage, []).append(name)
    return owners


def _twice(second: tree.Named, first: tree.Named) -> Diagnostic:
    label = Label(first.name.span.place, names.DECLARED_FIRST)
    place = second.name.span.place
    return diagnose(names.DECLARED_TWICE, place, labels=[label], name=second.name.text)


def repeated(written: Iterable[tree.Name]) -> Iterator[tree.Name]:
    """The names that stand in a list a second time."""
    seen: set[str] = set()
    for name in written:
        if name.text in seen:
            yield name
        seen.add(name.text)


# --- steps of campaigns -----------------------------------------------------------------------

ALL_DONE = "all_done"
"""The name of the step of `all done`."""


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step. `known_as`: its name in the ledger. `gives`: whether it has rewards or messages."""

    known_as: str
    gives: bool


def steps_of(campaign: tree.Campaign) -> dict[str, WrittenStep]:
    """The steps of a journey, or the tasks, by their names; none of a campaign with a trigger."""
    found: dict[str, WrittenStep] = {}
    for clause in campaign.clauses:
        match clause:
            case tree.Journey(statements=statements):
                for one in statements:
                    if isinstance(one, tree.JourneyStep):
                        former = one.name if one.renamed_from is None else one.renamed_from
                        gives = any(not isinstance(part, tree.OneAtATime) for part in one.parts)
                        found[one.name.text] = WrittenStep(former.text, gives)
            case tree.Tasks(statements=tasks):
                for task in tasks:
                    name = task.name.text if isinstance(task, tree.Task) else ALL_DONE
                    found[name] = WrittenStep(name, gives=bool(task.parts))
            case _:
                continue
    return found


def tasks_of(campaign: tree.Campaign) -> frozenset[str]:
    """The names of the campaign's tasks."""
    blocks = (clause for clause in campaign.clauses if isinstance(clause, tree.Tasks))
    return frozenset(
        one.name.text for block in blocks for one in block.statements if isinstance(one, tree.Task)
    )
