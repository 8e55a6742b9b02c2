"""Redis is gone, or hangs: nothing is lost, answers still leave, webhooks stay quick, and all goes on by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from redis import Redis

from app.bench.redis import RedisServer
from app.store import tables
from app.web.console.entry.limits import Failures
from tests.awake import awake
from tests.bad_days.house import House, Process, phone, until
from tests.servers.service import free_port
from tests.web.line import Line

pytestmark = pytest.mark.postgres


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer().start()
    yield server
    process = server._process
    if process is not None:
        process.send_signal(signal.SIGCONT)
    server.kill()


@pytest.fixture
def pair(house: House, line: Line, redis: RedisServer) -> tuple[Process, Process]:
    house.settings |= {"DATABASE_URL": line.service.database.url.render_as_string(False), "REDIS_URL": redis.url}
    return house.start("web", port=free_port()), house.start("worker", SEND_RATE="50")


@pytest.mark.parametrize("how", ["gone", "hangs"])
def test_texts_are_taken_and_answered_without_it(
    house: House, line: Line, pair: tuple[Process, Process], redis: RedisServer, how: str
) -> None:
    web = pair[0]
    assert house.text(web, "帮助", phone(1)) == 200
    until(lambda: house.sent_to(phone(1)), "the first answer did not leave")
    server = redis._process
    assert server is not None
    if how == "gone":
        redis.kill()
    else:
        server.send_signal(signal.SIGSTOP)
    for number in range(2, 42):
        assert house.text(web, "帮助", phone(number), seconds=5.0) == 200
    until(lambda: all(house.sent_to(phone(number)) for number in range(2, 42)), "answers stay behind")
    assert house.ask(web, "/health/ready").status == 200
    assert house.ask(web, "/console/login").status == 200
    if how == "gone":
        redis.start()
    else:
        server.send_signal(signal.SIGCONT)
    asked = Redis.from_url(redis.url)
    asked.config_resetstat()
    until(lambda: "cmdstat_publish" in asked.info("commandstats") or wakes(house, web), "Redis is never used again")
    assert house.text(web, "帮助", phone(50)) == 200
    until(lambda: house.sent_to(phone(50)), "nothing leaves after it came back")
    assert all(len(house.sent_to(phone(number))) == 1 for number in [*range(1, 42), 50])
    assert {row.state for row in line.rows(tables.Inbound)} == {"taken"}
    for process in pair:
        assert process.log.count("\n") < 60, process.log
        assert "Traceback" not in process.log


def wakes(house: House, web: Process) -> bool:
    """A text whose commit wakes the others; never true itself."""
    house.text(web, "帮助", phone(60))
    return False


def test_failed_sign_ins_are_still_counted_and_nobody_waits_long(redis: RedisServer) -> None:
    failures = Failures(redis.url)
    failures.add("10.0.0.1")
    server = redis._process
    assert server is not None
    server.send_signal(signal.SIGSTOP)
    with awake() as seconds:
        for _ in range(20):
            failures.add("10.0.0.1")
        assert failures.too_many("10.0.0.1")
        assert not failures.too_many("10.0.0.2")
        assert seconds() < 15  # each would wait for ever on a connection without a limit
    server.send_signal(signal.SIGCONT)
    assert not failures.too_many("10.0.0.2")
