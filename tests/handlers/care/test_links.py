"""Short links: one for an occasion, leading nowhere but to the bank, followed by people, messengers and programs."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import OperationalError

from app.care.template import Template
from app.handlers.care.clicks import Clicks
from app.handlers.care.links import CODE, LASTS, LENGTH, LETTERS, BadTarget, Followed, check, follow, make
from app.handlers.care.visitors import reader_of
from app.store import links as store
from app.store import tables
from app.store.database import Database
from app.store.links import Seen
from tests.rig import Rig

PERSON = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2227A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 "
    "Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64"
)
TARGET = "https://bank.example.com/loan?from=sms"
OFFER = Template(key="offer", language="zh-CN", purpose="commercial", kind="product", target=TARGET)
BANK = frozenset({"bank.example.com"})


@dataclass(frozen=True)
class Constant:
    constant_links: bool = True


def made(rig: Rig, occasion_id: int = 1, template: Template = OFFER, **how: Any) -> str:
    with rig.service.database.begin() as connection:
        return make(rig.service, connection, occasion_id, template, rig.clock(), **how)


def code_of(url: str) -> str:
    return url.rpartition("/")[2]


def opened(rig: Rig, code: str, agent: str = PERSON, method: str = "GET", **headers: str) -> Followed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return follow(rig.service, code, {"User-Agent": agent, **named}, method)


def visits(rig: Rig) -> list[tuple[str, str]]:
    assert rig.service.clicks.drain(30)
    return [(row.kind, row.reader) for row in rig.rows(tables.Visit)]


def sent(rig: Rig, **more: Any) -> str:
    """The link of an occasion whose text the gateway has had for a minute."""
    now = rig.clock()
    message: dict[str, Any] = {
        "phone": "+8613800138000",
        "purpose": "commercial",
        "lane": 1,
        "template": "care.offer@0",
        "body": "x",
        "parts": 1,
        "state": "handed",
        "created_at": now,
        "due_at": now,
        "expires_at": now,
        "handed_at": now - timedelta(minutes=1),
        **more,
    }
    occasion = {
        "programme": "offer",
        "customer_id": "C1",
        "phone": "+8613800138000",
        "occasion": "2026-06-10",
        "template": "offer",
        "language": "en",
        "purpose": "commercial",
        "kind": "product",
        "state": "queued",
        "given": {},
        "menu": {},
        "due_at": now,
        "closes_at": now,
        "planned_at": now,
    }
    with rig.service.database.begin() as connection:
        message_id = connection.execute(insert(tables.Message).values(message)).inserted_primary_key[0]
        occasion["message_id"] = message_id
        occasion_id = connection.execute(insert(tables.Occasion).values(occasion)).inserted_primary_key[0]
        return code_of(make(rig.service, connection, occasion_id, OFFER, now))


# ---- making ---------------------------------------------------------------------------------------------


def test_a_code_holds_sixty_bits_and_can_be_typed() -> None:
    assert len(LETTERS) ** LENGTH > 2**60
    assert not set("0OIl") & set(LETTERS)


def test_one_occasion_has_one_link_however_often_it_is_asked_for(rig: Rig) -> None:
    first = made(rig)
    assert re.fullmatch(rf"https://bank\.example\.com/r/{CODE.pattern}", first)
    rig.clock.advance(days=1)
    assert made(rig) == first
    assert made(rig, 2) != first
    assert made(rig, 1, replace(OFFER, target="https://bank.example.com/other")) != first
    (row,) = [row for row in rig.rows(tables.Link) if row.code == code_of(first)]
    assert (row.target, row.occasion_id, row.template) == (TARGET, 1, "offer")
    assert row.expires_at == row.created_at + LASTS


def test_another_installation_has_other_codes(make_rig: Callable[..., Rig]) -> None:
    assert code_of(made(make_rig())) != code_of(made(make_rig(secret_key="another")))


def test_whoever_comes_upon_the_code_of_another_takes_the_next(rig: Rig) -> None:
    taken = code_of(made(rig))
    with rig.service.database.begin() as connection:
        connection.execute(update(tables.Link).values(occasion_id=99))
    other = made(rig)
    assert code_of(other) != taken and made(rig) == other


def test_a_route_without_links_of_ones_own_has_the_constant_one(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(link_url="https://s.bank.example/")
    constant = made(rig, 1, route=Constant())
    assert constant.startswith("https://s.bank.example/r/")
    assert made(rig, 2, route=Constant()) == constant != made(rig, 1, route=Constant(False))
    assert code_of(made(make_rig(secret_key="another"), 1, route=Constant())) == code_of(constant), "it is registered"
    (row,) = [row for row in rig.rows(tables.Link) if row.code == code_of(constant)]
    assert (row.occasion_id, row.template, row.expires_at) == (None, "offer", None)
    rig.clock.advance(days=400)
    assert opened(rig, code_of(constant)).target == TARGET


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("", "empty"),
        ("http://bank.example.com/", "begin with https"),
        ("//bank.example.com/", "begin with https"),
        ("javascript:alert(1)", "begin with https"),
        ("https://evil.example/", "not in LINK_DOMAINS"),
        ("https://bank.example.com.evil.example/", "not in LINK_DOMAINS"),
        ("https://evilbank.example.com/", "not in LINK_DOMAINS"),
        ("https://bank.example.com@evil.example/", "plain host"),
        ("https://user@bank.example.com/", "plain host"),
        ("https://bank.example.com:8443/", "plain host"),
        ("https://bank.example.com:no/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://bank.example.com\\@evil.example/", "backslash"),
        ("https://evil.example\\.bank.example.com/", "backslash"),
        ("https://bank.example.com/\r\nSet-Cookie: a=b", "space"),
        ("https://bank.example.com /", "space"),
        ("https://bänk.example.com/", "percent-encoded"),
        ("https:///bank.example.com/", "plain host"),
        ("https:bank.example.com/", "plain host"),
        ("https://bank.example.com./", "not in LINK_DOMAINS"),
    ],
)
def test_a_link_leads_to_the_bank_or_is_not_made(rig: Rig, target: str, why: str) -> None:
    with pytest.raises(BadTarget, match=why):
        made(rig, 1, replace(OFFER, target=target))
    assert rig.rows(tables.Link) == []


@pytest.mark.parametrize("target", ["https://bank.example.com", "https://m.bank.example.com:443/a?b=c#d"])
def test_the_bank_and_what_is_below_it_are_the_bank(target: str) -> None:
    check(target, BANK)


@given(st.text("abc.:/@\\?#%&=;bank.example.com\t\n \x00０。", max_size=40))
def test_no_target_that_passes_leads_elsewhere(rest: str) -> None:
    """Whatever passes begins with the bank's own name, and nothing after it can change that."""
    target = f"https://{rest}"
    try:
        check(target, BANK)
    except BadTarget:
        return
    assert re.match(r"https://(?:[a-z0-9.-]+\.)?bank\.example\.com(?::443?|:)?(?:[/?#]|$)", target), target


# ---- following ------------------------------------------------------------------------------------------


def test_a_person_is_led_on_and_the_visit_is_kept(rig: Rig) -> None:
    code = sent(rig)
    assert opened(rig, code) == Followed(TARGET, "person", "", "en")
    assert visits(rig) == [("person", "Mobile Safari")]
    (link,) = rig.rows(tables.Link)
    assert link.followed_at == rig.clock()
    first = rig.clock()
    rig.clock.advance(minutes=5)
    opened(rig, code)
    assert visits(rig) == [("person", "Mobile Safari")] * 2
    assert rig.rows(tables.Link)[0].followed_at == first


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (PERSON, "person"),
        (WECHAT, "person"),
        (
            "Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
            "person",
        ),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36", "person"),
        ("WhatsApp/2.23.20.0 A", "preview"),
        ("TelegramBot (like TwitterBot)", "preview"),
        (
            "Mozilla/5.0 (Macintosh) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "preview",
        ),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview"),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", "preview"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        ("Mozilla/5.0 (Linux; Android 5.0) (compatible; Bytespider; spider-feedback@bytedance.com)", "bot"),
        ("curl/8.0", "bot"),
        ("python-requests/2.31", "bot"),
        ("okhttp/4.9.0", "bot"),
        ("", "bot"),
    ],
)
def test_people_and_programs_are_told_apart(rig: Rig, agent: str, kind: str) -> None:
    code = sent(rig)
    assert opened(rig, code, agent) == Followed(TARGET, kind, "", "en"), "all of them are led on"
    assert [what for what, _ in visits(rig)] == [kind]
    assert (rig.rows(tables.Link)[0].followed_at is None) == (kind != "person")


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"Sec_Purpose": "prefetch;prerender"}),
        ("GET", {"X_Moz": "prefetch"}),
        ("GET", {"X_Purpose": "preview"}),
    ],
)
def test_what_nobody_looks_at_yet_is_no_person(rig: Rig, method: str, headers: dict[str, str]) -> None:
    assert opened(rig, sent(rig), method=method, **headers).kind == "preview"
    assert visits(rig)[0][0] == "preview" and rig.rows(tables.Link)[0].followed_at is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ({"state": "queued", "handed_at": None}, "bot"),
        ({"state": "sending", "handed_at": None}, "bot"),
        ({"state": "unsettled", "handed_at": None}, "person"),
        ({"state": "handed"}, "person"),
    ],
)
def test_who_opens_a_text_before_it_left_read_it_on_the_way(rig: Rig, text: dict[str, Any], kind: str) -> None:
    assert opened(rig, sent(rig, **text)).kind == kind


def test_who_is_quicker_than_a_thumb_is_a_scanner_and_the_person_comes_later(rig: Rig) -> None:
    code = sent(rig, handed_at=rig.clock())
    rig.clock.advance(seconds=1)
    assert opened(rig, code).kind == "bot"
    rig.clock.advance(seconds=1)
    assert opened(rig, code).kind == "person", "what the first one found is not believed for a minute"


def test_a_link_ends_after_thirty_days_also_while_it_is_remembered(rig: Rig) -> None:
    code = sent(rig)
    rig.clock.advance(days=29, hours=23, minutes=59, seconds=59)
    assert opened(rig, code).target == TARGET
    rig.clock.advance(seconds=1)
    assert opened(rig, code) == Followed(None, "person", "over", "en")
    assert [kind for kind, _ in visits(rig)] == ["person", "expired"]


def test_a_domain_taken_off_the_list_is_led_to_no_more(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(link_domains="partner.example")
    code = code_of(made(rig, 1, replace(OFFER, target="https://shop.partner.example/")))
    assert opened(rig, code).target
    rig.service = replace(rig.service, link_domains=frozenset())
    assert opened(rig, code).why == "over"
    with pytest.raises(BadTarget):
        made(rig, 2, replace(OFFER, target="https://shop.partner.example/"))


@pytest.mark.parametrize("target", ["http://bank.example.com/", "https://evil.example/", "javascript:alert(1)", ""])
def test_whatever_is_in_the_row_nobody_is_led_elsewhere(rig: Rig, target: str) -> None:
    code = sent(rig)
    with rig.service.database.begin() as connection:
        connection.execute(update(tables.Link).values(target=target))
    assert opened(rig, code) == Followed(None, "person", "over", "en")


@pytest.mark.parametrize("code", ["", "1" * 11, "1" * 10, "1" * 12, "0" * 11, "../../etc", "é" * 11, "1" * 10 + "\n"])
def test_a_code_that_nobody_made_is_unknown_and_leaves_nothing(rig: Rig, code: str) -> None:
    assert opened(rig, code).why == "unknown"
    assert visits(rig) == []


# ---- without a database ---------------------------------------------------------------------------------


class Broken:
    """A database that is away until it is not."""

    def __init__(self, beneath: Database) -> None:
        self.beneath, self.away, self.asked = beneath, True, 0

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        self.asked += 1
        if self.away:
            raise OperationalError("connect", None, Exception("away"))
        with self.beneath.begin() as connection:
            yield connection

    def close(self) -> None:
        self.beneath.close()


def test_a_link_that_was_opened_lately_leads_on_without_a_database(rig: Rig) -> None:
    code, other = sent(rig), code_of(made(rig, 77))
    opened(rig, code)
    assert visits(rig) == [("person", "Mobile Safari")]
    broken = Broken(rig.service.database)
    rig.service = replace(rig.service, database=broken)  # type: ignore[arg-type]
    assert opened(rig, code).target == TARGET
    assert opened(rig, other) == Followed(None, "person", "away")
    asked = broken.asked
    assert {opened(rig, other).why for _ in range(50)} == {"away"}
    assert broken.asked <= asked + 5, "a database that is away is not asked by everybody"
    assert rig.service.clicks.waiting == 1
    broken.away = False
    assert visits(rig) == [("person", "Mobile Safari")] * 2, "what could not be written is written when it is back"


def test_when_too_many_wait_a_visit_is_lost_and_nobody_is_kept(rig: Rig) -> None:
    code = sent(rig)
    opened(rig, code)
    visits(rig)
    held, writing = threading.Event(), threading.Event()

    class Slow:
        def begin(self) -> Any:
            writing.set()
            assert held.wait(60)
            return rig.service.database.begin()

    clicks = Clicks(most_waiting=3)
    slow: Any = Slow()
    one = Seen(code, rig.clock(), "person", "")
    assert clicks.note(slow, one, PERSON)
    assert writing.wait(60), "it is taken out of the queue"
    assert [clicks.note(slow, one, PERSON) for _ in range(6)] == [True] * 3 + [False] * 3
    held.set()
    assert clicks.drain(30)
    assert len(rig.rows(tables.Visit)) == 1 + 1 + 3


def test_visits_of_a_batch_leave_the_first_persons_moment(rig: Rig) -> None:
    code, now = sent(rig), rig.clock()
    moments = [("bot", 0), ("person", 2), ("person", 1), ("preview", 3)]
    with rig.service.database.begin() as connection:
        store.note(connection, [Seen(code, now + timedelta(seconds=after), kind, "") for kind, after in moments])
    assert rig.rows(tables.Link)[0].followed_at == now + timedelta(seconds=1)


def test_a_reader_is_told_by_family() -> None:
    assert reader_of(WECHAT) == "Chrome Mobile WebView"
    assert reader_of("WhatsApp/2.23") == "WhatsApp"
    assert reader_of("") == ""
