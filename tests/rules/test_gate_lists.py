"""Word lists are data that people change: a fault is refused with a sentence that says where and what."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.rules.gate import CODES
from app.rules.gate.form import Form
from app.rules.gate.lists import BadList, load
from app.rules.gate.matching import Matcher

HEAD = 'code = "forbidden_words"\n'


def read(folder: Path, text: str, name: str = "mine.toml") -> Matcher:
    (folder / name).write_text(text, encoding="utf-8")
    return Matcher(load(folder))


def found(matcher: Matcher, text: str, purpose: str = "answer") -> list[str]:
    return [hit.entry.word for hit in matcher.find(Form(text), purpose)]


def test_the_shipped_lists_are_sound() -> None:
    entries = load()
    assert len(entries) > 300
    used = {entry.code for entry in entries}
    assert used == {"forbidden_words", "over_promise", "discouraged_words", "blame", "offer_unmarked"}
    assert used <= set(CODES)


def test_what_the_articles_forbid_is_forbidden() -> None:
    words = {entry.word: entry.code for entry in load()}
    for word in ("点击领取", "限时免息", "秒批", "免审"):
        assert words[word] == "forbidden_words"
    for word in ("最低利率", "绝对", "100%" if "100%" in words else "百分百", "保证通过", "免息"):
        assert words[word] == "over_promise"
    for word in ("立即", "马上", "最后机会"):
        assert words[word] == "discouraged_words"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("words = [", "mine.toml: is not TOML"),
        ('[zh-CN]\nwords = ["秒批"]', "mine.toml: code is None, which is no code of the gate"),
        ('code = "bad_words"\n[en]\nwords = ["cheap"]', "mine.toml, line 1: code is 'bad_words', which is no code"),
        (HEAD + 'colour = "red"\n[en]\nwords = ["cheap"]', "mine.toml, line 2: colour is none of"),
        (HEAD + 'purposes = ["adverts"]\n[en]\nwords = ["cheap"]', "mine.toml, line 2: 'adverts' is no purpose"),
        (HEAD + 'negated = "no"\n[en]\nwords = ["cheap"]', "mine.toml, line 2: negated is true or false"),
        (HEAD + 'strength = 2\n[en]\nwords = ["cheap"]', "mine.toml, line 2: strength is above 0"),
        (HEAD, "mine.toml: has no words"),
        (HEAD + "[en]\nwords = []", "mine.toml: has no words"),
        (HEAD + '[en]\nword = ["cheap"]', "mine.toml, line 2: [en] has a list `words`"),
        (HEAD + 'en = "cheap"', "[en] has a list `words`"),
        (HEAD + '[en]\nwords = [\n"cheap",\n7]', "mine.toml, line 5: 7 is no text"),
        (HEAD + '[zh-CN]\nwords = [\n"秒批",\n"贷"]', "mine.toml, line 5: '贷' is too short"),
        (HEAD + '[zh-CN]\nwords = ["！？"]', "mine.toml, line 3: '！？' is too short"),
        (HEAD + '[zh-CN]\nwords = ["点…领"]', "mine.toml, line 3: '点…领' is too short"),
        (HEAD + '[en]\nwords = ["cheap loan",\n"Cheap-Loan"]', "mine.toml, line 4: 'Cheap-Loan' stands here twice"),
        (HEAD + '[zh-CN]\nwords = ["秒批"]\n[unless]\n"快批" = ["快批了"]', "mine.toml, line 5: [unless] names '快批'"),
        (
            HEAD + '[zh-CN]\nwords = ["秒批"]\n[unless]\n"秒批" = ["很快"]',
            "mine.toml, line 5: [unless] '很快' does not hold",
        ),
        (HEAD + '[zh-CN]\nwords = ["秒批"]\n[unless]\n"秒批" = "秒批吗"', "needs a list of phrases in quotes"),
    ],
)
def test_a_fault_names_file_line_and_mending(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadList) as fault:
        read(tmp_path, text)
    assert said in str(fault.value)


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadList, match="no word lists are here"):
        load(tmp_path)


def test_a_list_holds_for_its_purposes_only(tmp_path: Path) -> None:
    matcher = read(tmp_path, HEAD + 'purposes = ["commercial"]\n[zh-CN]\nwords = ["立即"]')
    assert found(matcher, "请立即办理", "commercial") == ["立即"]
    assert found(matcher, "请立即办理") == []


def test_a_gap_stands_for_up_to_eight_letters(tmp_path: Path) -> None:
    matcher = read(tmp_path, HEAD + '[zh-CN]\nwords = ["点击…领取"]')
    assert found(matcher, "点击，下方的链接，领取") == ["点击…领取"]
    assert found(matcher, "点击这里看详细的说明再领取") == []


def test_a_word_is_fine_in_its_contexts_only(tmp_path: Path) -> None:
    matcher = read(tmp_path, HEAD + '[zh-CN]\nwords = ["绝对"]\n[unless]\n"绝对" = ["绝对值"]')
    assert found(matcher, "取绝对值") == []
    assert found(matcher, "取绝对值，绝对可靠") == ["绝对"]
    assert found(matcher, "绝 对 值") == []


def test_a_denial_counts_unless_the_list_says_otherwise(tmp_path: Path) -> None:
    assert found(read(tmp_path, HEAD + '[zh-CN]\nwords = ["免息"]'), "目前无法免息") == []
    assert found(read(tmp_path, HEAD + 'negated = false\n[zh-CN]\nwords = ["免息"]'), "目前无法免息") == ["免息"]


def test_a_latin_word_is_whole(tmp_path: Path) -> None:
    matcher = read(tmp_path, HEAD + '[en]\nwords = ["free loan"]')
    assert found(matcher, "a free loan!") == ["free loan"]
    assert found(matcher, "carefree loan") == []
    assert found(matcher, "free loans") == []
    assert found(matcher, "获得free loan吧") == ["free loan"]
