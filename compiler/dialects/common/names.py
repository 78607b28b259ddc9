"""Names of the CTEs and columns that a query makes: each once, whatever case an engine ignores."""

from __future__ import annotations


class Names:
    """Gives out names; the same wish gets the same answer for the same thing, always.

    `longest`: how many bytes of a name the engine keeps.
    """

    def __init__(self, taken: tuple[str, ...] = (), longest: int | None = None) -> None:
        self._taken = {name.casefold() for name in taken}
        self._given: dict[object, str] = {}
        self._longest = longest

    def give(self, thing: object, wish: str) -> str:
        """A name for the thing: the wish, as much of it as fits, or that and a number."""
        if thing not in self._given:
            name, number = self._fitting(wish, ""), 1
            while name.casefold() in self._taken:
                number += 1
                name = self._fitting(wish, f"_{number}")
            self._taken.add(name.casefold())
            self._given[thing] = name
        return self._given[thing]

    def _fitting(self, wish: str, end: str) -> str:
        if self._longest is None:
            return wish + end
        kept = wish.encode()[: self._longest - len(end)]
        return kept.decode(errors="ignore") + end
