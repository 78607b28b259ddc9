"""Time of `check` and `fmt` against the size of their input, valid or not: 16 KB to 1 MB.

No input may make them take more than linear time. For each kind of text it prints the processor's
milliseconds a KB at each size, and the ratio of the largest size to the smallest. A ratio of 1 is
linear; the time to start a process makes it less. In this process the texts are read as one
campaign file of the bank's project. The commands are run as a user runs them, on a folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import has_errors
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_tree
from campaigner.dsl.parsing.parser import parse

from .timing import campaigner

HERE = Path(__file__).resolve().parent
BANK = HERE.parent / "campaigns" / "bank"
SIZES = (16, 64, 256, 1024)
COMMANDS = (16, 1024)
MOST = 2.0
"""Ratios above this are reported: caches make large texts a little dearer."""


def good(size: int) -> bytes:
    """Campaigns without a mistake."""
    text = (BANK / "welcome.campaign").read_text("utf-8")
    pieces, length, number = [], 0, 0
    while length < size:
        own = text.replace("campaign welcome_gift", f"campaign welcome_{number}")
        own = own.replace("campaign activation_reminder", f"campaign reminder_{number}")
        pieces.append(own)
        length += len(own.encode())
        number += 1
    return "\n".join(pieces).encode()


def anything(size: int) -> bytes:
    """Random bytes."""
    return Random(1).randbytes(size)


def letters(size: int) -> bytes:
    """Random characters that the language knows, so that it gets further."""
    known = 'abc 09.,{}()"`#\n<>=!%+-*/_零  \n'
    return "".join(Random(2).choices(known, k=size)).encode()[:size]


def mutated(size: int) -> bytes:
    """Good campaigns after an accident every two hundred bytes or so."""
    random, text = Random(3), list(good(size).decode()[:size])
    for _ in range(len(text) // 200):
        place = random.randrange(len(text))
        text[place] = random.choice(
            ("", "", "{", "}", '"', " and ", "(", "`", "\n", "零", text[place] * 2)
        )
    return "".join(text).encode()


def one_line(size: int) -> bytes:
    """Good campaigns' audiences as one line."""
    many = " and ".join(["aum >= 500_000 CNY", "not employee", 'city != "x"'] * (size // 50))
    return f"audience everybody {many}\n".encode()


def one_word(size: int) -> bytes:
    """One line that never ends, of one word."""
    return b"campaign " + b"x" * size


def nested(size: int) -> bytes:
    """Brackets within brackets."""
    return b"audience deep " + b"(" * (size // 2) + b"employee" + b")" * (size // 2)


def open_braces(size: int) -> bytes:
    """Blocks that never close."""
    return b"campaign x {\n" * (size // 13)


def mistakes(size: int) -> bytes:
    """A mistake on every line: unknown names, wrong units, doubtful denials."""
    lines = (
        "audience a{0} agee > 3",
        "audience b{0} aum >= 5 USD",
        "audience c{0} not risk_level >= 3",
        "benefit d{0} kind coupon",
        "audience e{0} stage is retail.growin",
    )
    text, number = [], 0
    while number * 30 < size:
        text.append(lines[number % len(lines)].format(number))
        number += 1
    return "\n".join(text).encode()


def lifecycles(size: int) -> bytes:
    """Lifecycles, audiences of their stages, and lines that no stage is known by."""
    piece = (
        "lifecycle l{0} {{ stage s{0} when employee\n stage t{0} when not employee }}\n"
        "audience in{0} stage is s{0}\naudience out{0} stage not in (t{0})\n"
        "audience slip{0} stage is u{0}\n"
    )
    return "".join(piece.format(number) for number in range(size // 180)).encode()


def quotes(size: int) -> bytes:
    """Text that is opened and never closed, over and over."""
    return b'audience x city = "abc\n' * (size // 23)


def comments(size: int) -> bytes:
    """Comments alone."""
    return b"# a comment\n" * (size // 12)


TEXTS: dict[str, Callable[[int], bytes]] = {
    "good campaigns": good,
    "random bytes": anything,
    "random characters": letters,
    "mutated campaigns": mutated,
    "one long line": one_line,
    "one long word": one_word,
    "nested brackets": nested,
    "open braces": open_braces,
    "many mistakes": mistakes,
    "lifecycles": lifecycles,
    "open quotes": quotes,
    "comments": comments,
}


@contextmanager
def project(data: bytes) -> Iterator[Path]:
    """The bank's declarations with one more file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("campaigner.toml", "catalog.yaml"):
            shutil.copy(BANK / file, folder)
        for file in ("lifecycle", "benefits", "policies"):
            shutil.copy(BANK / f"{file}.campaign", folder)
        (folder / "text.campaign").write_bytes(data)
        yield folder


def checking(data: bytes) -> float:
    with project(data) as folder:
        start = time.process_time()
        compile_project(load_project(folder))
        return time.process_time() - start


def formatting(data: bytes) -> float:
    source = SourceFile("text.campaign", data.decode("utf-8", "replace"))
    start = time.process_time()
    parsed = parse(source)
    if not has_errors(parsed.diagnostics):
        format_tree(parsed)
    return time.process_time() - start


def command(*arguments: str) -> Callable[[bytes], float]:
    """The processor's seconds of a command on a folder with the text."""

    def run(data: bytes) -> float:
        with project(data) as folder:
            started = subprocess.Popen(
                [*campaigner(*arguments), str(folder)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _, status, used = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
            if started.returncode not in (0, 1):
                raise RuntimeError(f"{' '.join(arguments)} ended with {started.returncode}")
            return used.ru_utime + used.ru_stime

    return run


WORK: dict[str, tuple[Callable[[bytes], float], tuple[int, ...]]] = {
    "check": (checking, SIZES),
    "fmt": (formatting, SIZES),
    "campaigner check": (command("check"), COMMANDS),
    "campaigner fmt --diff": (command("fmt", "--diff"), COMMANDS),
}


def main() -> None:
    worst = 0.0
    for name, (work, sizes) in WORK.items():
        print(f"{name}, ms a KB at {', '.join(f'{size:,}' for size in sizes)} KB:")
        for kind, text in TEXTS.items():
            costs = []
            for size in sizes:
                data = text(size * 1024)
                taken = min(work(data) for _ in range(3 if size <= 64 else 1))
                costs.append(taken * 1000 / (len(data) / 1024))
            ratio = costs[-1] / costs[0]
            worst = max(worst, ratio)
            shown = "  ".join(f"{cost:8.2f}" for cost in costs)
            told = "" if ratio <= MOST else "   <- more than linear"
            print(f"  {kind:18} {shown}   largest to smallest {ratio:.2f}{told}")
            sys.stdout.flush()
    print(f"worst ratio {worst:.2f} (aim: linear, at most {MOST})")


if __name__ == "__main__":
    main()
