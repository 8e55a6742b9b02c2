"""Only a text that the simplifier would change is given to it: looking first must never lose a character."""

from __future__ import annotations

from importlib.resources import files

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.reading.normalise import _may_be_traditional, normalise

CONVERTER = opencc.OpenCC("t2s")


@pytest.mark.parametrize("name", ["TSCharacters.txt", "TSPhrases.txt"])
def test_everything_that_the_dictionaries_change_is_noticed(name: str) -> None:
    lines = (files("opencc") / "dictionary" / name).read_text(encoding="utf-8").splitlines()
    assert [word for line in lines if (word := line.split("\t")[0]) and not _may_be_traditional(f"额度{word}")] == []


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12))
def test_what_is_passed_over_would_not_have_changed(text: str) -> None:
    assert _may_be_traditional(text) or CONVERTER.convert(text) == text


@pytest.mark.parametrize(("text", "simple"), [("退訂", "退订"), ("沈默", "沉默"), ("我的額度", "我的额度")])
def test_traditional_texts_are_simplified(text: str, simple: str) -> None:
    assert normalise(text) == simple
