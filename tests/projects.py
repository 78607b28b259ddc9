"""Small projects on disk for tests: the files in, the compiler's answer out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from campaigner.compiler.compile import Compiled, compile_project
from campaigner.compiler.invariants import check_invariants
from campaigner.compiler.project.project import load_project

ROOT = Path(__file__).resolve().parents[1]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files below a folder; the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def compile_folder(folder: Path) -> Compiled:
    """The result of compiling the project in a folder; its plan has the invariants of plans."""
    compiled = compile_project(load_project(folder))
    if compiled.plan is not None:
        assert check_invariants(compiled.plan) == ()
    return compiled


def codes(compiled: Compiled) -> list[str]:
    """The codes of all diagnostics, in reading order."""
    return [diagnostic.code.id for diagnostic in compiled.diagnostics]
