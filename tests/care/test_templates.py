"""The library of texts, and every fault that a template can have: each with its field, and with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.care import calendars
from app.care.checked import REFUSING
from app.care.library import BadTemplate, kept, load, read, shipped
from app.care.placeholders import LANGUAGES
from app.care.terms import sentences, told
from app.flows.interrupts import RESERVED

SCENES = (
    "new_year spring_festival lantern tomb_sweeping labour_day dragon_boat mid_autumn national_day double_ninth "
    "solar_term birthday birthday_offer settled unused_quota good_payer repayment_reminder limit_expiring overdue "
    "approved_draw info_update policy_change learn_1 learn_2 learn_3 page_seen calculator_used appointment_missed "
    "wake_up renovation spring_farming car home_balance car_season cross_sell returning vip"
)
"""What the articles speak of, and the named festivals."""

GOOD: dict[str, Any] = {
    "purpose": "commercial",
    "kind": "product",
    "target": "https://bank.example.com/loans",
    "body": "{customer}，贷款方案见 {link} 回复1了解，客服{hotline}。",
    "fallbacks": {"customer": "您好"},
    "replies": [{"key": "1", "flow": "interest", "words": ["了解"]}],
}
MODEL = {"benefit": "{customer}，方案见 {link} 。", "call": "回复1了解，客服{hotline}。"}


def faults(language: str = "zh-CN", key: str = "offer", **changed: Any) -> set[tuple[str, str]]:
    """(field, code) of what is wrong with the good one once it is changed; None takes a field out."""
    content = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    try:
        read(key, language, content)
    except BadTemplate as bad:
        return {(fault.field, fault.code) for fault in bad.faults}
    return set()


def test_every_scene_has_its_text_in_every_language() -> None:
    assert {(key, language) for key in SCENES.split() for language in LANGUAGES} <= set(shipped())


def test_both_languages_of_a_text_mean_the_same() -> None:
    for key in {key for key, _ in shipped()}:
        meant = {
            (one.purpose, one.kind, one.target, one.second, one.confirm, tuple((r.key, r.flow) for r in one.replies))
            for (other, _), one in shipped().items()
            if other == key
        }
        assert len(meant) == 1, key


def test_every_offer_has_the_five_parts_and_a_second_text_without_a_third() -> None:
    offers = [one for one in shipped().values() if one.kind in {"product", "activity"} and one.target]
    assert len(offers) > 50
    for offer in offers:
        assert offer.model is not None, offer.key
        if offer.key.endswith("_again"):
            assert offer.second == ""
            continue
        parts = [offer.model.benefit, offer.model.trigger, offer.model.trust, offer.model.limit, offer.model.call]
        assert all(parts), offer.key
        second = shipped()[offer.second, offer.language]
        assert (second.purpose, second.kind, second.target) == (offer.purpose, offer.kind, offer.target)
        assert second.words != offer.words


def test_no_two_texts_are_the_same() -> None:
    assert len({one.words for one in shipped().values()}) == len(shipped())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_solar_term_has_a_name_and_a_sentence_of_its_own(language: str) -> None:
    terms = [name for name, day in calendars.named().items() if day.term == day.title["zh-CN"]]
    found = [told(f"{name}:2026-07-07", language) for name in terms]
    assert len(found) == len(sentences()) == 24
    assert all(name and care and not care.endswith(("。", ".")) for name, care in found)
    assert len(set(found)) == len({care for _, care in found}) == 24


@pytest.mark.parametrize(
    ("occasion", "name"),
    [
        ("xiaoshu:2026-07-07", "小暑"),
        ("solar_term:2026-07-07", "小暑"),
        ("solar_term:2026-07-08", ""),
        ("mid_autumn:2026-09-25", "中秋节"),
        ("settled_on:2026-11-01", ""),
        ("page_viewed:2026-07-07T01:00", ""),
        ("solar_term:soon", ""),
        ("nonsense", ""),
        ("", ""),
        ("solar_term:9999-12-31", ""),
    ],
)
def test_an_occasion_names_its_day(occasion: str, name: str) -> None:
    assert told(occasion, "zh-CN")[0] == name


def test_what_means_the_same_everywhere_is_no_answer() -> None:
    assert RESERVED <= REFUSING


def test_the_good_one_is_good() -> None:
    assert faults() == faults(body=None, model=MODEL) == set()


# fmt: off
FAULTS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    # who and what
    ({"key": "Offer 1"}, ("key", "key")),
    ({"language": "fr"}, ("language", "language")),
    ({"kind": "advert"}, ("kind", "kind")),
    ({"purpose": "answer"}, ("purpose", "purpose")),
    ({"purpose": "service"}, ("purpose", "purpose")),
    ({"kind": "service"}, ("purpose", "purpose")),
    ({"kind": "festival", "purpose": "reminder"}, ("purpose", "purpose")),
    ({"second": "offer"}, ("second", "second")),
    ({"second": "again", "body": "回复1了解。", "target": "", "fallbacks": {}}, ("second", "second")),
    # words
    ({"body": " "}, ("body", "empty")),
    ({"body": None, "model": {"benefit": "方案见 {link} ", "call": ""}}, ("model.call", "empty")),
    ({"model": MODEL}, ("body", "both")),
    ({"kind": "service", "purpose": "service", "body": None, "model": MODEL}, ("model", "model")),
    ({"body": "【示例银行】方案见 {link} 回复1了解。", "fallbacks": {}}, ("body", "signature")),
    ({"body": "方案见 {link} 回复1了解，回复TD退订。", "fallbacks": {}}, ("body", "way_out")),
    ({"body": "方案" * 200 + "见 {link} 回复1了解。", "fallbacks": {}}, ("body", "long")),
    # placeholders
    ({"body": GOOD["body"] + "{custmer}"}, ("body", "unknown")),
    ({"body": GOOD["body"] + "{customer.name}"}, ("body", "unknown")),
    ({"body": GOOD["body"] + "{0}"}, ("body", "unknown")),
    ({"body": GOOD["body"] + "{}"}, ("body", "unknown")),
    ({"body": GOOD["body"] + "{customer!r}"}, ("body", "unknown")),
    ({"body": GOOD["body"] + "{until:money}"}, ("body", "type")),
    ({"body": GOOD["body"] + "{amount_due}"}, ("body", "personal")),
    ({"body": GOOD["body"] + "{due_on:date}"}, ("body", "personal")),
    ({"body": GOOD["body"] + "{credit_limit}"}, ("body", "personal")),
    ({"body": GOOD["body"] + "{name}"}, ("body", "personal")),
    ({"body": GOOD["body"] + "{"}, ("body", "brace")),
    ({"body": GOOD["body"] + "{{customer}}"}, ("body", "brace")),
    # fall-backs
    ({"fallbacks": {"customer": " "}}, ("fallbacks.customer", "empty")),
    ({"fallbacks": {"manager": "客户经理"}}, ("fallbacks.manager", "unused")),
    ({"fallbacks": {"link": "手机银行"}}, ("fallbacks.link", "needless")),
    ({"fallbacks": {"hotline": "95500"}}, ("fallbacks.hotline", "needless")),
    ({"fallbacks": {"customer": "{manager}的客户"}}, ("fallbacks.customer", "nested")),
    ({"fallbacks": {"customer": "{amount_due}"}}, ("fallbacks.customer", "nested")),
    # replies
    ({"replies": [{"key": "办 理", "flow": "interest"}]}, ("replies.办 理", "reply")),
    ({"body": "见 {link} 回复R了解。", "replies": [{"key": "R", "flow": "interest"}]}, ("replies.R", "reserved")),
    ({"body": "见 {link} 回复0了解。", "replies": [{"key": "0", "flow": "interest"}]}, ("replies.0", "reserved")),
    ({"body": "见 {link} 回复rg了解。", "replies": [{"key": "rg", "flow": "human"}]}, ("replies.rg", "reserved")),
    ({"replies": [{"key": "1", "flow": "interest", "words": ["取消"]}]}, ("replies.1", "reserved")),
    ({"replies": [{"key": "1", "flow": "interest", "words": ["1"]}]}, ("replies.1", "twice")),
    ({"replies": [{"key": "1", "flow": "interest"}, {"key": "2", "flow": "human"}]}, ("replies.2", "untold")),
    ({"replies": []}, ("replies", "unanswered")),
    ({"body": "见 {link} 回复1了解 2转人工。"}, ("replies", "unanswered")),
    ({"body": "见 {link} 回复1了解，或回复办理。"}, ("replies", "unanswered")),
    ({"body": "见 {link} 回复1了解，回复10转人工。"}, ("replies", "unanswered")),
    ({"language": "en", "body": "See {link} Reply 1 for details, 2 for a call."}, ("replies", "unanswered")),
    ({"language": "en", "body": "See {link} Reply 1 for details or text HELLO."}, ("replies", "unanswered")),
    # links
    ({"target": ""}, ("target", "target")),
    ({"body": "回复1了解，客服{hotline}。"}, ("target", "target")),
    ({"target": "http://bank.example.com/loans"}, ("target", "https")),
    ({"target": "bank.example.com"}, ("target", "https")),
    ({"body": "{link} 回复1了解 {link}"}, ("body", "links")),
    # shape
    ({"bodey": "x"}, ("bodey", "field")),
    ({"body": 7}, ("body", "shape")),
    ({"confirm": "yes"}, ("confirm", "shape")),
    ({"fallbacks": ["您好"]}, ("fallbacks", "shape")),
    ({"fallbacks": {"customer": 1}}, ("fallbacks", "shape")),
    ({"body": None, "model": {"benefit": "x", "punchline": "y"}}, ("model.punchline", "field")),
    ({"body": None, "model": {"call": "回复1了解"}}, ("model.benefit", "empty")),
    ({"replies": {"1": "interest"}}, ("replies", "shape")),
    ({"replies": [{"key": "1"}]}, ("replies", "shape")),
    ({"replies": [{"key": "1", "flow": "interest", "words": "了解"}]}, ("replies", "shape")),
    ({"replies": [{"key": "1", "flow": "interest", "slots": {"product": 1}}]}, ("replies", "shape")),
]
# fmt: on


@pytest.mark.parametrize(("changed", "fault"), FAULTS)
def test_a_fault_is_found_at_its_field(changed: Mapping[str, Any], fault: tuple[str, str]) -> None:
    assert fault in faults(**changed)


@pytest.mark.parametrize(
    "body",
    [
        "{customer:person}，见 {link} 回复1了解，至{until:date}。",
        "见 {link} 回复“1”了解。",
        "见 {link} 回复1或回复了解即可。",
        "见 {link} 回复1了解，我们会尽快回复您，收到您的回复后即办。",
        "见 {link} 请回复 1 了解，36期、12期都可以，三步即可。",
        "见 {link} 回复1了解。2026年7月7日起，买2送1不参加。",
    ],
)
def test_what_only_looks_like_a_fault_is_none(body: str) -> None:
    assert faults(body=body, fallbacks={}) == set()


def test_english_may_speak_of_texts_and_replies() -> None:
    assert faults(language="en", body="We reply within a day, read the text at {link} Reply 1.", fallbacks={}) == set()


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ('purpose = "service"\nkind = "service"\n[zh-CN]\nbody = "您好"', "text.toml: en: is missing"),
        ("purpose = ", "text.toml: file: is not TOML"),
        ('[zh-CN]\nbody = "x"\n[en]\nbody = "x"\n[fr]\nbody = "x"', "text.toml: fr: is not a field"),
        (
            'purpose = "service"\nkind = "service"\n[zh-CN]\nbody = "您好"\n[en]\nbody = "Hello {nmae}"',
            "text.toml [en]: body: {nmae} is no placeholder",
        ),
        (
            'purpose = "commercial"\nkind = "product"\nsecond = "other"\ntarget = "https://bank.example.com/"\n'
            '[zh-CN]\nbody = "见 {link}"\n[en]\nbody = "See {link}"',
            "text.toml [zh-CN]: second: there is no other.toml",
        ),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_name(file: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "text.toml").write_text(file, encoding="utf-8")
    with pytest.raises(BadTemplate) as bad:
        load(tmp_path)
    assert str(bad.value).startswith(says)


def test_a_template_comes_back_from_its_row_as_it_was() -> None:
    for (key, language), template in shipped().items():
        assert read(key, language, kept(template)) == template
