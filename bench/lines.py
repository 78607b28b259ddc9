"""Lines of JSON to events: the compiled reader against the plain one.

The lines are those of `stream`, the same with other spellings, and lines with a fault. The compiled
reader leaves a fault to the plain one. Both must give the same before a time is shown.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import Plan
from campaigner.compiler.project.project import load_project
from campaigner.runtime.events.lines import Line, Lines

from . import stream, timing

LINES = 10_000
START = datetime(2026, 4, 1)
PLAIN = "plain"


def main() -> None:
    """Print the microseconds of a line of each spelling, and the ratio of both readers."""
    plan = _plan()
    compiled, plain = Lines(plan, "new.jsonl"), Lines(plan, "new.jsonl", plain=True)
    for what, (write, aim) in SPELLINGS.items():
        lines = [Line(number, write(number)) for number in range(1, LINES + 1)]
        if [compiled.read(line) for line in lines] != [plain.read(line) for line in lines]:
            raise RuntimeError(f"{what}: the readers differ")
        took = timing.together({what: _all(compiled, lines), PLAIN: _all(plain, lines)})
        print(f"{what}: {took[what] / LINES * 1e6:.1f} us a line")
        timing.ratio(what, took[what], PLAIN, took[PLAIN], aim)


def _plan() -> Plan:
    with TemporaryDirectory() as name:
        for file, text in stream.PROJECT.items():
            (Path(name) / file).write_text(text, "utf-8")
        plan = compile_project(load_project(Path(name))).plan
    assert plan is not None
    return plan


def _all(reader: Lines, lines: list[Line]) -> Callable[[], object]:
    return lambda: deque(map(reader.read, lines), maxlen=0)


def _order(number: int, product: str = "bread") -> dict[str, object]:
    at = START + timedelta(seconds=10 * number)
    fields = {"amount": f"{number % 30_000 / 100:.2f}", "product": product}
    return {
        "event": "order",
        "key": f"n{number:08}",
        "customer": f"c{number * 7_919 % 200_000:06}",
        "at": at.isoformat(),
        "fields": fields,
    }


def _as_stream(number: int) -> bytes:
    return json.dumps(_order(number), separators=(",", ":")).encode()


def _with_numbers(number: int) -> bytes:
    order = _order(number)
    at = f"{order['at']}+08:00"
    fields = {"amount": number % 30_000 / 100, "product": "bread"}
    return json.dumps({**order, "key": number, "at": at, "fields": fields}).encode()


def _with_escapes(number: int) -> bytes:
    return json.dumps(_order(number, '面包 "拿铁"')).encode()


def _bad(number: int) -> bytes:
    return json.dumps({**_order(number), "at": "yesterday"}).encode()


SPELLINGS = {
    "as in `stream`": (_as_stream, "0.33"),
    "numbers and offsets": (_with_numbers, "0.4"),
    "escapes": (_with_escapes, "0.33"),
    "with a fault": (_bad, "1.4"),
}
"""How the lines are written, and the most that the compiled reader may take of the plain one."""


if __name__ == "__main__":
    main()
