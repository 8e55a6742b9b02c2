"""Every statement takes two seconds, or none ever ends: the gateway hears of it in time, and no text is taken twice."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.engine import make_url

from app.store import tables
from app.store.migrate import upgrade
from tests.bad_days.house import NO_ANSWER, House, Process, phone, until
from tests.bad_days.slow_proxy import Road, road
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn
from tests.servers.service import free_port
from tests.web.line import Line

pytestmark = pytest.mark.postgres
ANN = phone(1)


@pytest.fixture
def url(fresh_postgres_url: Callable[..., str]) -> str:
    return fresh_postgres_url(upgrade)


@pytest.fixture
def way(url: str) -> Iterator[Road]:
    at = make_url(url)
    socket_folder = at.query.get("host")
    to = f"{socket_folder}/.s.PGSQL.{at.port or 5432}" if socket_folder else (at.host or "127.0.0.1", at.port or 5432)
    with road(to) as made:
        yield made


def through(url: str, way: Road) -> str:
    return make_url(url).set(host="127.0.0.1", port=way.port, query={}).render_as_string(False)


@pytest.fixture
def behind(clock: Clock, twilio: TwilioStandIn, url: str) -> Iterator[Line]:
    """A look at the same database by the short way, and our jobs, which take their time."""
    line = Line(url, clock, twilio)
    yield line
    line.service.database.close()


@pytest.fixture
def web(house: House, url: str, way: Road) -> Process:
    house.settings["DATABASE_URL"] = through(url, way)
    return house.start("web", port=free_port(), WEB_THREADS="4")


def stored(line: Line) -> list[tuple[str, str]]:
    return [(row.gateway_id, row.state) for row in line.rows(tables.Inbound)]


def test_a_text_is_kept_within_the_gateways_patience_and_taken_once(
    house: House, web: Process, way: Road, behind: Line
) -> None:
    """Its turn would take half a minute. It is stored alone while the gateway listens, and a repeat changes nothing."""
    assert house.text(web, "帮助", ANN) == 200
    way.delay = 2.0
    sid = house.sid()
    with ThreadPoolExecutor(2) as both:
        first = both.submit(house.text, web, "怎么还钱", ANN, sid)
        again = both.submit(house.text, web, "怎么还钱", ANN, sid)
        codes = {first.result(), again.result()}
    assert NO_ANSWER not in codes
    assert 200 in codes
    assert [state for name, state in stored(behind) if name == sid] == ["waiting"]
    way.delay = 0.0
    assert house.text(web, "怎么还钱", ANN, sid) == 200
    behind.pump()
    assert [state for name, state in stored(behind) if name == sid] == ["taken"]
    assert len([row for row in behind.rows(tables.Message) if row.phone == ANN]) == 2


def test_a_database_that_never_answers_hangs_neither_health_nor_the_future(
    house: House, web: Process, way: Road, behind: Line
) -> None:
    assert house.text(web, "帮助", ANN) == 200
    way.blocked.set()
    sids = [house.sid() for _ in range(8)]
    with ThreadPoolExecutor(8) as crowd:
        hanging = [crowd.submit(house.text, web, "怎么还钱", phone(2 + n), sid, 6.0) for n, sid in enumerate(sids)]
        assert house.ask(web, "/health/live").status == 200
        told = house.ask(web, "/health/ready")
        assert told.status == 503
        assert b"has not answered for 3 seconds" in told.data
        assert {one.result() for one in hanging} == {NO_ANSWER}
    way.blocked.clear()
    until(lambda: house.ask(web, "/health/ready").status == 200, "it stays unwell")
    assert {house.text(web, "怎么还钱", phone(2 + n), sid) for n, sid in enumerate(sids)} == {200}
    behind.pump()
    assert sorted(name for name, _ in stored(behind))[1:] == sorted(sids)
    for n in range(8):
        assert len([row for row in behind.rows(tables.Message) if row.phone == phone(2 + n)]) == 1


def test_sends_stay_within_their_lease(house: House, web: Process, way: Road, behind: Line) -> None:
    """The claim alone takes seconds: each text still leaves once, and none is taken for one whose process died."""
    senders = [phone(100 + n) for n in range(6)]
    worker = house.start("worker")
    worker.process.send_signal(signal.SIGSTOP)
    for sender in senders:
        assert house.text(web, "怎么还钱", sender) == 200
    way.delay = 0.4
    worker.process.send_signal(signal.SIGCONT)
    until(lambda: all(house.sent_to(sender) for sender in senders), "not all answers left")
    until(lambda: {row.state for row in behind.rows(tables.Message)} == {"handed"}, "not all are noted")
    assert [len(house.sent_to(sender)) for sender in senders] == [1] * 6
    assert "send_too_late" not in worker.log
