"""`${NAME}` in settings, and secrets: they come from the environment and stand in no file.

No message holds the value of a variable or of a secret.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ...dsl.diagnostics.source import Place
from ..codes import files
from .positions import KeyPath, Positions

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPENED = re.compile(r"\$\{[^}]*\}?")
_SECRET_KEY = re.compile(
    r"(?:^|[_-])(?:secret|password|passwd|token|api[_-]?key|seed)$", re.IGNORECASE
)
_FILES = ("duckdb", "sqlite")
_URL_SECRET = re.compile(
    r"://[^\s:/@?#]*:(?P<password>[^\s@]{0,200})@"
    r"|[?&](?:\w*[_-])?(?:secret|password|passwd|token)=(?P<parameter>[^&#\s]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of campaigner.toml as written, for `expand`.

    `name` is how people call it (`ledger.url`); `root` is the folder that paths in it start from.
    """

    name: str
    text: str
    kind: Literal["text", "url", "path"]
    root: Path
    place: Place

    @property
    def shown(self) -> str | None:
        """The address with the names of its variables, without user, password and parameters.

        `None` for one that holds no variable.
        """
        if not variables(self.text):
            return None
        scheme, mark, rest = self.text.partition("://")
        place = rest.partition("?")[0] if mark else self.text
        if not mark or scheme in _FILES:
            return place.removeprefix("/")
        return f"{scheme}://{place.rpartition('@')[2]}"


def expand(setting: Setting, environment: Mapping[str, str] | None = None) -> str:
    """The value, with the environment's values in it; a path, or a URL with a path, absolute.

    `CannotRun` at the setting's place where a variable is not set, or is not UTF-8.
    """
    known = os.environ if environment is None else environment
    for name in variables(setting.text):
        if name not in known:
            raise CannotRun(
                diagnose(files.VARIABLE_NOT_SET, setting.place, name=setting.name, variable=name)
            )
        if not is_text(known[name]):
            code = files.VARIABLE_NOT_TEXT
            raise CannotRun(diagnose(code, setting.place, name=setting.name, variable=name))
    match setting.kind:
        case "text":
            return _filled(setting.text, known)
        case "path":
            return str(setting.root / _filled(setting.text, known))
        case "url":
            return _absolute(_filled_url(setting.text, known), setting.root)


def is_text(value: str | None) -> bool:
    """Whether the environment has a value, and one in UTF-8; other bytes come as surrogates."""
    return value is not None and not any("\ud800" <= one <= "\udfff" for one in value)


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: known[found[1]], text)


def _filled_url(url: str, known: Mapping[str, str]) -> str:
    """A URL with its variables replaced, percent-encoded so that none ends its part of the URL.

    Values are inserted unchanged if they are a whole URL or part of a file's path. A value for a
    host may have a port and a path: `http://${WHERE}`.
    """
    scheme, mark, rest = url.partition("://")
    if not mark or "${" in scheme or scheme in _FILES:
        return _filled(url, known)
    user = re.split("[/?#]", rest)[0].rfind("@")
    query = rest.find("?") % (len(rest) + 1)

    def encoded(found: re.Match[str]) -> str:
        inside = found.start() < user or found.start() > query
        return quote(known[found[1]], safe="" if inside else ":/[],")

    return f"{scheme}://{_VARIABLE.sub(encoded, rest)}"


def variables(text: str) -> tuple[str, ...]:
    """The names of the environment that a text asks for, each once."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def _absolute(url: str, root: Path) -> str:
    """`duckdb:///data/x` starts from `root`; `duckdb:////data/x` from the machine's own root."""
    scheme, _, rest = url.partition("://")
    if scheme not in ("duckdb", "sqlite") or not rest.startswith("/"):
        return url
    return f"{scheme}:///{(root / rest[1:]).as_posix()}"


def misuses(data: object, positions: Positions) -> Iterator[Diagnostic]:
    """Secrets that are written out, and `${` that names no variable, in all texts of the file."""
    for path, text in _texts(data, ()):
        place = positions.value(path).place
        name = ".".join(str(part) for part in path)
        if _holds_secret(str(path[-1]), text):
            variable = re.sub(r"\W+", "_", name).upper().strip("_")
            yield diagnose(files.SECRET_WRITTEN, place, name=name, variable=variable)
        wrong = [one for one in _OPENED.findall(text) if not _VARIABLE.fullmatch(one)]
        if wrong:
            yield diagnose(files.BAD_VARIABLE, place, text=wrong[0])


def _holds_secret(key: str, text: str) -> bool:
    return any(secret and not _VARIABLE.search(secret) for secret in _secrets_in(key, text))


def private_names(data: object) -> frozenset[str]:
    """The variables that stand where a secret does: under such a key, or as part of a URL."""
    return frozenset(
        name
        for path, text in _texts(data, ())
        for secret in _secrets_in(str(path[-1]) if path else "", text)
        for name in variables(secret)
    )


def _secrets_in(key: str, text: str) -> Iterator[str]:
    """The parts of a text that are secrets: all of it, or passwords and tokens of a URL."""
    if _SECRET_KEY.search(key):
        yield text
        return
    for found in _URL_SECRET.finditer(text):
        yield from (secret for secret in found.groups() if secret)


def _texts(data: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    match data:
        case str():
            yield path, data
        case dict():
            for key, value in data.items():
                yield from _texts(value, (*path, key))
        case list():
            for index, value in enumerate(data):
                yield from _texts(value, (*path, index))
        case _:
            return


_LITERAL_SECRET = re.compile(
    r"(?im)(?P<key>(?:^|[{,])[ \t]*[\"']?[\w.-]*"
    r"(?:secret|password|passwd|token|api[_-]?key|seed)[\"']?"
    r"[ \t]*=[ \t]*[\"']*)(?P<value>[^\"'\r\n]*)"
)


def masked(text: str) -> str:
    """The text of campaigner.toml with `*` over written secrets, to be shown; no place moves."""

    def stars(found: re.Match[str]) -> str:
        hidden = found[0]
        for secret in found.groupdict().values():
            if secret and not _VARIABLE.search(secret):
                hidden = hidden.replace(secret, "*" * len(secret))
        return hidden

    def whole(found: re.Match[str]) -> str:
        value = found["value"]
        return found[0] if _VARIABLE.search(value) else found["key"] + "*" * len(value)

    return _LITERAL_SECRET.sub(whole, _URL_SECRET.sub(stars, text))
