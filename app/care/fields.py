"""Fields of a file that people write, each checked as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class BadField(ValueError):
    """Names a field and says what to write instead; whoever knows the file puts its name in front."""


class Fields(dict[str, Any]):
    """A table of TOML. `where`: its name within the file, for sentences; whatever reads a field raises `BadField`."""

    def __init__(self, entries: Mapping[str, Any], where: str = "") -> None:
        super().__init__(entries)
        self.where = where

    def bad(self, name: str, says: str) -> BadField:
        """With the field's full name in front: `when.after: says`."""
        return BadField(f"{self.where + '.' if self.where else ''}{name}: {says}")

    def _is(self, name: str) -> str:
        return f"is {self[name]!r}" if name in self else "is missing"

    def nothing_but(self, known: Iterable[str]) -> None:
        for name in sorted(self.keys() - set(known)):
            raise self.bad(name, f"is not a field; take of {', '.join(sorted(known))}")

    def text(self, name: str, longest: int = 200) -> str:
        value = self.get(name, "")
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise self.bad(name, f"must be text of 1 to {longest} characters")
        return value

    def one_of(self, name: str, known: Iterable[str], default: str | None = None) -> Any:
        value = self.get(name, default)
        if (name in self or default is None) and value not in tuple(known):
            raise self.bad(name, f"{self._is(name)}; take one of {', '.join(known)}")
        return value

    def some_of(self, name: str, known: Iterable[str]) -> tuple[str, ...]:
        values = self.get(name, [])
        if not isinstance(values, list):
            raise self.bad(name, "must be a list")
        for value in values:
            if value not in tuple(known):
                raise self.bad(name, f"has {value!r}; take of {', '.join(known)}")
        return tuple(values)

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        value = self.get(name, default)
        if (name in self or default is None) and (type(value) is not int or not least <= value <= most):
            raise self.bad(name, f"{self._is(name)}; write a whole number from {least} to {most}")
        assert isinstance(value, int)
        return value

    def share(self, name: str, default: float) -> float:
        value = self.get(name, default)
        if type(value) is not float or not 0 < value <= 1:
            raise self.bad(name, f"is {value!r}; write a share above 0 and up to 1, such as 0.02")
        return value

    def flag(self, name: str) -> bool:
        value = self.get(name, False)
        if not isinstance(value, bool):
            raise self.bad(name, f"is {value!r}; write true or false")
        return value

    def table(self, name: str) -> Fields:
        value = self.get(name)
        if not isinstance(value, Mapping):
            raise self.bad(name, f"is missing; add a table [{name}]")
        return Fields(value, f"{self.where + '.' if self.where else ''}{name}")

    def tables(self, name: str) -> Iterable[Fields]:
        values = self.get(name, [])
        if not isinstance(values, list) or not all(isinstance(one, Mapping) for one in values):
            raise self.bad(name, f"must be a list of tables: {name} = [{{ … }}]")
        return [Fields(one, f"{name}.{place}") for place, one in enumerate(values, start=1)]
