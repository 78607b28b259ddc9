"""From what pydantic found in a file of entries to mistakes in plain words, each at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Phrase, diagnose, names_listed
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.diagnostics.source import Place
from ..codes import files
from ..files.positions import KeyPath, Positions

_Model = TypeVar("_Model", bound=BaseModel)

_WHOLE = Phrase("entries.whole")
_TEXT = Phrase("entries.text")
_YES_NO = Phrase("entries.yes_no")
_ENTRIES = Phrase("entries.entries")
_LIST = Phrase("entries.list")

_EXPECTED = {
    "string_type": _TEXT,
    "string_too_short": Phrase("entries.expected.string_too_short"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "dict_type": _ENTRIES,
    "model_type": _ENTRIES,
    "model_attributes_type": _ENTRIES,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": Phrase("entries.expected.too_short"),
}

_CODES = {code.id: code for code in vars(files).values() if isinstance(code, Code)}


def refuse(code: Code, **values: str | Phrase) -> PydanticCustomError:
    """The error for a validator to raise; `name` and `owner` are added later."""
    return PydanticCustomError(code.id, "see the code", dict(values))


class Vocabulary(Protocol):
    """The names of a file's parts in messages."""

    def owner(self, path: KeyPath) -> str | Phrase:
        """The thing at the path: `event `invest``."""

    def keys(self, path: KeyPath, data: Mapping[str, object]) -> tuple[str, ...]:
        """The entries that `data`, the thing at the path, may have."""

    def example(self, path: KeyPath) -> str | None:
        """The entry at the path as it could be written, where it is missing."""


@dataclass(frozen=True, slots=True)
class Validated(Generic[_Model]):
    """The valid part of a file. `removed`: the paths of faulty or missing entries."""

    model: _Model
    diagnostics: tuple[Diagnostic, ...]
    removed: frozenset[KeyPath]


def validate(
    model: type[_Model],
    data: dict[str, Any],
    positions: Positions,
    vocabulary: Vocabulary,
    filler: Mapping[KeyPath, Any],
) -> Validated[_Model]:
    """All mistakes in `data`, and the model of the valid rest.

    Faulty entries are removed, then the entries that require them, until the rest is valid. So a
    mistake does not hide the names around it. `filler` has a value for each required entry.
    `data` is changed in place.
    """
    diagnostics: list[Diagnostic] = []
    removed: set[KeyPath] = set()
    first = True
    while True:
        try:
            return Validated(model.model_validate(data), tuple(diagnostics), frozenset(removed))
        except ValidationError as error:
            details = error.errors(include_url=False)
        if first:
            found = [_diagnostic(one, data, positions, vocabulary) for one in details]
            diagnostics += _without_mistyped(found)
        removed |= _take_out(details, data, filler)
        first = False


def _without_mistyped(found: list[Diagnostic]) -> list[Diagnostic]:
    """Drop the error that `table` is missing where `tabel` is already reported as misspelled."""
    told = [dict(one.values) for one in found if one.code is files.UNKNOWN_ENTRY]
    near = [(values["owner"], values.get("nearest")) for values in told]
    return [
        one
        for one in found
        if one.code is not files.MISSING_ENTRY
        or (dict(one.values)["owner"], dict(one.values)["name"]) not in near
    ]


def _take_out(
    details: list[ErrorDetails], data: dict[str, Any], filler: Mapping[KeyPath, Any]
) -> set[KeyPath]:
    """Take the entries with a mistake out of `data`, or fill in what is missing."""
    changed: set[KeyPath] = set()
    wrong: dict[KeyPath, dict[str, Any]] = {}
    for detail in details:
        missing = detail["type"] == "missing"
        loc = detail["loc"][:-1] if missing else detail["loc"]
        path, parent = _standing(data, loc)
        wanted = (*path, detail["loc"][-1])
        if missing and wanted in filler:
            _at(data, path)[str(wanted[-1])] = filler[wanted]
            changed.add(wanted)
        else:
            wrong[path] = parent
    for path, parent in wrong.items():
        parent.pop(str(path[-1]), None)
    return changed | set(wrong)


def _standing(data: dict[str, Any], loc: KeyPath) -> tuple[KeyPath, dict[str, Any]]:
    """The longest prefix of `loc` in `data`, down to the first list, and its container.

    Pydantic also puts the variant that it tried into a path.
    """
    path: KeyPath = ()
    inside = parent = data
    for part in loc:
        if isinstance(inside, dict) and isinstance(part, str) and part in inside:
            path, parent = (*path, part), inside
            inside = inside[part]
    return path, parent


def _diagnostic(
    detail: ErrorDetails, data: dict[str, Any], positions: Positions, words: Vocabulary
) -> Diagnostic:
    kind, given = detail["type"], detail["input"]
    loc = tuple(detail["loc"])
    path = positions.in_text(loc)
    if kind == "missing":
        return _missing(path, str(loc[-1]), positions, words)
    if kind == "union_tag_not_found":
        return _untagged(path, _tag(detail), given, positions, words)
    owner = words.owner(path[:-1])
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        known = words.keys(path[:-1], _at(data, path[:-1]))
        place = positions.key(path).place
        near = suggestions(name, known)
        return _diagnose(files.UNKNOWN_ENTRY, place, owner=owner, name=name, **near)
    place = positions.value(path).place
    if kind in _CODES:
        place = positions.key(path).place if "[key]" in loc else place
        values = dict(detail.get("ctx", {}))
        owner = words.owner(path)
        return _diagnose(_CODES[kind], place, **{"owner": owner, "name": name, **values})
    if kind == "union_tag_invalid":
        tag = _tag(detail)
        return _one_of((*path, tag), given[tag], detail, positions, words)
    if kind == "literal_error":
        return _one_of(path, given, detail, positions, words)
    expected = _EXPECTED.get(kind, _TEXT)
    if path and isinstance(path[-1], int):
        name = str(path[-2])
        expected = Phrase("entries.list_of", expected=expected)
    return wrong_value(place, name, expected, given)


def _untagged(
    path: KeyPath, tag: str, given: object, positions: Positions, words: Vocabulary
) -> Diagnostic:
    """A missing discriminator of a union, or one with a misspelled name."""
    written = map(str, given) if isinstance(given, Mapping) else ()
    slips = get_close_matches(tag, written, n=1)
    if not slips:
        return _missing(path, tag, positions, words)
    place = positions.key((*path, slips[0])).place
    owner = words.owner(path)
    return _diagnose(files.UNKNOWN_ENTRY, place, owner=owner, name=slips[0], nearest=tag)


def _tag(detail: ErrorDetails) -> str:
    """The entry that says of which kind the others are."""
    return str(detail["ctx"]["discriminator"]).strip("'")


def _diagnose(code: Code, place: Place, **values: str | Phrase) -> Diagnostic:
    return diagnose(code, place, labels=(), fix=None, **values)


def _missing(path: KeyPath, name: str, positions: Positions, words: Vocabulary) -> Diagnostic:
    example = words.example((*path, name))
    values = {} if example is None else {"example": example}
    place = positions.key(path).place
    return _diagnose(files.MISSING_ENTRY, place, owner=words.owner(path), name=name, **values)


def _one_of(
    path: KeyPath,
    given: object,
    detail: ErrorDetails,
    positions: Positions,
    words: Vocabulary,
) -> Diagnostic:
    """An invalid choice from a fixed list. Pydantic names the list as `'a', 'b' or 'c'`."""
    context = detail.get("ctx", {})
    listed = str(context.get("expected_tags") or context.get("expected", ""))
    known = [part.strip(" '") for part in listed.replace(" or ", ",").split(",")]
    place, name = positions.value(path).place, str(path[-1])
    if not isinstance(given, str):
        return wrong_value(place, name, _TEXT, given)
    near = suggestions(given, known)
    same = next((one for one in known if one.lower() == given.lower()), None)
    if same is not None:
        near["nearest"] = same
    near["known"] = names_listed(known)
    owner = words.owner(path[:-1])
    return _diagnose(files.NOT_ONE_OF, place, owner=owner, name=name, value=one_line(given), **near)


def wrong_value(place: Place, name: str, expected: Phrase, given: object) -> Diagnostic:
    """The mistake that a value is of another kind than it should be."""
    return diagnose(files.WRONG_VALUE, place, name=name, expected=expected, found=described(given))


def described(given: object) -> str | Phrase:
    """A short description of the value."""
    match given:
        case None | "":
            return Phrase("entries.nothing")
        case dict():
            return Phrase("entries.a_group_of_entries")
        case list():
            return Phrase("entries.a_list") if given else Phrase("entries.an_empty_list")
        case bool():
            word = "true" if given else "false"
        case str():
            word = one_line(given)
        case date():
            word = given.isoformat()
        case _:
            word = one_line(str(given))
    return f"`{word}`"


def one_line(text: str) -> str:
    """A text of the author's on one line, and not too long to read."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"


def _at(data: dict[str, Any], path: KeyPath) -> dict[str, Any]:
    """The entries at the path; none where there are no entries."""
    inside: object = data
    for part in path:
        inside = inside.get(part) if isinstance(inside, dict) else None
    return inside if isinstance(inside, dict) else {}
