"""Agents' everyday replies are never refused: a gate that cries wolf is switched off."""

from __future__ import annotations

import pytest

from tests.rules.drafts import lines, verdict

REPLIES = [tuple(line.split("\t")) for line in lines("replies.txt")]
SIGNS = {"zh-CN": "【示例银行】", "en": "[Example Bank] "}


@pytest.mark.parametrize(("language", "state", "words"), REPLIES)
def test_an_everyday_reply_passes(language: str, state: str, words: str) -> None:
    said = verdict(words, language=language, verified=state == "verified", signature=SIGNS[language])
    assert said.reasons == ()
    assert said.body.startswith(SIGNS[language])


def test_there_are_enough() -> None:
    assert len(REPLIES) >= 80
    assert {language for language, _, _ in REPLIES} == {"zh-CN", "en"}


@pytest.mark.parametrize(("language", "state", "words"), [row for row in REPLIES if row[1] == "verified"])
def test_the_same_figures_without_proof_are_refused(language: str, state: str, words: str) -> None:
    said = verdict(words, language=language, signature=SIGNS[language])
    assert {reason.code for reason in said.refusals} == {"figures_unverified"}
