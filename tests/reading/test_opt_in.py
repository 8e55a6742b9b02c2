"""Only an explicit wish lifts a refusal (rules of sending 3): the model alone never does."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.flows.reading import SURE, Hearing, read

HEARING = Hearing(datetime(2026, 6, 10, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
WISHES = ("HF", "恢复", "恢复短信", "我想重新接收短信", "resubscribe", "please turn my texts back on")
NO_WISHES = (
    "又给我发短信",
    "怎么又给我发短信！烦死了，我要投诉",
    "你们还在给我发短信",
    "不是退订了吗怎么还收到短信",
    "why are you texting me again",
    "I get your texts again, this is annoying",
)


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_is_acted_on(text: str) -> None:
    found = read(text, HEARING)
    assert (found.meaning, found.score >= SURE) == ("opt_in", True)


@pytest.mark.parametrize("text", NO_WISHES)
def test_no_refusal_is_lifted_without_one(text: str) -> None:
    found = read(text, HEARING)
    assert all(not (one.meaning == "opt_in" and one.score >= SURE) for one in (found, *found.also)), found
