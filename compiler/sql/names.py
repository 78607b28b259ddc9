"""Names of the CTEs and columns that a query makes: each once, whatever case an engine ignores."""

from __future__ import annotations


class Names:
    """Gives out names; the same wish gets the same answer for the same thing, always."""

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self._taken = {name.casefold() for name in taken}
        self._given: dict[object, str] = {}

    def give(self, thing: object, wish: str) -> str:
        """A name for the thing: the wish, or the wish and a number."""
        if thing not in self._given:
            name, number = wish, 1
            while name.casefold() in self._taken:
                number += 1
                name = f"{wish}_{number}"
            self._taken.add(name.casefold())
            self._given[thing] = name
        return self._given[thing]
