"""The changes between two versions: for people, for programs, for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ....compiler.diff.changes import Change
from ....compiler.diff.kinds import Subject
from ....compiler.diff.words import Sentences
from ....dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase, in_language, listed
from ...screen.excerpt import safe
from ..json import record
from .phrases import CHANGES, CLAUSES, OWNERS, WAYS

if TYPE_CHECKING:
    from ....runtime.preview.differing import AtStep, Moved

FORMAT_VERSION = 1

SAMPLES = 10
"""The most keys that are named of those who enter or leave."""

_NAMELESS = Subject("campaign", "")


@dataclass(frozen=True, slots=True)
class Differing:
    """The two versions by their names, the changes, and the mistakes that are only changes.

    `sentences` say the changes of each campaign in plain words. `groups` are who enters and leaves,
    `None` if no warehouse was asked. `keys`: some are named.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    mistakes: tuple[Diagnostic, ...]
    language: Language
    sentences: Mapping[str, Sentences] = field(default_factory=dict)
    keys: bool = False
    groups: tuple[Moved, ...] | None = None
    steps: tuple[AtStep, ...] = ()


# --- for people ---------------------------------------------------------------------------------


def text(found: Differing) -> str:
    """A block for each thing that changed; campaigns that changed alike are in one."""
    blocks = (_block(subjects, changes, found) for subjects, changes in grouped(found.changes))
    shown = "\n".join(blocks) or _say(found, Phrase("diff.none")) + "\n"
    numbers = [in_language(one, found.language) for one in _numbers(found, keys=found.keys)]
    return shown + ("\n" + "\n".join(numbers) + "\n" if numbers else "")


def _numbers(found: Differing, *, keys: bool) -> Iterator[Phrase]:
    """A line for each group with who enters and leaves, and for each step with who is there."""
    for one in found.groups or ():
        name = Phrase("diff.named", owner=CLAUSES[one.kind], name=safe(one.name))
        yield Phrase(
            "diff.moved",
            of=name if one.kind != "campaign" else Phrase("diff.reach_of", name=safe(one.name)),
            before=_count(one.before),
            after=_count(one.after),
            entering=f"{len(one.entering):,}",
            leaving=f"{len(one.leaving):,}",
        )
        for way, some in (("entering", one.entering), ("leaving", one.leaving)):
            if keys and some:
                yield WAYS[way].filled(keys=safe(", ".join(some[:SAMPLES])))
    for at in found.steps:
        there = Phrase("diff.stranded") if at.stranded else Phrase("diff.inside")
        count = f"{at.customers:,}"
        yield there.filled(count=count, step=safe(at.step), campaign=safe(at.campaign))


def _count(count: int | None) -> str | Phrase:
    return Phrase("diff.no_such_group") if count is None else f"{count:,}"


def _block(subjects: Sequence[Subject], changes: Sequence[Change], found: Differing) -> str:
    lines = [heading(subjects, found.language)]
    for change in changes:
        lines.append(f"  {kind_line(change, found.language)}")
        if not shows_words(change):
            continue
        lines += [f"    - {safe(one)}" for one in change.before]
        lines += [f"    + {safe(one)}" for one in change.after]
    gone, come = _sentences(subjects, found)
    if gone or come:
        lines.append(f"  {_say(found, Phrase('diff.in_words'))}")
        lines += [f"    - {safe(one)}" for one in gone]
        lines += [f"    + {safe(one)}" for one in come]
    return "\n".join(lines) + "\n"


def _sentences(
    subjects: Sequence[Subject], found: Differing
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences of a campaign that changed alone; of several alike, those of the first."""
    first = subjects[0]
    said = found.sentences.get(first.name) if first.owner == "campaign" else None
    if said is None:
        return (), ()
    gone, come = (tuple(one.say(found.language) for one in side) for side in (said.gone, said.come))
    return gone, come


def grouped(changes: Iterable[Change]) -> list[tuple[list[Subject], list[Change]]]:
    """The changes of each thing; campaigns with the very same changes are together."""
    by_subject: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        by_subject.setdefault(change.subject[:2], []).append(change)
    alike: dict[object, tuple[list[Subject], list[Change]]] = {}
    for found in by_subject.values():
        subject = found[0].subject._replace(step="")
        alone: object = subject
        if subject.owner == "campaign":
            alone = tuple(map(_nameless, found))
        alike.setdefault(alone, ([], found))[0].append(subject)
    return list(alike.values())


def _nameless(change: Change) -> Change:
    """The change as it is of every campaign that it is shown for."""
    subject = _NAMELESS._replace(step=change.subject.step)
    if shows_words(change):
        return replace(change, subject=subject)
    return replace(change, subject=subject, before=(), after=())


def shows_words(change: Change) -> bool:
    """Whether its clauses are shown: not where they are the same words on both sides."""
    return not change.through or change.before != change.after


def heading(subjects: Sequence[Subject], language: Language) -> str:
    """`campaign win_back`; `campaigns a, b` of several."""
    first = subjects[0]
    if len(subjects) == 1:
        return in_language(named(first), language)
    names = listed(subject.name for subject in subjects)
    return in_language(Phrase("diff.campaigns", names=names), language)


def named(subject: Subject) -> Phrase:
    """The kind of a thing and its name."""
    owner = OWNERS[subject.owner]
    return Phrase("diff.named", owner=owner, name=safe(subject.name))


def kind_line(change: Change, language: Language) -> str:
    """The kind of a change, its step, and the way in which it came."""
    line: str | Phrase = CHANGES[change.kind]
    if change.subject.step:
        line = Phrase("diff.of_step", kind=line, step=change.subject.step)
    if change.what != "changed":
        line = WAYS[change.what].filled(kind=line)
    if change.through:
        through = listed(named(one) for one in change.through)
        line = Phrase("diff.through", kind=line, names=through)
    return in_language(line, language)


def _say(found: Differing, phrase: Phrase) -> str:
    return in_language(phrase, found.language)


# --- for a pull request -------------------------------------------------------------------------


def markdown(found: Differing) -> str:
    """A comment for a pull request: no row of a customer is in it."""
    return "".join(f"{line}\n" for line in _markdown(found))


def _markdown(found: Differing) -> Iterator[str]:
    count = str(len(found.changes))
    between = {"old": _code(found.old), "new": _code(found.new)}
    if not found.changes:
        yield f"### {_say(found, Phrase('diff.none_between', **between))}"
        return
    yield f"### {_say(found, Phrase('diff.between', count=count, **between))}"
    for mistake in found.mistakes:
        yield ""
        yield f"> **{mistake.code.id}** {_escaped(mistake.message(found.language))}"
    for subjects, changes in grouped(found.changes):
        yield ""
        yield f"**{_escaped(heading(subjects, found.language))}**"
        yield ""
        for change in changes:
            yield f"- {_escaped(kind_line(change, found.language))}"
            if not shows_words(change):
                continue
            yield "  ```diff"
            yield from (f"  - {_fenced(one)}" for one in change.before)
            yield from (f"  + {_fenced(one)}" for one in change.after)
            yield "  ```"
        gone, come = _sentences(subjects, found)
        if gone or come:
            yield f"- {_say(found, Phrase('diff.in_words'))}"
            yield "  ```diff"
            yield from (f"  - {_fenced(one)}" for one in gone)
            yield from (f"  + {_fenced(one)}" for one in come)
            yield "  ```"
    numbers = list(_numbers(found, keys=False))
    yield from ("",) if numbers else ()
    yield from (f"- {_escaped(in_language(one, found.language))}" for one in numbers)


def _code(name: str) -> str:
    return f"`{_fenced(name)}`"


def _fenced(text_: str) -> str:
    """A text that cannot end the block around it."""
    return safe(text_).replace("`", "'")


def _escaped(text_: str) -> str:
    """A text in which nothing is markup, a mention or a link."""
    marked = "".join(f"\\{one}" if one in "\\*_[]#|~" else one for one in safe(text_))
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace("@", "@&#8203;")


# --- for programs -------------------------------------------------------------------------------


def as_json(found: Differing) -> str:
    """One document, in the shape of docs/json.md."""
    document = {
        "format_version": FORMAT_VERSION,
        "old": found.old,
        "new": found.new,
        "changes": [_row(change) for change in found.changes],
        "sentences": [
            {
                "campaign": one.campaign,
                "gone": [clause.say(found.language) for clause in one.gone],
                "come": [clause.say(found.language) for clause in one.come],
            }
            for one in found.sentences.values()
        ],
        **({} if found.groups is None else _numbers_as_rows(found)),
        "diagnostics": [record(one, found.language) for one in found.mistakes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _row(change: Change) -> dict[str, object]:
    return {
        "kind": change.kind,
        "of": change.subject.owner,
        "name": change.subject.name,
        "step": change.subject.step or None,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "through": [{"of": one.owner, "name": one.name} for one in change.through],
    }


def _numbers_as_rows(found: Differing) -> dict[str, object]:
    return {
        "groups": [
            {
                "kind": one.kind,
                "name": one.name,
                "before": one.before,
                "after": one.after,
                "entering": len(one.entering),
                "leaving": len(one.leaving),
                "entering_keys": list(one.entering[:SAMPLES]) if found.keys else [],
                "leaving_keys": list(one.leaving[:SAMPLES]) if found.keys else [],
            }
            for one in found.groups or ()
        ],
        "inside": [
            {
                "campaign": one.campaign,
                "step": one.step,
                "customers": one.customers,
                "stranded": one.stranded,
            }
            for one in found.steps
        ],
    }
