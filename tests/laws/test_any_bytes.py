"""Law 8: any bytes at all are answered with diagnostics, never with a crash."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, note
from hypothesis import strategies as st

from ..projects import ROOT
from . import at_most
from .commands import command

NAMES = ("campaigner.toml", "catalog.yaml", "x.campaign")
PIECES = (
    b"{",
    b"}",
    b"(",
    b'"',
    b"`",
    b"#",
    b"\x00",
    b"\xff",
    b"\r",
    b"\n",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"and ",
    b"not ",
    b"campaign x {",
    b"- ",
    b": ",
    b"&a *a",
    b"[",
    b"9" * 30,
    b"1e999",
    b"{{ customer.",
    b"per day",
    b"stage is ",
)


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """A good file after a few accidents."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 1, 2, 10, 100))))
        new = draw(
            st.one_of(
                st.sampled_from(PIECES),
                st.just(b""),
                st.binary(max_size=4),
                st.just(data[start:end] * 2),
            )
        )
        data = data[:start] + new + data[end:]
    return data


@st.composite
def broken_projects(draw: st.DrawFn) -> dict[str, bytes]:
    """The good files, one of them changed, or anything at all under their names."""
    if draw(st.integers(0, 3)) == 3:
        return {name: draw(st.binary(max_size=60)) for name in NAMES}
    folder = draw(st.sampled_from(("bank", "starter")))
    files = dict(_of(folder))
    name = draw(st.sampled_from(sorted(files)))
    return {**files, name: draw(mutated(files[name]))}


def _of(folder: str) -> dict[str, bytes]:
    place = ROOT / {"bank": "campaigns/bank", "starter": "cli/starter"}[folder]
    return {
        path.name: path.read_bytes()
        for path in sorted(place.iterdir())
        if path.suffix in (".campaign", ".toml", ".yaml")
    }


@at_most(20)
@given(broken_projects())
def test_check_and_fmt_never_crash(files):
    with TemporaryDirectory(prefix="laws-") as name:
        folder = Path(name)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        assert _ends("check", folder) in (0, 1, 2)
        assert _ends("fmt", "--diff", folder) in (0, 1, 2)


def _ends(*arguments: object) -> int:
    code, said = command(*arguments)
    note(said)
    return code
