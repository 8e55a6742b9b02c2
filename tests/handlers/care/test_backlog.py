"""What waits beside the outbox, as /metrics tells it: planned texts, mails, confirmations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from app.handlers.care.companions import send_companions
from app.handlers.health import care_backlog
from app.handlers.service import Service
from app.store import companions, occasions
from app.store.companions import NewCompanion
from app.store.occasions import NewOccasion
from tests.companions.bridge import SECRET
from tests.handlers.care.campaign import ANN, invited, planned, switch_on
from tests.rig import Rig

MINUTE = timedelta(minutes=1)


def told(rig: Rig, name: str) -> float:
    page = rig.web.get("/metrics").text
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    assert found, name
    return float(found[1])


def text_due(service: Service, customer: str, due_at: datetime) -> None:
    new = NewOccasion(
        programme="settled",
        customer_id=customer,
        phone=ANN,
        occasion="x",
        template="settled",
        language="zh-CN",
        purpose="commercial",
        kind="product",
        due_at=due_at,
        closes_at=due_at + 60 * MINUTE,
    )
    with service.database.begin() as connection:
        occasions.add(connection, [new], service.clock())


def mail(service: Service, token: str, due_at: datetime) -> int:
    now = service.clock()
    new = NewCompanion(ANN, "C1", "email", "guide:draw", token, "zh-CN", due_at, now + 600 * MINUTE)
    with service.database.begin() as connection:
        return companions.add(connection, new, now)


def test_nothing_waits(service: Service) -> None:
    texts, beside = care_backlog(service, service.clock())
    assert (texts.texts, texts.due, texts.oldest, beside) == (0, 0, None, {})


def test_what_is_due_is_told_apart_from_what_has_time(service: Service) -> None:
    now = service.clock()
    for customer, minutes in (("A", -20), ("B", 0), ("C", 30)):
        text_due(service, customer, now + minutes * MINUTE)
    mail(service, "later", now + 5 * MINUTE)
    texts, beside = care_backlog(service, now)
    assert (texts.texts, texts.due, texts.oldest) == (3, 2, now - 20 * MINUTE)
    assert beside == {}, "what has not come to its time yet waits for nobody"
    waits = care_backlog(service, now + 8 * MINUTE)[1]["email"]
    assert (waits.rows, waits.oldest) == (1, now + 5 * MINUTE)


def test_a_mail_that_is_tried_again_and_again_grows_old(service: Service) -> None:
    now = service.clock()
    tried = mail(service, "tried", now)
    with service.database.begin() as connection:
        companions.take(connection, [tried], now + 3 * MINUTE)
        companions.put_off(connection, tried, now + 30 * MINUTE, "smtp_451")
    waits = care_backlog(service, now + 20 * MINUTE)[1]["email"]
    assert (waits.rows, waits.oldest) == (1, now), "each try moves when it is due, and not when it was asked for"
    with service.database.begin() as connection:
        companions.sent(connection, tried, now + 20 * MINUTE)
    assert care_backlog(service, now + 20 * MINUTE)[1] == {}


def test_metrics_tell_planned_texts_until_they_leave(rig: Rig) -> None:
    invited(rig)
    switch_on(rig, "birthday")
    planned(rig, programme="birthday", due_at=rig.clock() + 10 * MINUTE)
    names = ("huifu_occasions_planned", "huifu_occasions_due", "huifu_occasions_oldest_seconds")
    assert [told(rig, name) for name in names] == [1, 0, 0]
    rig.clock.advance(minutes=25)
    assert [told(rig, name) for name in names] == [1, 1, 900]
    rig.pump()
    assert [told(rig, name) for name in names] == [0, 0, 0]


@pytest.mark.parametrize("channel", ["email", "second"])
def test_metrics_tell_what_waits_for_a_channel(make_rig: Callable[..., Rig], channel: str) -> None:
    away = "http://127.0.0.1:9/"
    rig = make_rig(
        second_channel_url=away, second_channel_secret=SECRET, smtp_url="smtp://127.0.0.1:9", email_from="a@b.cn"
    )
    rows, seconds = (f'huifu_companions_{name}{{channel="{channel}"}}' for name in ("waiting", "oldest_seconds"))
    assert (told(rig, rows), told(rig, seconds)) == (0, 0)
    invited(rig, segment="vip", credit_limit=500000, email="wang@mail.example.cn")
    if channel == "email":
        mail(rig.service, "away", rig.clock())
    else:
        switch_on(rig, "vip")
        planned(rig, programme="vip")
        rig.pump()
        rig.clock.advance(minutes=1)
    assert send_companions(rig.service) == 1
    rig.clock.advance(minutes=30)
    assert told(rig, rows) == 1
    assert told(rig, seconds) >= 1800


def test_metrics_tell_nothing_old_while_the_database_is_away(rig: Rig) -> None:
    assert told(rig, "huifu_occasions_planned") == 0
    rig.service.database.close()
    with rig.service.database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE companions")
    assert math.isnan(told(rig, "huifu_occasions_planned"))
    assert "huifu_companions_waiting{" not in rig.web.get("/metrics").text
