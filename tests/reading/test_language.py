"""A text shows its language, or it does not."""

from __future__ import annotations

import pytest

from app.flows.reading.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我还有多少额度", "zh-CN"),
        ("帮我查ED", "zh-CN"),
        ("what is my limit", "en"),
        ("Call me tomorrow", "en"),
        ("I'd like to repay", "en"),
        ("wo hai you duo shao edu", "zh-CN"),
        ("zenme huankuan", "zh-CN"),
        ("are you human", "en"),
        ("main menu", "en"),
        ("can he change one line", "en"),
        ("ED", None),
        ("CC ED#1234", None),
        ("TD ALL", None),
        ("limit", None),
        ("1", None),
        ("482113", None),
        ("", None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert language_of(text) == language
