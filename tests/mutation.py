"""A sample of mutants of the checker and of the ledger's rules, and those that no test kills.

    python tests/mutation.py FOLDER [COUNT [SEED]]

`[tool.mutmut]` of pyproject.toml says which modules are changed and which tests are run. FOLDER is
made anew: the sources as the package `campaigner`, which is where mutmut looks for their modules.
"""

from __future__ import annotations

import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUTCOMES = {0: "survived", 1: "killed", 3: "killed", 33: "in no test", 36: "too slow"}
TOO_SLOW = (-24, 24, 152, 255)
ASIDE = shutil.ignore_patterns("__pycache__", ".*", "data", "var")


def lay(folder: Path) -> None:
    """The sources, the tests and the pages that they read, below the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    for package, source in sorted(settings["setuptools"]["package-dir"].items()):
        target = folder / package.replace(".", "/")
        shutil.copytree(ROOT / source, target, ignore=ASIDE, dirs_exist_ok=True)
    for name in ("tests", "pyproject.toml", *settings["mutmut"]["also_copy"]):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ASIDE)
        else:
            shutil.copy(source, folder / name)


def mutmut(folder: Path, *arguments: str) -> str:
    """The output of a command of mutmut in the folder."""
    program = Path(sys.executable).with_name("mutmut")
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "quick"}
    done = subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def found(folder: Path) -> dict[str, int | None]:
    """Every mutant, and how the tests of it ended."""
    exits: dict[str, int | None] = {}
    for path in sorted((folder / "mutants").rglob("*.meta")):
        exits |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return exits


def outcome(code: int | None) -> str:
    return "too slow" if code in TOO_SLOW else OUTCOMES.get(code or 0, f"ended with {code}")


def place(folder: Path, mutant: str, shown: str) -> str:
    """The file and the line of the source that the mutant has otherwise."""
    module, _, name = mutant.rpartition(".")
    path = folder / (module.replace(".", "/") + ".py")
    source = path.read_text("utf-8")
    plain = re.sub(r"^x[_ǁ](.*)__mutmut_\d+$", r"\1", name).rpartition("ǁ")[2]
    gone = next(line[1:].strip() for line in shown.splitlines() if re.match(r"-(?!--)", line))
    lines = source.splitlines()
    numbers = [
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == plain
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if lines[number - 1].strip() == gone
    ]
    file = path.relative_to(folder / "campaigner").as_posix()
    return f"{file}:{numbers[0] if numbers else '?'}"


def report(folder: Path, chosen: Iterable[str]) -> Iterator[str]:
    """How many came to what, and every mutant that was not killed, with its change."""
    exits = found(folder)
    ends = {mutant: outcome(exits[mutant]) for mutant in chosen}
    for part in ("compiler.check", "runtime.ledger.batches"):
        own = Counter(end for name, end in ends.items() if name.startswith(f"campaigner.{part}."))
        yield f"{part}: {sum(own.values())} mutants, {dict(own)}"
    for mutant, end in sorted(ends.items()):
        if end in ("survived", "in no test"):
            shown = mutmut(folder, "show", mutant)
            changed = [line for line in shown.splitlines() if re.match(r"[+-](?!--|\+\+)", line)]
            yield "\n  ".join((f"{place(folder, mutant, shown)}: {end}", *changed))


def main(folder: Path, count: int = 300, seed: int = 0) -> None:
    """Lay the folder, write all mutants, and run a sample of them."""
    lay(folder)
    mutmut(folder, "run", "none*")
    chosen = sorted(random.Random(seed).sample(sorted(found(folder)), count))
    mutmut(folder, "run", *chosen)
    print("\n".join(report(folder, chosen)))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), *map(int, sys.argv[2:]))
