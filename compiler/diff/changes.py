"""The changes between two plans: empty if and only if both mean the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ..plan import Plan
from .alike import alike
from .clauses import Clause, Facet
from .facets import Compared, compared
from .kinds import Kind, Subject
from .spend import spend_text

What = Literal["added", "removed", "changed", "reordered"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a subject: the clauses that it had before and has no more, and the new ones.

    `through`: the declarations by which it changed, where its own words are the same.
    """

    kind: Kind
    subject: Subject
    what: What
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    through: tuple[Subject, ...] = ()


def changes(old: Plan, new: Plan) -> tuple[Change, ...]:
    """All changes in meaning: declarations first, then campaigns by name."""
    same = alike(old, new)
    sides = [compared(plan, same.without(plan)) for plan in (old, new)]
    return tuple(_Comparison(*sides).all())


_EMPTY = Facet(())


@dataclass(frozen=True, slots=True)
class _Comparison:
    old: Compared
    new: Compared

    def all(self) -> Iterator[Change]:
        found = [*self._declarations()]
        changed = frozenset(one.subject for one in found)
        yield from found
        yield from self._campaigns(changed)

    # --- declarations ---------------------------------------------------------------------------

    def _declarations(self) -> Iterator[Change]:
        renamed = self._renamed()
        names: frozenset[str] | None = None
        for subject, kind in self._keys():
            if subject.owner == "campaign" or subject in renamed:
                continue
            found = self._change(subject, kind)
            if found is not None and subject.owner == "field":
                names = self.old.names() | self.new.names() if names is None else names
                if found.what != "changed" or not _is_used(subject, names):
                    continue
            if found is not None:
                yield found

    def _keys(self) -> list[tuple[Subject, Kind]]:
        return list(dict.fromkeys((*self.old.facets, *self.new.facets)))

    def _renamed(self) -> frozenset[Subject]:
        """The audiences that have another name now and the same customers."""

        def only(one: Compared, other: Compared) -> dict[Subject, frozenset[str]]:
            return {
                subject: facet.whole
                for (subject, _), facet in one.facets.items()
                if subject.owner == "audience" and (subject, "audience") not in other.facets
            }

        gone, come = only(self.old, self.new), only(self.new, self.old)
        both = set(gone.values()) & set(come.values())
        return frozenset(one for one, keys in (*gone.items(), *come.items()) if keys in both)

    # --- campaigns ------------------------------------------------------------------------------

    def _campaigns(self, changed: frozenset[Subject]) -> Iterator[Change]:
        before, after = self.old.campaigns, self.new.campaigns
        by_name: dict[str, list[tuple[Subject, Kind]]] = {}
        for subject, kind in self._keys():
            if subject.owner == "campaign":
                by_name.setdefault(subject.name, []).append((subject, kind))
        for name in sorted(before.keys() | after.keys() | by_name.keys()):
            subject = Subject("campaign", name)
            if name not in before.keys() | after.keys():
                yield from self._of_one(name, by_name[name], changed)
            elif name not in after:
                yield Change("campaign", subject, "removed", before=(before[name].label,))
                yield from self._spend(name)
            elif name not in before:
                yield Change("campaign", subject, "added", after=(after[name].label,))
                yield from self._clauses_of(by_name[name])
                yield from self._spend(name)
            else:
                yield from self._of_one(name, by_name.get(name, []), changed)
                yield from self._spend(name)

    def _spend(self, name: str) -> Iterator[Change]:
        """The most that the campaign can spend, if that is another amount now."""
        sides = []
        for side in self.sides:
            campaign = side.campaigns.get(name)
            text = "" if campaign is None else spend_text(side.plan, campaign, side.accounts)
            sides.append((text,) if text else ())
        if sides[0] != sides[1]:
            yield Change("spend", Subject("campaign", name), "changed", sides[0], sides[1])

    def _clauses_of(self, keys: list[tuple[Subject, Kind]]) -> Iterator[Change]:
        """All clauses of a campaign that the old plan has not."""
        for subject, kind in keys:
            texts = tuple(one.text for one in self.new.facets[subject, kind].clauses)
            if texts:
                yield Change(kind, subject, "changed", after=texts)

    def _of_one(
        self, name: str, keys: list[tuple[Subject, Kind]], changed: frozenset[Subject]
    ) -> Iterator[Change]:
        found = [one for key in keys if (one := self._change(*key)) is not None]
        if not found and self.old.whole(name) != self.new.whole(name):
            steps = [
                ", ".join(step.name for step in side.normals.index.campaign(name).steps)
                for side in (self.old, self.new)
            ]
            yield Change("other", Subject("campaign", name), "changed", (steps[0],), (steps[1],))
        for one in found:
            yield self._explained(one, changed)

    def _explained(self, change: Change, changed: frozenset[Subject]) -> Change:
        """The change with the declarations by which it came, if its own words are the same."""
        if change.what != "changed" or Counter(change.before) != Counter(change.after):
            return change
        facets = (side.facets.get((change.subject, change.kind), _EMPTY) for side in self.sides)
        rests: set[Subject] = set()
        for side, facet in zip(self.sides, facets, strict=True):
            rests |= side.rests_on(about for one in facet.clauses for about in one.expressions)
        return replace(change, through=tuple(sorted(rests & changed)))

    @property
    def sides(self) -> tuple[Compared, Compared]:
        """The old plan and the new one."""
        return self.old, self.new

    def _is_in_both(self, subject: Subject) -> bool:
        return all(subject in side.subjects for side in self.sides)

    # --- one facet ------------------------------------------------------------------------------

    def _change(self, subject: Subject, kind: Kind) -> Change | None:
        """The change of one facet; `None` if it means the same."""
        mine = self.old.facets.get((subject, kind))
        theirs = self.new.facets.get((subject, kind))
        old, new = mine or _EMPTY, theirs or _EMPTY
        if old.whole and old.whole == new.whole:
            return None
        gone, come = _without(old, new), _without(new, old)
        what: What = "added" if mine is None else "removed" if theirs is None else "changed"
        if subject.owner == "campaign" and self._is_in_both(subject):
            what = "changed"
        if not gone and not come:
            if not old.ordered or _order(old) == _order(new):
                return None
            what, gone, come = "reordered", list(old.clauses), list(new.clauses)
        alike = {one.text for one in gone} & {one.text for one in come}
        before, after = (tuple(_text(one, alike) for one in side) for side in (gone, come))
        return Change(kind, subject, what, before, after)


def _is_used(subject: Subject, names: frozenset[str]) -> bool:
    owner, _, field = subject.name.partition(".")
    if not field:
        return owner == "customer" or owner in names
    return field in names or subject.name in names


def _without(one: Facet, other: Facet) -> list[Clause]:
    """The clauses of one facet that the other has not; where no order counts, each once."""
    left = Counter(clause.key for clause in other.clauses)
    found: dict[str, Clause] = {}
    more: list[Clause] = []
    for clause in one.clauses:
        if not one.ordered:
            found |= {} if clause.key in left else {clause.key: clause}
        elif left[clause.key]:
            left[clause.key] -= 1
        else:
            more.append(clause)
    return [*found.values(), *more]


def _order(facet: Facet) -> list[str]:
    return [clause.key for clause in facet.clauses]


def _text(clause: Clause, alike: set[str]) -> str:
    """The words of a clause, with what tells it apart where the other side has the same words."""
    is_vague = clause.detail and clause.text in alike
    return f"{clause.text} ({clause.detail})" if is_vague else clause.text
