"""From a doubtful text to a training line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.understanding import texts
from app.understanding.review import doubts, keep, scrubbed

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Heard:
    """As `store.doubts.heard_since` gives it."""

    id: int
    body: str
    meaning: str
    score: float
    minute: int = 0
    phone: str = "+8613800138000"
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def detail(self) -> dict[str, Any]:
        return {"meaning": self.meaning, "score": self.score, **self.more}

    @property
    def at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)


def newest_first(*heard: Heard) -> list[Heard]:
    return sorted(heard, key=lambda one: -one.minute)


def test_what_was_not_understood_is_found_once_and_with_its_reading() -> None:
    found = doubts(
        newest_first(Heard(1, "花了不少", "quota_query", 0.4), Heard(2, "花了不少。", "quota_query", 0.4, 5))
    )
    assert [(doubt.said, doubt.read_as, doubt.why) for doubt in found] == [
        ("花了不少。", "quota_query", "not understood")
    ]


def test_what_the_customer_contradicted_is_found() -> None:
    found = doubts(
        newest_first(Heard(1, "怎么弄这个东西", "repayment_how", 0.9), Heard(2, "转人工", "human_agent", 1.0, 3))
    )
    assert [(doubt.inbound, doubt.why) for doubt in found] == [(1, "then said human_agent")]


@pytest.mark.parametrize(
    "after",
    [
        Heard(2, "转人工", "human_agent", 1.0, 11),
        Heard(2, "转人工", "human_agent", 1.0, 3, phone="+8613900139000"),
        Heard(2, "谢谢", "thanks_ack", 1.0, 3),
    ],
    ids=["too late", "somebody else", "content"],
)
def test_what_nobody_contradicted_is_not(after: Heard) -> None:
    assert doubts(newest_first(Heard(1, "怎么弄这个东西", "repayment_how", 0.9), after)) == []


def test_what_is_a_training_line_or_no_words_is_left_out() -> None:
    heard = [
        Heard(1, "花了不少", "quota_query", 0.4),
        Heard(2, "123456", "number_choice", 0.4),
        Heard(3, "???", "help", 0.1),
    ]
    assert doubts(heard, frozenset({"花了不少"})) == []


def test_secrets_codes_and_numbers_do_not_reach_a_file() -> None:
    said = scrubbed("我的卡6222 0202 0000 0000 017 密码abc123 验证码482913\n打我13912345678")
    assert not any(part in said for part in ("6222", "abc123", "482913", "13912345678", "\n"))
    assert "验证码000000" in said


def test_a_line_is_appended_once(tmp_path: Path) -> None:
    path = keep("花了不少还剩几个子儿", "quota_query", tmp_path)
    assert path == tmp_path / "zh-CN" / "quota_query.txt"
    assert keep("花了不少，还剩几个子儿。", "quota_query", tmp_path) == path, "punctuation within is another line"
    assert keep("花了不少还剩几个子儿。", "quota_query", tmp_path) is None
    keep("what have i got left", "quota_query", tmp_path)
    assert [text.raw for text in texts.load(tmp_path)] == [
        "花了不少还剩几个子儿", "花了不少，还剩几个子儿。", "what have i got left",
    ]  # fmt: skip


def test_a_line_under_two_meanings_is_refused(tmp_path: Path) -> None:
    keep("花了不少", "quota_query", tmp_path)
    with pytest.raises(ValueError, match=r"quota_query\.txt already"):
        keep("花了不少", "complaint", tmp_path)
    with pytest.raises(ValueError, match="no meaning"):
        keep("花了不少", "spending", tmp_path)
    with pytest.raises(ValueError, match="empty"):
        keep(" # ", "yes", tmp_path)
