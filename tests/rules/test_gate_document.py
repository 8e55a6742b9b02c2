"""The document says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from app.rules.gate import CODES, judge
from app.rules.gate.lists import load
from tests.rules.drafts import draft, lines

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "content-gate.md").read_text(encoding="utf-8")


def test_the_table_of_codes_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", PAGE, flags=re.MULTILINE)
    assert rows == [(code, what.level, what.sentence) for code, what in CODES.items()]


def test_every_code_has_a_sentence() -> None:
    assert all(re.fullmatch(r"[A-Z].*\.", what.sentence) for what in CODES.values())


def test_its_example_is_true() -> None:
    said = judge(draft("最 低·利.率"))
    assert not said.allowed
    first = said.refusals[0]
    assert f'Reason(code="{first.code}", words="{first.words}", level="{first.level}")' in PAGE


def test_its_words_are_words_of_the_lists() -> None:
    words = {entry.word for entry in load()}
    assert {"最低利率", "点击…领取", "lowest rate", "绝对"} <= words


def test_its_counts_are_true() -> None:
    assert f"{len(list(lines('replies.txt')))} everyday replies" in PAGE
    told = re.search(r"and (\d+) attempts", PAGE)
    assert told
    assert int(told[1]) <= len(list(lines("evasions.txt")))
