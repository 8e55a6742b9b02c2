from __future__ import annotations

import pytest

from app.flows.catalogue import CATALOGUE
from app.flows.check.own import FORMS, OwnFault, faults, readings
from app.flows.check.samples import SIGNATURE, ucs2_parts
from app.handlers.options import WORDED


def found(words: str, key: str = "human.closed", language: str = "zh-CN") -> list[OwnFault]:
    return faults(CATALOGUE, language, key, words, lambda said: ucs2_parts(SIGNATURE + said))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("key", WORDED)
def test_the_shipped_words_have_no_fault(key: str, language: str) -> None:
    assert key in FORMS
    assert found(CATALOGUE.texts.word(language, key), key, language) == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("", OwnFault("empty")),
        ("  ", OwnFault("empty")),
        ("{hotline[回复{options}]", OwnFault("braces")),
        ("请致电{hotline}[回复{options}", OwnFault("braces")),
        ("请致电{hotline!r}[回复{options}]", OwnFault("braces")),
        ("请致电{hotline}[回复{options}]{balance}", OwnFault("unknown", "balance")),
        ("请致电{hotline}[回复{options}]{amount:money}", OwnFault("unknown", "amount")),
        ("请致电{hotline}[回复{options}]{code}", OwnFault("unknown", "code")),
        ("请致电{hotline}[回复{options}]{}", OwnFault("unknown", "")),
        ("请致电{hotline:money}[回复{options}]", OwnFault("form", "hotline:money")),
        ("{opens}上班，请致电{hotline}[回复{options}]", OwnFault("form", "opens")),
        ("请致电{hotline}，回复{options}", OwnFault("bracket", "options")),
        ("请致电{hotline}", OwnFault("options")),
        ("[回复{options}]", OwnFault("hotline")),
        ("您好" * 120 + "{hotline}[回复{options}]", OwnFault("parts", "5")),
    ],
)
def test_a_fault_is_named(words: str, fault: OwnFault) -> None:
    assert found(words)[0] == fault


def test_nobody_knows_when_a_person_comes_back_while_all_are_busy() -> None:
    assert found("{opens:window}请致电{hotline}[回复{options}]", "human.sorry") == [OwnFault("unknown", "opens")]


def test_readings_show_every_way_in_which_the_text_can_be_read() -> None:
    said = readings(CATALOGUE, "zh-CN", "human.closed", "{customer:hello}致电{hotline}。[回复{options}|约回电请回复HD]")
    assert said == [
        "欧阳先生，致电400-889-5500。回复1预约回电 2不用了",
        "欧阳先生，致电400-889-5500。约回电请回复HD",
    ]
