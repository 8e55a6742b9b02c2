"""Every text of the library passes the gate as it would leave, for every kind of customer, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.care import calendars
from app.care.library import shipped
from app.care.person import Person
from app.care.render import MissingValue
from app.care.routes import ROUTES
from app.flows.reading.commands import command
from app.flows.reading.meaning import Hearing
from app.flows.reading.normalise import normalise
from app.flows.reading.refusals import refusal
from app.gateways.parts import measure
from app.handlers.care import drafts, sampling
from app.handlers.care.words import ended, write
from app.handlers.service import Service
from app.rules.gate.codes import CODES
from app.rules.refusal_words import refusal_words
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.handlers.care.bank import serving
from tests.rig import sqlite_url

LIBRARY = sorted(shipped())
MOST = 2
"""Parts with signature and way out; one is the ideal."""
EVENTS = ({}, {"product": "mortgage", "branch": "西湖支行", "ceiling": "200000", "gift": "50元话费券"})


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    url = sqlite_url(Path(tmp_path_factory.mktemp("bank")))
    upgrade(url)
    with serving(url, clock=Clock(), public_url="https://sms.bank.example.com") as built:
        yield built


@pytest.mark.parametrize(("key", "language"), LIBRARY)
def test_it_passes_as_it_would_leave(service: Service, key: str, language: str) -> None:
    template = shipped()[key, language]
    assert drafts.faults(service, template) == []
    for found in sampling.invented(service, template):
        assert found.leaves, found
        assert found.reasons == (), found.body
        assert 1 <= found.parts <= MOST, found.body
        assert found.parts == measure(found.body).parts
        assert found.body.startswith(service.signature(language))
        assert service.hotline in found.body or "{manager_phone}" in template.words


@pytest.mark.parametrize(("key", "language"), LIBRARY)
def test_it_passes_on_every_route_that_takes_it_and_whatever_led_to_it(
    service: Service, key: str, language: str
) -> None:
    template = shipped()[key, language]
    link = sampling.example_link(service) if template.target else ""
    ways = {route.leaves_with(template.purpose, language) for route in ROUTES.values()}
    if template.purpose == "commercial":
        ways -= {""}  # a route without the words for it carries no offers
    for way_out in ways:
        for given in EVENTS:
            event = {**given, "occasion": "xiaoshu:2026-07-07"}
            for person in sampling.INVENTED[language]:
                said = write(service, template, person, event, link=link, way_out=way_out)
                assert said.verdict.allowed, said.verdict
                assert said.words.endswith(way_out)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_greeting_of_every_solar_term_fits(service: Service, language: str) -> None:
    template = shipped()["solar_term", language]
    way_out = service.route.leaves_with("commercial", language)
    for name in (name for name, day in calendars.named().items() if day.term):
        for person in sampling.INVENTED[language]:
            said = write(service, template, person, {"occasion": f"{name}:2026-07-07"}, link="", way_out=way_out)
            assert said.verdict.refusals == ()
            assert said.parts == 1 if language == "zh-CN" else said.parts <= MOST


def test_most_chinese_texts_without_a_link_take_one_part(service: Service) -> None:
    parts = [
        sampling.invented(service, template)[0].parts
        for template in shipped().values()
        if template.language == "zh-CN" and not template.target
    ]
    assert parts.count(1) > 0.8 * len(parts)


@pytest.mark.parametrize(("key", "language"), LIBRARY)
def test_no_answer_of_a_menu_is_heard_as_a_refusal_or_as_another_command(
    service: Service, key: str, language: str
) -> None:
    template = shipped()[key, language]
    body = sampling.invented(service, template)[0].body
    hearing = Hearing(service.clock(), language, refusal_words=refusal_words(body))
    for reply in template.replies:
        assert reply.flow in service.catalogue.flows
        for word in (reply.key, *reply.words):
            heard = refusal(normalise(word), hearing)
            assert heard is None or heard.meaning != "opt_out", word
            known = command(normalise(word))
            assert known is None or service.catalogue.openers[known.meaning].flow == reply.flow, word


def test_the_way_out_is_what_a_customer_can_send(service: Service) -> None:
    for language in ("zh-CN", "en"):
        body = sampling.invented(service, shipped()["birthday", language])[0].body
        assert refusal_words(body) == {"TD"}


def test_a_customers_own_figures_are_refused_wherever_they_come_from(service: Service) -> None:
    template = replace(shipped()["repayment_reminder", "zh-CN"], body="{customer}，本期应还{ceiling}元。", replies=())
    said = write(service, template, Person(customer_id="C1"), {"ceiling": "5360"}, link="", way_out="")
    assert {reason.code for reason in said.verdict.refusals} == {"figures_unverified"}


def test_an_event_that_smuggles_words_in_is_judged_with_them(service: Service) -> None:
    template = shipped()["car_season", "zh-CN"]
    link = sampling.example_link(service)
    for gift, code in (("免息资格，点击领取", "forbidden_words"), ("保证通过审批", "over_promise")):
        said = write(service, template, Person(customer_id="C1"), {"gift": gift}, link=link, way_out="拒收请回复R")
        assert code in {reason.code for reason in said.verdict.refusals}
        assert code in CODES


def test_a_full_name_never_leaves(service: Service) -> None:
    template = replace(shipped()["birthday", "zh-CN"], body="{branch}，生日快乐，客服{hotline}。", replies=())
    person = Person(customer_id="C1", name="王建国", title="先生")
    said = write(service, template, person, {"branch": "王建国先生"}, link="", way_out="拒收请回复R")
    assert "personal_data" in {reason.code for reason in said.verdict.refusals}


def test_who_refuses_offers_gets_none(service: Service) -> None:
    person = Person(customer_id="C1", refused=frozenset({"commercial"}))
    said = write(service, shipped()["birthday", "zh-CN"], person, {}, link="", way_out="拒收请回复R")
    assert {reason.code for reason in said.verdict.refusals} == {"offer_refused"}
    reminder = write(service, shipped()["repayment_reminder", "zh-CN"], person, {}, link="", way_out="")
    assert reminder.verdict.allowed


def test_without_a_way_out_no_offer_passes(service: Service) -> None:
    said = write(service, shipped()["birthday", "zh-CN"], Person(customer_id="C1"), {}, link="", way_out="")
    assert {reason.code for reason in said.verdict.refusals} == {"no_refusal_wording"}


def test_a_text_with_a_link_and_none_made_never_leaves(service: Service) -> None:
    with pytest.raises(MissingValue) as missing:
        write(service, shipped()["settled", "zh-CN"], Person(customer_id="C1"), {}, link="", way_out="拒收请回复R")
    assert missing.value.placeholder == "link"


# fmt: off
ENDS = [
    ("详询95500。", "zh-CN", "详询95500。拒收请回复R"),
    ("详询95500", "zh-CN", "详询95500。拒收请回复R"),
    ("见 https://a.example.com/r/x", "zh-CN", "见 https://a.example.com/r/x 拒收请回复R"),
    ("Ring 95500.", "en", "Ring 95500. 拒收请回复R"),
    ("Ring 95500", "en", "Ring 95500. 拒收请回复R"),
    ("See https://a.example.com/r/x", "en", "See https://a.example.com/r/x 拒收请回复R"),
]
# fmt: on


@pytest.mark.parametrize(("words", "language", "said"), ENDS)
def test_the_way_out_is_parted_from_the_words(words: str, language: str, said: str) -> None:
    assert ended(words, "拒收请回复R", language) == said
    assert ended(words, "", language) == words


def test_no_text_of_the_library_borrows_from_the_articles() -> None:
    """Several sentences of the articles break the rules of this bank; these are the marks by which they are known."""
    borrowed = re.compile(r"最低|限时|免息|点击|领取|秒批|极速|立享|立即|马上|预授信|恭喜|尊享|最后机会")
    assert [one.key for one in shipped().values() if borrowed.search(one.words)] == []
