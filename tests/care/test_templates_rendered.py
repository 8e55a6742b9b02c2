"""Whatever the values are, no text has a hole or a placeholder left, and nothing in a value is ever evaluated."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.care.library import shipped
from app.care.person import Person
from app.care.placeholders import LONGEST, PLACEHOLDERS, Type, marks, named, written
from app.care.render import MissingValue, filled, render, values_of
from app.care.template import Template

HOSTILE = [
    "",
    " ",
    "\r\n",
    "王{customer}",
    "{amount_due}",
    "{0.__class__.__mro__}",
    "{customer!r:>{hotline}}",
    "}{",
    "$" + "{bank}",
    "王\r\n【别家银行】恭喜",
    "[Other Bank] x",
    "\u202e行银",
    "\u200b",
    "\x00",
    "\ud83d",
    "长" * 5_000,
]
some_text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=80), st.characters().map(lambda char: f"王{char}明"))
values = st.dictionaries(st.sampled_from([*PLACEHOLDERS, "nothing"]), some_text)
anything = st.one_of(some_text, st.none(), st.integers(), st.floats(), st.booleans(), st.decimals(), st.dates())
givens = st.dictionaries(st.sampled_from([*PLACEHOLDERS, "occasion", "term"]), anything)
people = st.builds(
    Person,
    customer_id=st.just("C1"),
    name=some_text,
    title=some_text,
    manager_name=some_text,
    manager_phone=some_text,
)
templates = st.one_of(
    st.sampled_from(sorted(shipped().values(), key=lambda one: (one.key, one.language))),
    st.builds(
        Template,
        key=st.just("drawn"),
        language=st.sampled_from(["zh-CN", "en"]),
        purpose=st.just("commercial"),
        kind=st.just("care"),
        body=st.lists(st.sampled_from([f"{{{name}}}，" for name in [*PLACEHOLDERS, "unknown", "0", ""]])).map("".join),
        fallbacks=st.dictionaries(st.sampled_from(list(PLACEHOLDERS)), some_text),
    ),
)


HALF_A_PLACEHOLDER = Template(
    key="drawn", language="en", purpose="commercial", kind="care", body="{customer}，", fallbacks={"customer": "}{"}
)


def is_whole(template: Template, said: str) -> bool:
    """What stands between the placeholders is there untouched, and each of them is filled with what it may hold."""
    pieces = [re.escape(piece) for piece in re.split(r"\{[^{}]*\}", template.words)]
    fillings = re.fullmatch("(.+?)".join(pieces), said, re.DOTALL)
    return fillings is not None and not any(brace in said for brace in "{}") and "\n" not in said


@example(HALF_A_PLACEHOLDER, {})
@given(templates, values)
def test_a_text_is_whole_or_is_not_there(template: Template, known: dict[str, str]) -> None:
    fillings = filled(template, known)
    try:
        said = render(template, known)
    except MissingValue as missing:
        assert fillings[missing.placeholder][1] == "missing"
    else:
        assert is_whole(template, said)
        assert all(words and source in {"value", "fallback"} for words, source in fillings.values())


@given(templates, people, givens, some_text, some_text, some_text)
def test_a_text_is_whole_whoever_the_customer_is(
    template: Template, person: Person, event: dict[str, Any], bank: str, hotline: str, link: str
) -> None:
    known = values_of(person, event, bank=bank, hotline=hotline, link=link, language=template.language)
    assert all(0 < len(value) <= LONGEST[PLACEHOLDERS[name].type] for name, value in known.items())
    try:
        said = render(template, known)
    except MissingValue:
        return
    assert is_whole(template, said)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_value_gives_way_to_the_fall_back(hostile: str) -> None:
    template = replace(shipped()["page_seen", "zh-CN"], body="{product}，好", model=None, fallbacks={"product": "贷款"})
    assert render(template, {"product": hostile}) == "贷款，好"


def test_words_that_look_like_code_stay_words() -> None:
    template = replace(shipped()["page_seen", "zh-CN"], body="{product}，好", model=None)
    assert render(template, {"product": r"%s%(bank)s \1 $bank"}) == r"%s%(bank)s \1 $bank，好"


def test_a_placeholder_without_value_and_words_keeps_the_text_back() -> None:
    template = replace(shipped()["birthday", "zh-CN"], fallbacks={})
    with pytest.raises(MissingValue) as missing:
        render(template, {"hotline": "95500"})
    assert missing.value.placeholder == "customer"


def test_words_instead_may_name_the_hotline_and_nothing_else() -> None:
    template = replace(
        shipped()["birthday", "zh-CN"], body="电话{manager_phone}。", fallbacks={"manager_phone": "{hotline}"}
    )
    assert render(template, {"hotline": "95500"}) == "电话95500。"
    with pytest.raises(MissingValue):
        render(template, {})


def test_each_value_is_told_with_its_source() -> None:
    template = replace(shipped()["vip", "zh-CN"], body="{customer}，{manager}，至{until}", model=None)
    found = filled(template, {"manager": "李经理"})
    assert found == {
        "customer": ("尊敬的贵宾", "fallback"),
        "manager": ("李经理", "value"),
        "until": ("本月底", "fallback"),
    }


# fmt: off
WRITTEN = [
    ("money", "5360", "5,360.00", "5,360.00"),
    ("money", Decimal("300000.5"), "300,000.50", "300,000.50"),
    ("money", "5,360.00", "5,360.00", "5,360.00"),
    ("money", 0, "0.00", "0.00"),
    ("money", "-1", "", ""),
    ("money", "NaN", "", ""),
    ("money", "1e99", "", ""),
    ("money", "five", "", ""),
    ("money", True, "", ""),
    ("date", date(2026, 8, 25), "8月25日", "25 Aug"),
    ("date", "2026-08-05", "8月5日", "5 Aug"),
    ("date", "2026-08-25T14:00:00+08:00", "8月25日", "25 Aug"),
    ("date", "2026-02-30", "", ""),
    ("date", "tomorrow", "", ""),
    ("days", 3, "3天", "3 days"),
    ("days", "1", "1天", "1 day"),
    ("days", -1, "", ""),
    ("days", "٣", "", ""),
    ("text", "consumer", "消费贷", "personal loan"),
    ("text", "城东支行", "城东支行", ""),
    ("text", " East \n Street ", "East Street", "East Street"),
    ("phone", "400-889-5500", "400-889-5500", "400-889-5500"),
    ("phone", "+862155550000", "+862155550000", "+862155550000"),
    ("phone", "call me", "", ""),
    ("link", "https://s.bank.example.com/r/Ab3", "https://s.bank.example.com/r/Ab3", "https://s.bank.example.com/r/Ab3"),
    ("link", "http://s.bank.example.com/r/Ab3", "", ""),
    ("link", "http://127.0.0.1.evil.cn/r/Ab3", "", ""),
    ("link", "http://127.0.0.1:8000/r/Ab3", "http://127.0.0.1:8000/r/Ab3", "http://127.0.0.1:8000/r/Ab3"),
    ("link", "https://s.bank.example.com/r/a b", "", ""),
    ("text", None, "", ""),
]
PEOPLE = [
    ("王建国", "先生", "李晓明", "zh-CN", "王先生", "李经理"),
    ("欧阳倩", "女士", "欧阳娜", "zh-CN", "欧阳女士", "欧阳经理"),
    ("王建国", "先生", "李晓明", "en", None, None),
    ("Emily Carter", "女士", "Ann Lee", "en", "Ms Carter", "Manager Lee"),
    ("Wang Jianguo", "先生", "Ann Lee", "zh-CN", "Mr Wang", None),
    ("", "先生", "", "zh-CN", None, None),
    ("王建国", "", "李晓明", "zh-CN", None, "李经理"),
]
# fmt: on


@pytest.mark.parametrize(("kind", "value", "zh", "en"), WRITTEN)
def test_a_value_is_written_by_its_type(kind: Type, value: object, zh: str, en: str) -> None:
    assert (written(kind, value, "zh-CN"), written(kind, value, "en")) == (zh, en)


@pytest.mark.parametrize(("name", "title", "manager", "language", "customer", "told"), PEOPLE)
def test_nobody_is_told_by_their_full_name(
    name: str, title: str, manager: str, language: str, customer: str | None, told: str | None
) -> None:
    person = Person(customer_id="C1", name=name, title=title, manager_name=manager, language=language)
    known = values_of(person, {}, bank="示例银行", hotline="95500", link="")
    assert (known.get("customer"), known.get("manager")) == (customer, told)


def test_every_placeholder_of_the_library_is_known() -> None:
    for template in shipped().values():
        assert {named(mark)[0] for mark in marks(template.words)} <= set(PLACEHOLDERS)
