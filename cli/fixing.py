"""The safe fixes of a project, tried in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..dsl.diagnostics.diagnostic import Diagnostic, Fix
from ..dsl.diagnostics.fixes import apply

if TYPE_CHECKING:
    from ..compiler.files.folder import Contents

ROUNDS = 10
"""One fix can uncover another, such as an amount between full-width brackets."""

TRIES = 64
"""Checks to find the fix of a round that makes something worse."""

_BOM = b"\xef\xbb\xbf"

Check = Callable[["Contents"], tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The files with all safe fixes, the mistakes that were fixed, and those that are left."""

    contents: Contents
    fixed: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def fixed(contents: Contents, check: Check) -> Fixed:
    """All safe fixes applied, round by round, until nothing is left to fix.

    A fix after which there is an error that was not there before is not kept.
    """
    state = Fixed(contents, (), check(contents))
    tries = _Tries(check)
    for _ in range(ROUNDS):
        safe = [one for one in state.left if _is_safe(one, state.contents)]
        after = tries.take(state, safe)
        if after is state:
            break
        state = after
    return state


def _is_safe(found: Diagnostic, contents: Contents) -> bool:
    fix = found.fix
    return fix is not None and fix.safety == "safe" and fix.place.file in contents.files


@dataclass(slots=True)
class _Tries:
    check: Check
    left: int = TRIES

    def take(self, state: Fixed, safe: Sequence[Diagnostic]) -> Fixed:
        """The state after those of the fixes that make nothing worse; itself if none is left."""
        if not safe or not self.left:
            return state
        self.left -= 1
        contents, done = _applied(state.contents, safe)
        found = self.check(contents)
        if not _worse(state.left, found):
            return Fixed(contents, (*state.fixed, *done), found)
        if len(safe) == 1:
            return state
        # The later half first: places of the earlier one stay right.
        middle = len(safe) // 2
        return self.take(self.take(state, safe[middle:]), safe[:middle])


def _worse(before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> bool:
    """Whether there are more errors than before, of any code."""

    def errors(found: Sequence[Diagnostic]) -> Counter[str]:
        return Counter(one.code.id for one in found if one.code.severity == "error")

    return bool(errors(after) - errors(before))


def _applied(
    contents: Contents, safe: Sequence[Diagnostic]
) -> tuple[Contents, tuple[Diagnostic, ...]]:
    by_file: defaultdict[str, dict[Fix, Diagnostic]] = defaultdict(dict)
    for one in safe:
        if one.fix is not None:
            by_file[one.fix.place.file].setdefault(one.fix, one)
    files, done = dict(contents.files), []
    for name, fixes in by_file.items():
        files[name], applied = _of_file(files[name], name, fixes)
        done += [fixes[fix] for fix in applied]
    return replace(contents, files=files), tuple(done)


def _of_file(
    data: bytes, name: str, fixes: Mapping[Fix, Diagnostic]
) -> tuple[bytes, tuple[Fix, ...]]:
    """The bytes with fixes applied; a byte order mark and line ends stay as they are."""
    from ..dsl.decoding import decode

    source, _ = decode(data, name)
    if source is None:
        return data, ()
    text, applied = apply(source, fixes)
    return (_BOM if data.startswith(_BOM) else b"") + text.encode(), applied
