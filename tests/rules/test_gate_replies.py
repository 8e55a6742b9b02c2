"""Agents' everyday replies are never refused: a gate that cries wolf is switched off. What they may not write is."""

from __future__ import annotations

import re

import pytest

from tests.rules.drafts import lines, verdict

REPLIES = [tuple(line.split("\t")) for line in lines("replies.txt")]
SIGNS = {"zh-CN": "【示例银行】", "en": "[Example Bank] "}


@pytest.mark.parametrize(("language", "state", "words"), REPLIES)
def test_an_everyday_reply_passes(language: str, state: str, words: str) -> None:
    said = verdict(words, language=language, verified=state == "verified", signature=SIGNS[language])
    assert said.reasons == ()
    assert said.body.startswith(SIGNS[language])


@pytest.mark.parametrize("words", list(lines("refused.txt")))
def test_what_nobody_may_text_is_refused(words: str) -> None:
    assert not verdict(words, language="zh-CN" if re.search("[一-鿿]", words) else "en").allowed


def test_there_are_enough() -> None:
    assert len(REPLIES) >= 80
    assert {language for language, _, _ in REPLIES} == {"zh-CN", "en"}


@pytest.mark.parametrize(("language", "state", "words"), [row for row in REPLIES if row[1] == "verified"])
def test_the_same_figures_without_proof_are_refused(language: str, state: str, words: str) -> None:
    said = verdict(words, language=language, signature=SIGNS[language])
    assert {reason.code for reason in said.refusals} == {"figures_unverified"}
