"""Whose figure is asked for: somebody else's is told to its owner alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.flows.reading import rules
from app.flows.reading.normalise import normalise
from tests.transcript import replay


@pytest.mark.parametrize(
    "text",
    [
        "帮我老婆查一下她的额度",
        "替我爸问问还欠多少",
        "查一下我老公的账单",
        "我妈的贷款还欠多少",
        "他的额度有多少",
        "我爸在你们这里还欠多少，他记不清了",
        "what is my wife's credit limit",
        "how much is his loan balance",
        "can you check the balance for my mother",
    ],
)
def test_somebody_elses(text: str) -> None:
    assert rules.says("whose", "another", normalise(text))


@pytest.mark.parametrize(
    "text",
    [
        "我的额度是多少",
        "帮我查一下额度",
        "帮我看看还款日",
        "我老公说我的额度降了，是多少",
        "不是查我老婆的，查我的额度",
        "朋友借了钱不还，我这个月要还多少",
        "what is my limit",
        "my wife wants to know my limit",
        "check the balance for me",
    ],
)
def test_ones_own(text: str) -> None:
    assert not rules.says("whose", "another", normalise(text))


@pytest.mark.parametrize("said", ["转人工", "查额度"])
def test_whoever_waits_with_the_customer_reads_it(said: str, tmp_path: Path) -> None:
    """A person who was called hears of it; an open code is asked for again, and nobody else's figure is promised."""
    file = tmp_path / "talk.txt"
    file.write_text(f"at: 2026-08-24 10:00\ncustomer: 王建国 先生\n> {said}\n> 我妈的贷款还欠多少\n", encoding="utf-8")
    (tmp_path / "rig").mkdir()
    answered = replay(file, tmp_path / "rig").text.count("只告诉本人")
    assert answered == (0 if said == "转人工" else 1)
