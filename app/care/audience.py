"""To whom a programme goes (B3): conditions over what is known of a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, get_type_hints

from app.care.person import Person
from app.care.programme import Condition, Op

Sort = Literal["text", "number", "date", "yes_no"]
Value = str | Decimal | date | bool | None
_NO_COLUMNS = {"phone", "owners", "zone", "refused", "granted", "events", "had", "waiting", "planned"}
_SORTS: dict[object, Sort] = {
    str: "text",
    Decimal | None: "number",
    int | None: "number",
    date | None: "date",
    bool | None: "yes_no",
}


def _columns() -> dict[str, Sort]:
    hints = get_type_hints(Person)
    return {one.name: _SORTS[hints[one.name]] for one in fields(Person) if one.name not in _NO_COLUMNS}


COLUMNS: Mapping[str, Sort] = _columns()
DATES: frozenset[str] = frozenset(name for name, sort in COLUMNS.items() if sort == "date")
DERIVED: Mapping[str, str] = {
    "age": "years since the birthday",
    "limit_used": "credit limit less what is available, in yuan",
    "days_silent": "days since the customer was last active",
    **{f"days_{name}": f"days since {name}, negative until it" for name in sorted(DATES)},
}
FACTS: Mapping[str, Sort] = {**COLUMNS, **dict.fromkeys(DERIVED, "number")}
TAKES: Mapping[Sort, frozenset[Op]] = {
    "text": frozenset({"is", "in", "not_in", "known", "unknown"}),
    "number": frozenset({"is", "at_least", "at_most", "known", "unknown"}),
    "date": frozenset({"is", "before", "known", "unknown"}),
    "yes_no": frozenset({"is", "not_in", "known", "unknown"}),
}


def fault(condition: Condition) -> str:
    """What is wrong with a condition and what to write instead; "" for nothing."""
    sort = FACTS.get(condition.fact)
    if sort is None:
        return f"{condition.fact!r} is no fact; take a column of customers.csv or one of {', '.join(DERIVED)}"
    if condition.op not in TAKES[sort]:
        return f"{condition.fact} cannot be asked {condition.op!r}; take one of {', '.join(sorted(TAKES[sort]))}"
    many = condition.op in ("in", "not_in")
    wanted = 0 if condition.op in ("known", "unknown") else 1
    if len(condition.value) < wanted or (len(condition.value) > wanted and not many):
        return f"{condition.fact} {condition.op} has {len(condition.value)} values; give {'some' if many else wanted}"
    try:
        _read(sort, condition.value)
    except ValueError:
        example = {"number": "50000", "date": "2026-11-30", "yes_no": "yes", "text": ""}[sort]
        return f"{condition.fact} {condition.op} has {condition.value[0]!r}; write it like {example}"
    return ""


def belongs(conditions: tuple[Condition, ...], day: date) -> Callable[[Person], bool]:
    """Whether a customer meets all of them on that day of theirs. What is unknown is neither equal, more nor less."""
    tests = [_test(condition, day) for condition in conditions]
    return lambda person: all(test(person) for test in tests)


def value(person: Person, fact: str, day: date) -> Value:
    """A fact of a customer on a day of theirs; None when it is not known."""
    if fact in COLUMNS:
        found = getattr(person, fact)
        return None if found == "" else Decimal(found) if type(found) is int else found
    if fact == "limit_used":
        known = person.credit_limit is not None and person.available_limit is not None
        return person.credit_limit - person.available_limit if known else None  # type: ignore[operator]
    if fact == "age":
        born = person.birthday
        return None if born is None else Decimal(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
    since = getattr(person, "last_active_on" if fact == "days_silent" else fact.removeprefix("days_"))
    return None if since is None else Decimal((day - since).days)


def _test(condition: Condition, day: date) -> Callable[[Person], bool]:
    fact, op = condition.fact, condition.op
    wanted = _read(FACTS[fact], condition.value)
    if op == "known":
        return lambda person: value(person, fact, day) is not None
    if op == "unknown":
        return lambda person: value(person, fact, day) is None
    if op == "not_in":
        return lambda person: value(person, fact, day) not in wanted
    if op in ("is", "in"):
        return lambda person: value(person, fact, day) in wanted
    compare = _COMPARE[op]
    return lambda person: (found := value(person, fact, day)) is not None and compare(found, wanted[0])


_COMPARE: Mapping[str, Callable[..., bool]] = {
    "at_least": lambda found, wanted: found >= wanted,
    "at_most": lambda found, wanted: found <= wanted,
    "before": lambda found, wanted: found < wanted,
}


def _read(sort: Sort, written: tuple[str, ...]) -> tuple[Value, ...]:
    """Raises ValueError."""
    if sort == "text":
        return written
    if sort == "date":
        return tuple(date.fromisoformat(one) for one in written)
    if sort == "yes_no":
        if set(written) - {"yes", "no"}:
            raise ValueError("neither yes nor no")
        return tuple(one == "yes" for one in written)
    try:
        return tuple(Decimal(one) for one in written)
    except InvalidOperation:
        raise ValueError("no number") from None
