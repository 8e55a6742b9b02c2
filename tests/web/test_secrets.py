"""What must never be found again (card numbers, passwords, one-time codes), and what no log may tell (law 11)."""

from __future__ import annotations

import io
import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, redirect_stderr
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import structlog
from sqlalchemy import event, insert, text

from app.flows.reading.masking import luhn
from app.gateways.port import InboundText
from app.handlers.text_arrived import receive
from app.store import tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.gateways.harness import BANK, CUSTOMER
from tests.gateways.stand_in import TwilioStandIn
from tests.web.line import Line

CARD = "6222021234567890128"
NAME = "王建国"


def bound(line: Line) -> None:
    with line.service.database.begin() as connection:
        connection.execute(
            insert(tables.Customer).values(
                customer_id="C1",
                name=NAME,
                title="先生",
                card_last4="8000",
                credit_limit=Decimal("50000"),
                available_limit=Decimal("43210"),
                limit_expires_on=date(2027, 3, 31),
            )
        )
        connection.execute(
            insert(tables.PhoneBinding).values(
                phone=CUSTOMER, customer_id="C1", bound_at=line.clock(), ended_because=""
            )
        )


def on_disk(line: Line) -> bytes:
    """Every byte that the database has on the disk, also those of rows that are gone."""
    name = line.service.database.url.database
    assert name
    return b"".join(path.read_bytes() for path in sorted(Path(name).parent.glob(Path(name).name + "*")))


def code_in(words: str) -> str:
    found = re.search(r"(?<!\d)\d{6}(?!\d)", words)
    assert found, words
    return found[0]


# Cards and passwords.

SECRETS = {
    "card": (f"我的卡号是{CARD}", CARD, "我的卡号是****0128"),
    "card in groups": ("卡号 6222 0212 3456 7890 128", "6222 0212 3456", "卡号 ****0128"),
    "card in full width": ("６２２２０２１２３４５６７８９０１２８", "６２２２０２１２", "****0128"),
    "card under zero width": ("6222\u200b0212\u200b3456\u200b7890\u200b128", "6222\u200b0212", "****0128"),
    "password": ("密码是 abc123 帮我查", "abc123", "密码是 ****"),
    "english password": ("my password: hunter22", "hunter22", "my password: ****"),
    "pin": ("PIN 483920", "483920", "PIN ****"),
    "identity number": ("11010519491231002X", "19491231002", "****"),
}


@pytest.mark.parametrize(("body", "secret", "kept"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_stored_nowhere(line: Line, body: str, secret: str, kept: str) -> None:
    assert luhn(CARD)
    line.say(body, FromCity=body, NewParameter=[body, f"x {body} y"])
    (row,) = line.rows(tables.Inbound)
    assert row.body.startswith(kept)
    assert secret not in str(row.raw)
    assert secret.encode() not in on_disk(line)
    for request in line.twilio.requests:
        assert secret not in request["Body"][0]


def test_the_customer_hears_not_to_send_such_things(line: Line) -> None:
    (words,) = line.say(f"我的卡号是{CARD}密码是123456")
    assert "密码" in words
    assert "0128" not in words


def test_a_refusal_beside_a_card_number_takes_effect(line: Line) -> None:
    line.say(f"{CARD} 退订")
    assert [row.scope for row in line.rows(tables.Consent)] == ["commercial"]


@pytest.mark.parametrize("body", [f"卡号{CARD}有问题", "密码 abc123"])
def test_a_text_that_nobody_answers_is_masked_as_well(line: Line, body: str) -> None:
    line.text(body, From="95588")
    assert re.search(rf"{CARD}|abc123".encode(), on_disk(line)) is None


def test_numbers_and_ids_are_no_card_numbers(line: Line) -> None:
    """One number in ten with 86 in front passes the check of a card number, and so do the digits of some ids."""
    phone, sid = "+8613856559648", "SM" + "ab" * 6 + CARD + "c"
    assert luhn(phone[1:])
    line.text(f"打给{phone}", From=phone, MessageSid=sid, SmsSid=sid)
    (row,) = line.rows(tables.Inbound)
    assert (row.body, row.phone, row.raw["From"], row.gateway_id) == (f"打给{phone}", phone, [phone], sid)
    assert row.raw["MessageSid"] == row.raw["SmsSid"] == [sid]


# One-time codes.


@pytest.mark.parametrize(
    "written",
    ["{}", " {} ", "验证码是{}", "{}。", "code {}", "{}谢谢"],
)
def test_a_code_is_found_nowhere_after_its_turn(line: Line, written: str) -> None:
    bound(line)
    (asking,) = line.say("ED")
    code = code_in(asking)
    assert code.encode() not in on_disk(line)  # it went out, and stands in no row
    figure = line.say(written.format(code), NewParameter=written.format(code))
    assert any("43,210.00" in words for words in figure)
    assert code.encode() not in on_disk(line)
    inbound = line.rows(tables.Inbound)[-1]
    assert "••••••" in inbound.body
    assert inbound.raw["From"] == [CUSTOMER]


def test_a_code_in_full_width_is_found_nowhere(line: Line) -> None:
    bound(line)
    (asking,) = line.say("ED")
    wide = code_in(asking).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    figure = line.say(wide)
    assert any("43,210.00" in words for words in figure)
    assert wide.encode() not in on_disk(line)


def test_a_wrong_code_is_found_nowhere_either(line: Line) -> None:
    """It may be the right one of another bank, or two digits away from ours."""
    bound(line)
    line.say("ED")
    for wrong in ("918273", "918274", "918275"):
        line.say(wrong)
        line.say("1")
        assert wrong.encode() not in on_disk(line)


def test_a_code_that_comes_when_nobody_asked_is_found_nowhere(line: Line) -> None:
    line.say("918273")
    line.say("您的验证码是 837465，请勿告诉他人")
    assert re.search(b"918273|837465", on_disk(line)) is None


def test_a_code_whose_turn_came_later_is_found_nowhere(line: Line) -> None:
    """It had to wait in a row; after its turn it is gone from every row, and from the file after a checkpoint."""
    bound(line)
    code = code_in(line.say("ED")[0])
    with _broken_trace(line):
        assert line.text(code).status_code == 200
    assert line.rows(tables.Inbound)[-1].state == "waiting"
    line.pump()
    assert line.rows(tables.Inbound)[-1].state == "taken"
    assert code not in str(line.state())
    with closing(sqlite3.connect(str(line.service.database.url.database))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert code.encode() not in on_disk(line)


# Logs and metrics.


@pytest.fixture
def told(tmp_path: Path, clock: Clock, twilio: TwilioStandIn, caplog: pytest.LogCaptureFixture) -> Iterator[Line]:
    """A line of which every word that is logged, by us or by a library, ends in `line.log`."""
    url = f"sqlite:///{tmp_path / 'line.db'}"
    upgrade(url)
    caplog.set_level(logging.DEBUG)
    stream = io.StringIO()
    with redirect_stderr(stream):
        line = Line(url, clock, twilio)
    line.log = lambda: stream.getvalue() + caplog.text  # type: ignore[attr-defined]
    yield line
    line.service.database.close()
    structlog.reset_defaults()


class _broken_trace:
    """Within it no turn can write its trace, so that every turn fails at its end."""

    def __init__(self, line: Line) -> None:
        self.engine = line.service.database.engine

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._refuse)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._refuse)

    @staticmethod
    def _refuse(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("INSERT INTO trace"):
            raise RuntimeError(f"no trace today: {statement} {parameters}")


def test_logs_and_metrics_of_a_busy_hour_name_nobody(told: Line) -> None:
    line = told
    bound(line)
    code = code_in(line.say("ED")[0])
    said = ["我还有多少额度", "王建国要投诉你们", f"卡号{CARD}密码 abc123", "明天下午给我打电话", "1", "退订"]
    line.say(code)
    for body in said:
        line.say(body)
    with _broken_trace(line):
        line.text("这句话会出错")
        for _ in range(4):
            line.clock.advance(seconds=10)
            line.pump()
    line.pump()
    for answer in [(400, 21211), (400, 20003), (429, 20429), 500, "hangup", "junk", (400, 21610)]:
        line.twilio.next_answers.append(answer)  # type: ignore[arg-type]
        line.say(f"还款 {answer}")
    for message in line.twilio.messages:
        line.status(message["sid"], "undelivered", code="30004")
    line.post(line.form("没有签名的话"), secret="another")
    line.post(line.form("没有编号的话", MessageSid="", SmsSid="", SmsMessageSid=""))
    receive(line.service, InboundText("X", CUSTOMER, BANK, "直接来的话"))
    for _ in range(8):
        line.clock.advance(minutes=1)
        line.pump()
    with line.service.database.begin() as connection:
        connection.execute(text("ALTER TABLE inbound RENAME TO elsewhere"))
    assert line.text("存不下来的话").status_code == 503
    assert line.status("SM1", "sent").status_code == 200
    metrics = line.web.get("/metrics").text
    log = line.log()  # type: ignore[attr-defined]

    for event_name in (
        "turn_failed",
        "turn_failed_again",
        "gateway_refuses_us",
        "webhook_refused",
        "inbound_not_stored",
    ):
        assert event_name in log
    words = [*said, code, NAME, "王先生", CARD, "abc123", "43,210", "出错", "签名的话", "直接来", "存不下来"]
    numbers = [CUSTOMER, CUSTOMER[1:], CUSTOMER[3:], BANK[1:], "8613800138000", "%2B86"]
    sent = [request["Body"][0][8:20] for request in line.twilio.requests]
    for place, told_there in (("log", log), ("metrics", metrics)):
        for secret in [*(word for word in words if len(word) > 1), *numbers, *sent]:
            assert secret not in told_there, (place, secret)
        assert re.search(r"(?<![\d.])1[3-9]\d{9}(?![\d.])", told_there) is None
        assert not re.search(r"[\u4e00-\u9fff]", told_there), place


def test_metrics_count_by_kind(line: Line) -> None:
    def value(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", line.web.get("/metrics").text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    names = ['huifu_inbound_total{outcome="taken"}', 'huifu_inbound_total{outcome="repeat"}']
    names += ['huifu_inbound_total{outcome="kept"}', 'huifu_receipts_total{outcome="orphan"}']
    names += ['huifu_webhooks_refused_total{reason="forged"}', 'huifu_webhooks_refused_total{reason="malformed"}']
    before = {name: value(name) for name in names}
    form = line.form("您好")
    line.post(form)
    line.post(form)
    line.text("您好", From="95588")
    line.status("SM9", "sent")
    line.post(form, secret="another")
    line.post(line.form("您好", From=""))
    assert [value(name) - before[name] for name in names] == [1.0] * 6
    assert value('huifu_waiting{queue="outbox"}') == 1.0
    line.pump()
    assert value('huifu_waiting{queue="outbox"}') == 0.0
