"""What went beside a text by other channels stands beside it on the page of the talk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.handlers.agent_acted import claim
from app.store import companions, tables
from app.store.companions import NewCompanion
from tests.console.conftest import SignedIn, text_of
from tests.handlers.talk import ANN
from tests.rig import Rig


@pytest.fixture
def called(desk: Rig) -> int:
    desk.customer(ANN)
    desk.say(ANN, "转人工")
    return int(desk.rows(tables.Ticket)[-1].id)


def add(desk: Rig, channel: str, message_id: int | None) -> int:
    now = desk.clock()
    new = NewCompanion(ANN, "C1", channel, "guide:draw", channel, "zh-CN", now, now + timedelta(hours=1), message_id)
    with desk.service.database.begin() as connection:
        return companions.add(connection, new, now)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "第二渠道：还没有送出"),
        ("sent", "第二渠道：已送达，客户还没有回应"),
        ("confirmed", "客户已在第二渠道确认"),
        ("declined", "客户在第二渠道回绝"),
        ("undeliverable", "第二渠道：没有确认（undeliverable）"),
    ],
)
def test_a_confirmation_stands_under_its_text(
    desk: Rig, called: int, signed_in: SignedIn, said: str, words: str
) -> None:
    text = desk.rows(tables.Message)[-1]
    row = add(desk, "second", text.id)
    with desk.service.database.begin() as connection:
        if said == "sent":
            companions.sent(connection, row, desk.clock())
        elif said:
            assert companions.answer(connection, "second", said, desk.clock()) == "noted"
    browser = signed_in()
    claim(desk.service, called, "小李")
    assert words in text_of(browser.get(f"/console/tickets/{called}"))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("sent", "图文指引邮件（用款）：已发出"),
        ("", "图文指引邮件（用款）：正在发送"),
        ("smtp_550", "图文指引邮件（用款）：没有发出，邮件服务器不接收（550）"),
        ("outcome_unknown", "图文指引邮件（用款）：不知道对方是否收下"),
    ],
)
def test_a_mail_is_a_line_of_its_own(desk: Rig, called: int, signed_in: SignedIn, reason: str, words: str) -> None:
    row = add(desk, "email", None)
    with desk.service.database.begin() as connection:
        if reason == "sent":
            companions.sent(connection, row, desk.clock())
        elif reason:
            companions.failed(connection, row, reason, desk.clock())
    browser = signed_in()
    claim(desk.service, called, "小李")
    assert words in text_of(browser.get(f"/console/tickets/{called}"))
