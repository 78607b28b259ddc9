"""From the bytes of a file to its text."""

from __future__ import annotations

from .codes import text as codes
from .diagnostics.diagnostic import Code, Diagnostic
from .diagnostics.source import Place, SourceFile

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, path: str) -> tuple[SourceFile | None, tuple[Diagnostic, ...]]:
    """The text of a campaign file, or `None` and the reason why it cannot be decoded.

    The encoding is UTF-8; a byte order mark at the start is skipped. The reason is placed at the
    first wrong character.
    """
    if data.startswith(_UTF_16_MARKS):
        return None, (_unreadable(codes.BINARY_FILE, b"", path, encoding="UTF-16"),)
    data = data.removeprefix(_BYTE_ORDER_MARK)
    nul = data.find(b"\0")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if nul < 0:
            return None, (_not_utf8(data, error.start, path),)
    if nul >= 0:
        return None, (_unreadable(codes.BINARY_FILE, data[:nul], path),)
    return SourceFile(path, text), ()


def _not_utf8(data: bytes, at: int, path: str) -> Diagnostic:
    found = f"{data[at]:02X}"
    if _is_gb18030(data):
        return _unreadable(codes.NOT_UTF8, data[:at], path, found=found, encoding="GBK")
    return _unreadable(codes.NOT_UTF8, data[:at], path, found=found)


def _is_gb18030(data: bytes) -> bool:
    """Whether it reads as the encoding that Chinese Windows saves in, with Chinese in it."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _unreadable(code: Code, before: bytes, path: str, **values: str) -> Diagnostic:
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    place = Place(path, line, column, line, column + 1)
    return Diagnostic(code, place, tuple(sorted(values.items())))
