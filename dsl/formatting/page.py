"""A document cut into lines, with the remarks of its author in their places."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import assert_never

from .layout import Align, Break, Doc, Gap, Group, Indent, Join, Line, Word, columns, size

LIMIT = 100
INDENT = 2
FAR_RIGHT = 60


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as it is written, and whether the author left a line empty before and after it."""

    text: str
    blank_before: bool = False
    blank_after: bool = False


@dataclass(frozen=True, slots=True)
class Remarks:
    """By the number of a word, from 0: the lines of remarks before it, the one remark after it."""

    before: dict[int, list[Remark]]
    after: dict[int, Remark]

    def gaps(self) -> list[int]:
        """The words that a comment follows, in order."""
        return sorted({index - 1 for index in self.before} | set(self.after))


@dataclass(slots=True)
class _Page:
    """The page as it fills. `fresh`: the line holds nothing yet; `ended`: a remark closed it."""

    remarks: Remarks
    gaps: list[int]
    quoted: frozenset[int]
    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    ends: dict[int, str] = field(default_factory=dict)
    column: int = 0
    gap: int = 0
    margin: int = 0
    fresh: bool = True
    ended: bool = False
    next_word: int = 0
    opened: bool = False

    def new_line(self, margin: int) -> None:
        if self.line:
            self.lines.append("".join(self.line).rstrip())
        self.line.clear()
        self.margin, self.gap, self.fresh, self.ended = margin, 0, True, False

    def blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def start(self, indent: int) -> int:
        """The column in which the next word will stand."""
        if self.fresh:
            return self.margin
        if self.ended or self.next_word in self.remarks.before:
            return indent
        return self.column + self.gap

    def add(self, part: Word | Gap | Line | Break, indent: int, flat: bool) -> None:
        match part:
            case Word():
                self.put(part, indent)
            case Gap(width):
                self.gap += width
            case Line(width) if flat:
                self.gap += width
            case Line():
                self.new_line(indent)
            case Break(blank):
                self.new_line(indent)
                if blank:
                    self.blank()
            case _:
                assert_never(part)

    def put(self, word: Word, indent: int) -> None:
        before = self.remarks.before.get(self.next_word, [])
        if (before or self.ended) and not self.fresh:
            self.new_line(indent)
        self._put_remarks(before, word)
        if word.text:
            text = f"`{word.text}`" if self.next_word in self.quoted else word.text
            self._put_text(text, indent)
            self.opened = word.text == "{"
        after = self.remarks.after.get(self.next_word)
        if after is not None:
            self.ends[len(self.lines)] = after.text
            self.ended = True
        self.next_word += 1

    def _put_remarks(self, remarks: list[Remark], word: Word) -> None:
        margin = self.margin + (INDENT if word.closes else 0)
        blank = False
        for remark in remarks:
            if (blank or remark.blank_before) and not self.opened:
                self.blank()
            self.lines.append(" " * margin + remark.text)
            self.opened = False
            blank = remark.blank_after
        if blank and not word.closes:
            self.blank()

    def _put_text(self, text: str, indent: int) -> None:
        blanks = self.margin if self.fresh else self.gap
        first, *block = text.split("\n")
        self.line.append(" " * blanks + first)
        self.column = self.start(indent) + columns(first)
        self.gap, self.fresh = 0, False
        if block:
            *middle, last = block
            self.lines.append("".join(self.line))
            self.lines += [" " * indent + line if line else "" for line in middle]
            self.line[:] = [" " * max(0, indent - INDENT) + last]
            self.column = columns(self.line[0])

    def fits(self, doc: Doc, indent: int, rest: list[tuple[int, bool, Doc]]) -> bool:
        """Whether it can stand on this line with all that must follow on the same one."""
        own = size(doc)
        if self._has_remark_inside(own.words):
            return False
        room = LIMIT - self.start(indent) - own.flat
        for _, _, following in reversed(rest):
            if room < 0:
                return False
            room -= size(following).head
            if not size(following).unbroken:
                break
        return room >= 0

    def _has_remark_inside(self, words: int) -> bool:
        at = bisect_left(self.gaps, self.next_word)
        return at < len(self.gaps) and self.gaps[at] < self.next_word + words - 1


def lay_out(doc: Doc, remarks: Remarks, quoted: frozenset[int]) -> str:
    """The text of the document, ending in one line break; empty if there is nothing to say.

    The words whose numbers are in `quoted` stand between backticks.
    """
    page = _Page(remarks, remarks.gaps(), quoted)
    stack: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while stack:
        indent, flat, part = stack.pop()
        match part:
            case Join(parts):
                stack.extend((indent, flat, each) for each in reversed(parts))
            case Group(body):
                stack.append((indent, flat or page.fits(body, indent, stack), body))
            case Align(body):
                stack.append((page.start(indent), flat, body))
            case Indent(body):
                stack.append((indent + INDENT, flat, body))
            case _:
                page.add(part, indent, flat)
    page.new_line(0)
    text = "\n".join(_with_ends(page.lines, page.ends)).strip("\n")
    return text + "\n" if text else ""


def _with_ends(lines: list[str], ends: dict[int, str]) -> list[str]:
    """The lines with the remarks that end them: those of lines that stand together in a column."""
    together: list[int] = []
    out = list(lines)
    for number, line in enumerate([*lines, ""]):
        if together and (
            not line or (number in ends and _margin(line) != _margin(out[together[0]]))
        ):
            widths = [columns(lines[each]) for each in together]
            widest = max((width for width in widths if width <= FAR_RIGHT), default=0)
            for each, width in zip(together, widths, strict=True):
                out[each] += " " * (max(0, widest - width) + 2) + ends[each]
            together = []
        if number in ends:
            together.append(number)
    return out


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
