"""Texts and posts that are made to break something: each gets an answer, none is in the way of the next one."""

from __future__ import annotations

import time
from urllib.parse import quote_plus

import pytest
from sqlalchemy import event, update

from app.flows.code_place import CODE
from app.flows.reading import Hearing, read
from app.flows.reading.language import language_of
from app.flows.reading.masking import mask
from app.flows.reading.mood import mood_of
from app.gateways.parts import measure
from app.rules.refusal_words import refusal_words
from app.store import tables
from tests.bad_days.house import phone
from tests.clock import START
from tests.gateways.harness import TOKEN
from tests.web.line import BASE, FORM, INBOUND, Line

LENGTH = 3_000
SECONDS = 5.0
"""Of the processor, for what takes milliseconds; a reader that goes wrong with the square of the length takes hours."""
REPEATED = [
    *("1", "0 ", "9-", "12,", "1.", "A1", "+86", "138 ", "6222 ", "6222-", "一百", "二十", "万", "亿零", "再", "过1"),
    *("退", "退订", "TD ", "不要", "no ", "don't ", "stop", "unsub", "下午3点", "周三", "10:00-", "号", "月", "到"),
    *("and ", "next ", "by ", "pm ", "noon", "密码", "验证码1", "pin 1", "http://a", "www.", "a@b.", "【", "】", "（"),
    *("\u200b", "e\u0301", "👨‍👩‍👧", "﷽", "①", "٣", "𝟏", "Ａ", "\n", " ", "\u3000", "?", "…", "'", "%", CODE),
]


@pytest.mark.parametrize("piece", REPEATED, ids=ascii)
def test_no_text_makes_the_reader_explode(piece: str) -> None:
    began = time.process_time()
    for tail in ("", "x1"):
        text = (piece * LENGTH)[:LENGTH] + tail
        masked = mask(text).text
        for expects in ("nothing", "when"):
            read(masked, Hearing(START, expects=expects))
        language_of(text)
        mood_of(text)
        refusal_words(text)
        measure(text)
    assert time.process_time() - began < SECONDS


BODIES = {
    "nul": "怎么\0还钱",
    "nothing but nul": "\0\0\0",
    "lone surrogate": "怎么\ud800还钱",
    "100 kB": "怎么还钱" * 6_000,
    "directions": "\u202e怎么还钱\u202c",
    "emoji": "👩🏽‍🚀" * 200,
    "placeholders": "{customer} {hotline} %s %(x)s {0} {__class__}" + CODE,
    "markup": "<script>alert(1)</script>'; DROP TABLE inbound; --",
    "empty": "",
}


@pytest.mark.postgres
@pytest.mark.parametrize("name", BODIES)
def test_every_body_is_kept_and_the_next_text_is_answered(line: Line, name: str) -> None:
    body = BODIES[name].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert line.text(body).status_code == 200
    line.pump()
    assert [row.state for row in line.rows(tables.Inbound)] == ["taken"]
    assert len(line.say("帮助")) == 1


@pytest.mark.postgres
def test_posts_that_no_gateway_sends_are_refused_and_harm_nothing(line: Line) -> None:
    before = line.state()
    posts = {
        "10 MB": b"Body=" + b"x" * 10_000_000,
        "thousands of parameters": "&".join(f"p{n}={n}" for n in range(20_000)).encode(),
        "malformed percents": b"Body=%&From=%zz&%=%%%&MessageSid=%e4%b8",
        "not unicode": b"Body=\xff\xfe\xd8&From=" + quote_plus("+8613800138000").encode(),
        "no equals": b"&&&&;;;;",
    }
    for name, sent in posts.items():
        answer = line.send(INBOUND, sent, {"X-Twilio-Signature": "x"}, FORM)
        assert 400 <= answer.status_code < 500, name
        assert "Traceback" not in answer.text
    answer = line.send(INBOUND, b"--x\r\n" * 5_000, {"X-Twilio-Signature": "x"}, "multipart/form-data; boundary=x")
    assert 400 <= answer.status_code < 500
    assert line.state() == before
    assert len(line.say("帮助")) == 1


@pytest.mark.postgres
def test_a_genuine_text_with_a_thousand_parameters_is_taken(line: Line) -> None:
    more = {f"Extra{number}": str(number) for number in range(1_000)}
    assert line.post(line.form("帮助", **more), secret=TOKEN, signed_url=BASE + INBOUND).status_code == 200
    line.pump()
    assert len(line.twilio.requests) == 1


@pytest.mark.postgres
def test_a_turn_that_always_raises_is_tried_three_times_and_then_a_persons(line: Line) -> None:
    """A row that no code can read any more: its texts go to people with the reason, other numbers feel nothing."""
    ann, ben = phone(1), phone(2)
    line.say("帮助", From=ann)
    with line.service.database.begin() as connection:
        connection.execute(update(tables.Conversation).values(memory={"guard": "broken"}))
    tried = 0

    def count(_: object, __: object, sql: str, *___: object) -> None:
        nonlocal tried
        tried += "FROM conversations" in sql

    event.listen(line.service.database.engine, "before_cursor_execute", count)
    assert line.text("怎么还钱", From=ann).status_code == 200
    for _ in range(20):
        assert len(line.say("帮助", From=ben, Body=f"帮助 {_}")) <= 1
        line.clock.advance(seconds=5)
    states = {row.phone: row.state for row in line.rows(tables.Inbound)}
    assert states == {ann: "failed", ben: "taken"}
    flags = [(row.topic, row.reason) for row in line.rows(tables.Ticket) if row.phone == ann]
    assert [topic for topic, _ in flags] == ["failed_text"]
    assert flags[0][1]
    assert tried < 100
