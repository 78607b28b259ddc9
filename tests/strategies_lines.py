"""Hostile lines for `events`: bytes that are no event, and events that hardly are."""

import json
from collections.abc import Mapping
from datetime import datetime

from hypothesis import strategies as st

GOOD: Mapping[str, object] = {
    "units": 3,
    "rate": "0.5",
    "amount": "100.50",
    "gift": True,
    "note": "for you",
    "grade": "gold",
    "born": "2026-01-05",
    "seen": "2026-01-05T10:00:00Z",
    "clock": "10:00",
    "friend": "bob",
}
"""A value for each field of the event `order`."""

_ODD_TEXT = st.sampled_from(
    (
        "",
        "\0",
        "a\0b",
        "\ud800",
        "a\udfffb",
        "\ufeff",
        "\ufeffk",
        "\u2028",
        "\r",
        "\n",
        "\r\nk",
        "\x1b[31mk",
        "\x7f\x85",
        "e\u0301",
        "é",
        "\u202egnp",
        "\u200b",
        "ﬁ",
        "Ⅳ",
        "{{ customer.city }}",
        "{% raw %}",
        "%s%n",
        "'; DROP TABLE decisions; --",
        "a/b%2F",
        "=1+1",
        "NaN",
        "null",
        "k" * 255,
        "k" * 256,
        "k" * 4_000,
        "𒐫" * 255,
        "𒐫" * 256,
        "z" + "\u0301" * 254,
        "k" * 900_000,
    )
)
_ODD_NUMBERS = st.sampled_from(
    (
        "0",
        "-0",
        "-0.0",
        "1e400",
        "-1e400",
        "1e-400",
        "1e999999999999999999999",
        "9" * 30,
        "9" * 5_000,
        "0." + "9" * 5_000,
        "1." + "0" * 30 + "1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "999999999999999999.99",
        "999999999999999999.995",
        "0.005",
        "NaN",
        "Infinity",
        "-Infinity",
        "01",
        "0x10",
        "+1",
        ".5",
        "1_000",
        "1.5",
    )
)
_OFFSETS = st.sampled_from(
    (
        "",
        "Z",
        "z",
        "+14:00",
        "-14:00",
        "+14",
        "+99:00",
        "-23:59",
        "+23:59:59.999999",
        "+24:00",
        "-99",
        "+9999999",
        "+08:00[Asia/Shanghai]",
        " Asia/Shanghai",
    )
)
_CLOCKS = st.sampled_from(
    (
        "",
        "T00:00:00",
        "T23:59:59.999999",
        "T23:59:60",
        "T24:00",
        "T25:61",
        " 02:30",
        "T10:00:00.1234567890123",
        "\ud80010:00",
        "T10",
        "T1000",
    )
)
_DAYS = st.sampled_from(
    (
        "0000-01-01",
        "0001-01-01",
        "0044-03-15 (BC)",
        "-0044-03-15",
        "0101-12-31",
        "0102-01-01",
        "1582-10-10",
        "1900-01-01",
        "1969-12-31",
        "2026-03-29",
        "2026-02-29",
        "2026-W01-1",
        "20260105",
        "9898-12-31",
        "9999-12-31",
        "10000-01-01",
        "infinity",
        "-infinity",
        "now",
        "٢٠٢٦-٠١-٠٥",
    )
)
MOMENTS = st.builds(lambda day, clock, offset: day + clock + offset, _DAYS, _CLOCKS, _OFFSETS) | (
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(datetime.isoformat)
)

_WORDS = ("true", "false", "null", "[]", "{}", "[1]", '{"a": 1}', '""', '"gold"', '"Gold"')

RAW = (
    _ODD_TEXT.map(json.dumps)
    | _ODD_TEXT.map(lambda text: json.dumps(text, ensure_ascii=False))
    | _ODD_NUMBERS
    | _ODD_NUMBERS.map(json.dumps)
    | MOMENTS.map(json.dumps)
    | st.sampled_from(_WORDS)
)
"""A value as it is written in a line."""

Entries = list[tuple[str, str]]
"""Names and values of an object as they are written; a name may come twice."""


def good(key: str, customer: str, event: str = "order", **fields: object) -> bytes:
    """A line that is an event like any other."""
    line = {"event": event, "key": key, "customer": customer, "at": "2026-01-05T10:00:00Z"}
    return json.dumps({**line, "fields": {**GOOD, **fields}}).encode()


@st.composite
def _hardly(draw: st.DrawFn, event: str, fields: Mapping[str, object]) -> bytes:
    """An event with up to three oddities: a value, a name, something left out or twice."""
    head = {"event": event, "key": f"h{draw(st.integers(0, 9))}", "customer": "ann"}
    entries = _written({**head, "at": "2026-01-05T10:00:00Z"})
    inner = _written(fields)
    for _ in range(draw(st.integers(1, 3))):
        changed = draw(st.sampled_from((entries, inner)))
        place = draw(st.integers(0, len(changed) - 1))
        name, value = changed[place]
        match draw(st.sampled_from(("value", "value", "value", "name", "gone", "twice"))):
            case "value":
                changed[place] = (name, draw(RAW))
            case "name":
                changed[place] = (draw(_ODD_TEXT), value)
            case "gone" if len(changed) > 1:
                del changed[place]
            case _:
                changed.append((name, draw(RAW)))
    written = _object([*entries, ("fields", _object(inner))])
    return written.encode("utf-8", draw(st.sampled_from(("surrogatepass", "replace"))))


def _written(values: Mapping[str, object]) -> Entries:
    return [(name, json.dumps(value)) for name, value in values.items()]


def _object(entries: Entries) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in entries) + "}"


_LINE = good("h1", "ann")
_NO_JSON = st.sampled_from(
    (
        b"order h1 ann",
        b"{",
        b'{"event": "order"',
        b"\xff\xfe",
        b'{"event": "\xc3\x28"}',
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf" + _LINE,
        b"\0",
        b"\0" + _LINE,
        _LINE + b"\0",
        _LINE + b",",
        _LINE + b" " + _LINE,
        _LINE + b"\r" + _LINE,
        _LINE + "\u2028".encode() + _LINE,
        _LINE.replace(b'"', b"'"),
        _LINE.replace(b'"key"', b"key"),
        _LINE.decode().encode("utf-16"),
        '{"event": "\u6295"}'.encode("gbk"),
        b"[" * 900 + b"]" * 900,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b'{"event":' * 900 + b"1" + b"}" * 900,
        b'"' + b"x" * 500_000,
        b"x" * 1_000_001,
        _LINE + b" " * 1_000_000,
    )
)
_HARMLESS = st.sampled_from((_LINE + b"\r", b"\xef\xbb\xbf" + _LINE, b"\t " + _LINE + b" \t\r"))


def hostile(event: str = "order", fields: Mapping[str, object] = GOOD) -> st.SearchStrategy[bytes]:
    """A line, without its end, that is not an event or hardly one; a key begins with `h`."""
    any_bytes = st.binary(min_size=1, max_size=60).filter(lambda line: b"\n" not in line)
    torn = st.integers(1, len(_LINE) - 1).map(lambda end: _LINE[:end])
    return _hardly(event, fields) | _NO_JSON | _HARMLESS | any_bytes | torn
