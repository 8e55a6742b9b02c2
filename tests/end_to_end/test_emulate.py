"""Whole conversations over HTTP: a running service and a stateful Twilio that was not written here.

A signed webhook comes in, the answer stands in Twilio's own message list, its status callbacks come back. Nothing
of the service is in this process: only what a bank has, settings, commands, a database and a log.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.gateways.port import Status
from app.store import tables
from app.store.database import Database
from tests.peers.emulate import Emulate, emulate
from tests.servers.service import Service, free_port

pytestmark = pytest.mark.peer

CUSTOMER, STRANGER = "+8613800138000", "+8613900139999"
CUSTOMERS = """\
phone,customer_id,name,title,card_last4,credit_limit,available_limit,limit_expires_on,amount_due,due_on,overdue_days,autopay
13800138000,C1,王建国,先生,8000,50000,43210.50,2099-12-31,5360,2099-12-25,0,no
"""
SECONDS = 60


def wait_for(found: Callable[[], Any], what: str) -> Any:
    """Another process does it: there is no clock to move."""
    until = time.monotonic() + SECONDS
    while not (result := found()):
        assert time.monotonic() < until, what
        time.sleep(0.02)
    return result


class Talk:
    """A handset at Twilio, beside the service's own database."""

    def __init__(self, twilio: Emulate, database: Database, phone: str = CUSTOMER) -> None:
        self.twilio, self.database, self.phone = twilio, database, phone
        self.heard = 0

    def say(self, body: str, answers: int = 1) -> str:
        """Texts the bank; the answer as it stands in Twilio's list, after it was sent and delivered."""
        self.twilio.text_in(self.phone, body)
        return self.hear(answers, f"no answer to {body!r}")

    def hear(self, answers: int = 1, what: str = "no text came") -> str:
        wanted = self.heard + answers
        replies: Sequence[str] = wait_for(lambda: _if(self.twilio.replies(self.phone), wanted), what)
        assert len(replies) == wanted, replies[self.heard :]
        for message in reversed(self.twilio.messages(self.phone)[:answers]):
            self.twilio.set_status(message["sid"], "sent")
            self.twilio.set_status(message["sid"], "delivered")
        self.heard = wanted
        return replies[-1]

    def rows(self, table: type[tables.Base]) -> list[Any]:
        with self.database.begin() as connection:
            columns = table.__table__.columns
            wanted = columns.phone == self.phone
            return list(connection.execute(select(*columns).where(wanted).order_by(*table.__table__.primary_key)))


def _if(replies: list[str], wanted: int) -> list[str]:
    return replies if len(replies) >= wanted else []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bank.db'}"
    url: str = request.getfixturevalue("fresh_postgres_url")()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def twilio() -> Iterator[Emulate]:
    with emulate() as peer:
        yield peer


@pytest.fixture
def service(
    twilio: Emulate, database_url: str, tmp_path: Path, start_service: Callable[..., Service]
) -> Iterator[Service]:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    port = free_port()
    settings = {
        "GATEWAY": "twilio",
        "DATABASE_URL": database_url,
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": twilio.auth_token,
        "TWILIO_FROM": twilio.number,
        "TWILIO_API_URL": twilio.url,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WORKING_HOURS": "00:00-23:59",
    }
    running = start_service(settings, before=(("migrate",), ("customers", "import", str(file))))
    twilio.set_webhook(f"{running.url}/webhooks/twilio/inbound")
    yield running


def test_whole_conversations(twilio: Emulate, service: Service, database: Database) -> None:
    talk = Talk(twilio, database)

    # 额度: a one-time code, then the figure.
    asking = talk.say("我还有多少额度")
    code = re.search(r"(?<!\d)\d{6}(?!\d)", asking)
    assert code, asking
    assert "43,210" not in asking
    wrong = talk.say(f"{(int(code[0]) + 1) % 1_000_000:06}")
    assert "不对" in wrong
    figure = talk.say(code[0])
    assert "王先生" in figure
    assert "43,210.50元" in figure
    assert "2099年12月31日" in figure

    # 还款, interrupted by a question for its amount (no second code within ten minutes), and resumed.
    assert "1手机银行" in talk.say("怎么还钱")
    assert "(1/" in talk.say("1")
    interrupted = talk.say("这个月要还多少")
    assert "5,360.00元" in interrupted
    assert "(1/" in interrupted

    # Power fails with an open question; after the start the conversation stands where it stood.
    service.kill()
    service.start()
    assert "(2/" in talk.say("1")

    # 回电
    assert "1)" in talk.say("给我回个电话")
    booked = talk.say("1")
    assert "已预约" in booked
    assert "尾号8000" in booked
    (callback,) = talk.rows(tables.Callback)
    assert callback.state == "booked"

    # TD once, and silence for the second one: the next answer is the one to another question.
    assert "已为您退订" in talk.say("TD")
    twilio.text_in(CUSTOMER, "td")
    assert "骗" not in talk.say("你们是骗子吧")
    assert [row.scope for row in talk.rows(tables.Consent)] == ["commercial"]

    # Somebody whom the bank does not know is told no figure.
    stranger = Talk(twilio, database, STRANGER)
    assert not re.search(r"\d{6}", stranger.say("我还有多少额度"))

    # What Twilio knows and what we know of the texts is the same, to the last one.
    for each in (talk, stranger):
        wait_for(lambda each=each: _all_delivered(each.rows(tables.Message)), "a callback was lost")
        ours = [(row.gateway_id, row.state, row.status) for row in each.rows(tables.Message)]
        theirs = [
            (message["sid"], "handed", Status.DELIVERED)
            for message in reversed(twilio.messages(each.phone))
            if message["direction"] == "outbound-api"
        ]
        assert ours == theirs
        assert all(row.state == "taken" for row in each.rows(tables.Inbound))
    assert len(talk.rows(tables.Inbound)) == 12

    # A status that comes late moves nothing back.
    last = talk.rows(tables.Message)[-1]
    twilio.set_status(last.gateway_id, "sent")
    assert talk.rows(tables.Message)[-1].status == Status.DELIVERED

    # A stranger's call is refused, and nobody's number or words are in the log.
    log = service.log
    for secret in (CUSTOMER, CUSTOMER[3:], STRANGER[3:], "额度", "王先生", "43,210", code[0]):
        assert secret not in log
    assert "Traceback" not in log


def _all_delivered(rows: list[Any]) -> bool:
    return all(row.status == Status.DELIVERED for row in rows)
