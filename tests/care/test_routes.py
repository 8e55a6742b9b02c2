"""What routes demand: their wording of refusal passes the gate and is heard as one, and bad data names its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.care.library import shipped
from app.care.routes import ROUTES, BadRoute, Route, read, route_of
from app.config import BadSettings, load_settings
from app.flows.reading import SURE, Hearing
from app.flows.reading import read as heard
from app.gateways import catalogue
from app.handlers.care.words import ended
from app.rules.gate import Draft, judge
from app.rules.refusal_words import refusal_words

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
WORDINGS = [(route.name, language) for route in ROUTES.values() for language in route.way_out]
WORDS = {"zh-CN": "近来可好，客服95500。", "en": "How are you? Ring 95500."}
TOLD = {
    "拒收请回复TD": "TD",
    "拒收请回复R": "R",
    "回T退订": "T",
    "Reply TD to opt out": "TD",
    "Reply T to opt out": "T",
    "Reply STOP to opt out": "STOP",
}


@pytest.mark.parametrize(("name", "language"), WORDINGS)
def test_the_word_that_is_told_is_heard_as_a_refusal(name: str, language: str) -> None:
    way_out = ROUTES[name].leaves_with("commercial", language)
    body = ended(WORDS[language], way_out, language)
    hearing = Hearing(NOW, language, refusal_words=refusal_words(body))
    for said in (TOLD[way_out], TOLD[way_out].lower(), f" {TOLD[way_out]}。"):
        reading = heard(said, hearing)
        assert reading.meaning == "opt_out"
        assert reading.score >= SURE


@pytest.mark.parametrize(("name", "language"), WORDINGS)
def test_the_gate_takes_it_for_a_way_out(name: str, language: str) -> None:
    def codes(words: str) -> set[str]:
        draft = Draft(words=words, language=language, purpose="commercial", count_parts=lambda _: 1, hotline="95500")
        return {reason.code for reason in judge(draft).reasons}

    assert "no_refusal_wording" in codes(WORDS[language])
    assert codes(ended(WORDS[language], ROUTES[name].way_out[language], language)) == set()


def test_a_text_that_is_no_offer_has_no_way_out() -> None:
    assert ROUTES["cmpp"].leaves_with("service", "zh-CN") == ""
    assert ROUTES["cmpp"].leaves_with("reminder", "en") == ""


def test_every_gateway_has_a_route() -> None:
    assert set(catalogue.CATALOGUE) <= set(ROUTES)


def test_the_gateway_chooses_unless_a_route_is_named() -> None:
    assert route_of("twilio", load_settings({})).name == "twilio"
    assert route_of("simulator", load_settings({"route": "cmpp"})).name == "cmpp"


def test_ids_of_templates_belong_to_a_version_and_a_language() -> None:
    route = route_of("aggregator", load_settings({"route_templates": "settled@2/zh-CN=SMS_1, settled@2/en=x:7"}))
    assert route.templates == {("settled", 2, "zh-CN"): "SMS_1", ("settled", 2, "en"): "x:7"}
    assert route.why_not("+8613800000001", "commercial", ("settled", 2, "zh-CN")) == ""
    assert "settled@3/zh-CN" in route.why_not("+8613800000001", "commercial", ("settled", 3, "zh-CN"))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"route": "carrier"}, "ROUTE 'carrier' is not known; use one of simulator, twilio"),
        ({"route_templates": "settled=SMS_1"}, "ROUTE_TEMPLATES has 'settled=SMS_1'; write birthday_offer@2/zh-CN"),
        ({"route_templates": "a@1/en=1,,b"}, "ROUTE_TEMPLATES has 'b'"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_says_what_to_write(settings: dict[str, str], says: str) -> None:
    with pytest.raises(BadSettings) as bad:
        load_settings(settings)
    assert says in str(bad.value)


@pytest.mark.parametrize(
    ("change", "phone", "purpose", "language", "says"),
    [
        ({"carries": frozenset({"service"})}, "+8613800000001", "commercial", "zh-CN", "no commercial texts"),
        ({"closed_to": ("+86",)}, "+8613800000001", "service", "zh-CN", "to such numbers"),
        ({"way_out": {"zh-CN": "拒收请回复R"}}, "+12125550123", "commercial", "en", "wording of refusal in en"),
        ({"most_parts": 1}, "+8613800000001", "service", "zh-CN", "at most 1 parts"),
        ({"most_chars": 5}, "+8613800000001", "service", "zh-CN", "5 characters"),
    ],
)
def test_what_a_route_does_not_carry(
    change: dict[str, object], phone: str, purpose: str, language: str, says: str
) -> None:
    route: Route = replace(ROUTES["simulator"], **change)  # type: ignore[arg-type]
    assert says in route.why_not(phone, purpose, ("a", 0, language), "123456", 2)  # type: ignore[arg-type]
    assert ROUTES["simulator"].why_not(phone, purpose, ("a", 0, language), "123456", 2) == ""  # type: ignore[arg-type]


def test_an_offer_in_a_language_without_wording_stays_and_a_service_text_goes() -> None:
    route = ROUTES["aggregator"]
    route = replace(route, template_only=False, way_out={"zh-CN": "回T退订"})
    assert route.why_not("+12125550123", "commercial", ("a", 0, "en"))
    assert route.why_not("+12125550123", "service", ("a", 0, "en")) == ""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_shipped_offer_has_its_words_on_a_route_that_carries_offers(language: str) -> None:
    carrying = [route for route in ROUTES.values() if "commercial" in route.carries]
    assert [route.name for route in carrying] == ["simulator", "twilio", "cmpp", "aggregator"]
    assert any(text.purpose == "commercial" and text.language == language for text in shipped().values())
    assert all(route.leaves_with("commercial", language) for route in carrying)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("[a]\ncarries = []\nspeed = 3\n[a.way_out]", "[a]: speed is not a field of a route"),
        ("[a]\ncarries = []", "[a]: way_out is missing"),
        ("[a", "a.toml: "),
    ],
)
def test_a_wrong_file_names_its_place(tmp_path: Path, words: str, says: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(words, encoding="utf-8")
    with pytest.raises(BadRoute) as bad:
        read(file)
    assert says in str(bad.value)
