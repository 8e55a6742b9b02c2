"""The mail of every guide, in every language: whole, alone, and without a figure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from app.companions.guide_letter import Guide, Reader, letter
from app.companions.pictures import Screen, screen_of
from app.flows.catalogue import TEXTS

LINK = {"info_link": "https://bank.example.com/info"}
ALL = [(name, language) for name, guide in TEXTS.guides.items() for language in guide.steps]


@pytest.mark.parametrize(("name", "language"), ALL)
def test_every_guide_becomes_a_letter(name: str, language: str) -> None:
    known = TEXTS.guides[name]
    steps = [TEXTS.fill(language, step, LINK) for step in known.steps[language]]
    made = letter(
        "k",
        Reader("w@x.cn", language, "王先生"),
        Guide(known.titles[language], steps),
        bank="示例银行",
        hotline="95500",
    )
    assert re.search(r"[{}\[\]]", made.text) is None
    for step in steps:
        assert step in made.text
    assert made.html.count('aria-hidden="true"') == len(steps)
    assert "95500" in made.text and "95500" in made.html and "王先生" in made.text
    # It loads nothing, leads nowhere and follows nobody; mail readers know nothing of scripts and style sheets.
    assert re.search(r"<(?:img|script|link|style|svg|iframe|a)\b|src=|url\(|@import", made.html) is None
    assert len(made.html) < 100_000  # where Gmail cuts a mail off
    assert _closed(made.html)


def _closed(html: str) -> bool:
    opened: list[str] = []

    class Reading(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Reading().feed(html)
    return not opened


def test_nobody_is_called_by_nothing_and_words_are_no_markup() -> None:
    made = letter("k", Reader("w@x.cn", "en"), Guide("pay & <b>go</b>", ["App > A&B, tap <OK>"]), bank="B", hotline="1")
    assert made.text.startswith("Hello,\n")
    assert "<b>" not in made.html and "A&amp;B" in made.html and "&lt;OK&gt;" in made.html


@pytest.mark.parametrize(
    ("step", "screen"),
    [
        ("手机银行首页>贷款>我的借款，选一笔借款", Screen(("手机银行首页", "贷款", "我的借款"), ("选一笔借款",))),
        ("登录手机银行，点首页>贷款", Screen(("首页", "贷款"), ("登录手机银行",))),
        ("Mobile app > Loans > Borrow", Screen(("Mobile app", "Loans", "Borrow"), ())),
        ("核对后点确认开通。还款日前一天请备足余额", Screen((), ("核对后点确认开通", "还款日前一天请备足余额"))),
    ],
)
def test_a_step_is_drawn_as_it_is_tapped(step: str, screen: Screen) -> None:
    assert screen_of(step) == screen
