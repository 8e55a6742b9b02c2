"""`GET /r/<code>` as phones meet it."""

from __future__ import annotations

import io
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from prometheus_client import REGISTRY
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app import create_app
from app.care.template import Template
from app.handlers.care.clicks import Clicks
from app.handlers.care.links import make
from app.store import tables
from app.web.links.words import LANGUAGES, words
from tests.rig import Rig
from tests.servers.service import Service, answers

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"
TARGET = "https://bank.example.com/loan?from=sms"
OFFER = Template(key="offer", language="zh-CN", purpose="commercial", kind="product", target=TARGET)


def link(rig: Rig) -> str:
    """The path of a new link."""
    with rig.service.database.begin() as connection:
        return "/r/" + make(rig.service, connection, 1, OFFER, rig.clock()).rpartition("/")[2]


def ask(rig: Rig, path: str, method: str = "GET", agent: str = PHONE, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return rig.web.open(path, method=method, headers={"User-Agent": agent, **named})


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def kinds(rig: Rig) -> list[str]:
    assert rig.service.clicks.drain(30)
    return [row.kind for row in rig.rows(tables.Visit)]


def test_a_link_leads_on_and_tells_nobody_whose_it_was(rig: Rig) -> None:
    answer = ask(rig, link(rig))
    assert (answer.status_code, answer.headers["Location"], answer.data) == (302, TARGET, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert kinds(rig) == ["person"]


def test_head_is_answered_and_is_no_person(rig: Rig) -> None:
    answer = ask(rig, link(rig), "HEAD")
    assert (answer.status_code, answer.headers["Location"]) == (302, TARGET)
    assert kinds(rig) == ["preview"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_else_can_be_done_with_a_link(rig: Rig, method: str) -> None:
    assert ask(rig, link(rig), method).status_code == 405
    assert kinds(rig) == []


@pytest.mark.parametrize("end", ["。", "，", ")", "/", "】", "%20", "%00", "”。"])
def test_what_ends_the_sentence_is_no_part_of_the_link(rig: Rig, end: str) -> None:
    assert ask(rig, link(rig) + end).headers["Location"] == TARGET


@pytest.mark.parametrize(
    "path", ["/r/", "/r/11111111111", "/r/1", "/r/%2e%2e/%2e%2e/etc", "/r/%ff%fe", "/r/" + "1" * 3000]
)
def test_a_link_that_nobody_made_is_a_page_that_says_so(rig: Rig, path: str) -> None:
    answer = ask(rig, path)
    assert answer.status_code == 404
    assert "没有这个链接" in answer.text and 'href="tel:95500"' in answer.text and "示例银行" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "said"),
    [("en-GB,en;q=0.9", "No such link"), ("fr", "没有这个链接"), ("", "没有这个链接"), ("zh-TW", "没有这个链接")],
)
def test_who_is_not_known_reads_the_language_of_the_phone(rig: Rig, asked: str, said: str) -> None:
    assert said in ask(rig, "/r/11111111111", Accept_Language=asked).text


def test_an_expired_link_says_so(rig: Rig) -> None:
    path = link(rig)
    rig.clock.advance(days=30)
    answer = ask(rig, path)
    assert answer.status_code == 410
    assert "已过期" in answer.text and "95500" in answer.text and TARGET not in answer.text
    assert kinds(rig) == ["expired"]


def test_every_page_has_its_words_in_every_language() -> None:
    assert set(words()) == set(LANGUAGES)
    assert len({tuple((page, tuple(told)) for page, told in words()[one].items()) for one in LANGUAGES}) == 1


class Switched:
    """A database that can be away, or hang."""

    def __init__(self, rig: Rig) -> None:
        self.beneath = rig.service.database
        self.away = False
        self.hangs = threading.Event()
        self.hangs.set()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        if self.away:
            raise OperationalError("connect", None, Exception("away"))
        assert self.hangs.wait(60)
        with self.beneath.begin() as connection:
            yield connection

    def close(self) -> None:
        self.beneath.close()


def switched(rig: Rig) -> Switched:
    """The same application on a database with a switch."""
    database: Any = Switched(rig)
    rig.service = replace(rig.service, database=database, clicks=Clicks(most_waiting=2))
    rig.app = create_app(rig.settings, rig.service)
    rig.web = rig.app.test_client()
    return database  # type: ignore[no-any-return]


def test_without_a_database_what_is_known_leads_on_and_the_rest_is_told_to_wait(rig: Rig) -> None:
    known, other = link(rig), "/r/22222222222"
    database = switched(rig)
    assert ask(rig, known).status_code == 302
    assert rig.service.clicks.drain(30)
    database.away = True
    assert ask(rig, known).headers["Location"] == TARGET
    answer = ask(rig, other)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "请稍后再试" in answer.text and "95500" in answer.text and "Error" not in answer.text
    database.away = False
    assert kinds(rig) == ["person", "person"]


def test_nobody_waits_until_a_visit_is_written(rig: Rig) -> None:
    """The writer hangs in the database for as long as the test; every redirect comes meanwhile."""
    path = link(rig)
    database = switched(rig)
    ask(rig, path)
    assert rig.service.clicks.drain(30)
    lost = counted("huifu_link_visits_lost_total")
    database.hangs.clear()
    assert {ask(rig, path).headers.get("Location") for _ in range(20)} == {TARGET}
    gone = counted("huifu_link_visits_lost_total") - lost
    assert gone >= 16, "two wait, two at most are being written, and the rest is counted"
    database.hangs.set()
    assert len(kinds(rig)) == 21 - gone


def test_visits_are_counted_by_kind(rig: Rig) -> None:
    path = link(rig)
    before = {kind: counted("huifu_link_visits_total", kind=kind) for kind in ("person", "bot", "unknown")}
    ask(rig, path)
    ask(rig, path, agent="curl/8.0")
    ask(rig, "/r/33333333333")
    assert {kind: counted("huifu_link_visits_total", kind=kind) - was for kind, was in before.items()} == {
        "person": 1,
        "bot": 1,
        "unknown": 1,
    }


def test_who_guesses_is_stopped_and_others_are_not(rig: Rig) -> None:
    path = link(rig)
    told = [ask(rig, f"/r/{number:011}".replace("0", "z")).status_code for number in range(40)]
    assert told == [404] * 30 + [429] * 10
    assert ask(rig, path).status_code == 429
    assert (
        rig.web.get(path, environ_base={"REMOTE_ADDR": "203.0.113.7"}, headers={"User-Agent": PHONE}).status_code == 302
    )


def test_no_log_names_a_code_a_target_or_a_reader(rig: Rig) -> None:
    path = link(rig)
    with redirect_stderr(io.StringIO()) as said:
        database = switched(rig)
        ask(rig, path)
        database.away = True
        ask(rig, "/r/44444444444")
        ask(rig, path)
        database.away = False
        kinds(rig)
    assert "link_not_looked_up" in said.getvalue()
    for secret in (path.removeprefix("/r/"), "44444444444", "bank.example.com/loan", "iPhone"):
        assert secret not in said.getvalue()


def test_what_was_opened_just_before_the_end_is_written(start_service: Callable[..., Service]) -> None:
    """The whole service: SIGTERM comes while visits wait for a database that somebody else holds."""
    service = start_service()
    now = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(service.folder / "huifu.db", timeout=60, isolation_level=None)) as held:
        held.execute(
            "INSERT INTO links (code, target, template, created_at, expires_at) VALUES (?, ?, '', ?, ?)",
            ("55555555555", TARGET, now.isoformat(" "), (now + timedelta(days=1)).isoformat(" ")),
        )
        opened(service)
        held.execute("BEGIN IMMEDIATE")
        for _ in range(4):
            opened(service)
        ending = threading.Thread(target=service.stop)
        ending.start()
        deadline = time.monotonic() + 60
        while answers(f"{service.url}/health/live"):
            assert time.monotonic() < deadline
        held.execute("ROLLBACK")
        ending.join()
        assert held.execute("SELECT kind FROM visits").fetchall() == [("person",)] * 5
    assert "55555555555" not in service.log


def opened(service: Service) -> None:
    with requests.Session() as people:
        people.trust_env = False
        url, phone = f"{service.url}/r/55555555555", {"User-Agent": PHONE}
        assert people.get(url, headers=phone, allow_redirects=False, timeout=60).headers["Location"] == TARGET
