"""Every reason is reached and documented; the document says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from app.care import calendars, caps, programmes, windows
from app.care.reasons import REASONS
from tests.care import test_decide

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "programmes.md").read_text(encoding="utf-8")
FOUND_BY_OTHER_TESTS = {"outranked", "not_approved"}
"""In tests of their own in test_decide.py."""
FOUND_BY_THE_DOOR = {"failed"}
"""No customer leads to it: it stands for an error, which `app.handlers.care` counts."""


def test_the_table_of_reasons_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (plan|leave) \| (yes|no) \| (.+) \|$", PAGE, flags=re.MULTILINE)
    assert rows == [(one.code, one.stage, "yes" if one.final else "no", one.says) for one in REASONS.values()]


def test_every_reason_of_the_planner_is_reached() -> None:
    (mark,) = test_decide.test_each_reason_is_given.pytestmark  # type: ignore[attr-defined]
    reached = {case[0] for case in mark.args[1]}
    planned = {one.code for one in REASONS.values() if one.stage == "plan"}
    assert reached | FOUND_BY_OTHER_TESTS | FOUND_BY_THE_DOOR == planned


def test_every_reason_is_a_sentence_under_its_own_code() -> None:
    for code, one in REASONS.items():
        assert code == one.code
        assert re.fullmatch(r"[A-Z].*\.", one.says)
        assert re.fullmatch(r"[a-z_]{3,40}", code)


def test_the_table_of_windows_is_that_of_the_file() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([a-z, ]+) \| ([0-9:, -]+) \| (.+) \|$", PAGE, flags=re.MULTILINE)
    told = {name: (days, hours) for name, days, hours, _ in rows}
    days = {name: ", ".join(sorted(one.days, key=_weekday)) for name, one in windows.shipped().items()}
    hours = {name: ", ".join(map(str, one.hours)) for name, one in windows.shipped().items()}
    assert told == {name: (days[name], hours[name]) for name in windows.shipped()}
    for name, _, _, meant in rows:
        one = windows.shipped()[name]
        assert not one.product or f"product {one.product}" in meant
        assert not one.segment or f"segment {one.segment}" in meant


def _weekday(day: str) -> int:
    return windows.WEEKDAYS.index(day) if day in windows.WEEKDAYS else -1


def test_its_example_is_the_file() -> None:
    example = re.search(r"```toml\n(.+?)```", PAGE, flags=re.DOTALL)
    assert example
    assert example[1] == (programmes.FOLDER / "settled.toml").read_text(encoding="utf-8")


def test_its_figures_are_true() -> None:
    assert caps.MONTHLY == 2
    assert calendars.AHEAD == 7
    assert windows.SPREAD == 0.8
    greeted = [one for one in calendars.named().values() if one.greeted]
    assert len(greeted) == 9
    assert all(one.title["en"].removesuffix(" Day").removesuffix(" Festival") in PAGE for one in greeted)


def test_its_priorities_are_true() -> None:
    on = programmes.shipped().values()
    assert {one.priority for one in on if one.kind == "service"} <= set(range(80, 96))
    assert {one.priority for one in on if one.key == "birthday" or one.kind == "festival"} == {70, 76}
    assert {one.priority for one in on if one.key in ("calculator_used", "page_seen")} == {64, 66}
    assert min(one.priority for one in on) == programmes.shipped()["solar_term"].priority
