"""A short link of the bank's own is not read as words; whatever only looks like one is."""

from __future__ import annotations

import pytest

from app.rules.gate import Draft, judge

CODE = "wK7mBfT2nYp"


def codes(words: str) -> list[str]:
    draft = Draft(
        words=words,
        language="zh-CN",
        purpose="commercial",
        count_parts=lambda _: 1,
        signature="【示例银行】",
        domains=frozenset({"bank.example"}),
    )
    return [reason.code for reason in judge(draft).reasons]


def test_one_of_ours_is_nobodys_word() -> None:
    for code in (CODE, "fr33m0ney11", "qq123456789", "12345678901"):
        assert codes(f"详情 https://go.bank.example/r/{code} 拒收请回复TD") == []
        assert codes(f"详情https://bank.example/r/{code}拒收请回复TD") == []


@pytest.mark.parametrize(
    "link",
    [
        f"https://bank.example.evil.test/r/{CODE}",
        f"https://evil.test/r/{CODE}",
        f"http://bank.example/r/{CODE}",
        f"https://bank.example@evil.test/r/{CODE}",
        f"https://bаnk.example/r/{CODE}",
    ],
)
def test_what_leads_elsewhere_is_judged_as_before(link: str) -> None:
    assert any(code.startswith("link_") for code in codes(f"详情 {link} 拒收请回复TD"))


def test_words_behind_it_are_read() -> None:
    assert "over_promise" in codes(f"https://bank.example/r/{CODE} 最低利率 拒收请回复TD")
    assert "over_promise" in codes(f"最低 https://bank.example/r/{CODE} 利率 拒收请回复TD"), "it does not part a word"
