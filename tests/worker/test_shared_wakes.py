"""Wake-ups between processes through a real Redis, which may be killed at any time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from redis import Redis
from structlog.testing import capture_logs

from app.bench.redis import RedisServer
from app.handlers.service import Lane
from app.worker.shared_wakes import SharedWakes
from app.worker.wakes import LANES, Wakes, build_wakes

SOON = 60.0  # seconds; far more than is ever needed


@contextmanager
def two(url: str) -> Iterator[tuple[SharedWakes, SharedWakes]]:
    """The wakes of two processes, each of which hears the other, with every first wake-up taken."""
    both = SharedWakes(url), SharedWakes(url)
    for wakes in both:
        wakes.wait("network", 0)  # and not "clock", whose first wake-up `settled` waits for
        assert wakes.hearing.wait(SOON)
    settled(*both)
    yield both
    for wakes in both:
        wakes.close()


def settled(*several: SharedWakes) -> None:
    for wakes in several:
        until(partial(is_set, wakes, "clock"))
        for lane in LANES:
            wakes.wait(lane, 0)


def is_set(wakes: Wakes, lane: Lane) -> bool:
    return wakes._events[lane].is_set()


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.005)  # another thread is being waited for: there is no clock to move


def woken(wakes: Wakes, lane: Lane) -> bool:
    """Whether it is woken, however long the network takes."""
    began = time.monotonic()
    wakes.wait(lane, SOON)
    return time.monotonic() - began < SOON


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer().start()
    yield server
    server.kill()


def test_without_a_url_wakes_stay_in_the_process() -> None:
    assert type(build_wakes("")) is Wakes


def test_every_lane_reaches_the_other_process(redis_url: str) -> None:
    with two(redis_url) as (here, there):
        for lane in LANES:
            here(lane)
            assert woken(there, lane)


def test_the_one_who_says_it_is_woken_once(redis_url: str) -> None:
    with two(redis_url) as (here, there):
        here("outbox")
        assert woken(there, "outbox")
        assert is_set(here, "outbox")
        here.wait("outbox", 0)
        there("bank")  # comes after whatever `here` might hear of itself
        assert woken(here, "bank")
        assert not is_set(here, "outbox")


def test_many_wakes_travel_in_few_messages(redis_url: str) -> None:
    with two(redis_url) as (here, there):
        heard = Redis.from_url(redis_url).pubsub(ignore_subscribe_messages=True)
        heard.subscribe(here.channel)
        heard.get_message(timeout=1)
        for _ in range(2000):
            here("outbox")
            here("clock")
        assert woken(there, "outbox") and woken(there, "clock")
        here("bank")
        assert woken(there, "bank")
        messages = []
        while not messages or b"bank" not in messages[-1]["data"]:
            message = heard.get_message(timeout=SOON)
            assert message
            messages.append(message)
        heard.close()
        assert len(messages) < 200


def test_another_installation_on_the_same_redis_hears_nothing(redis_url: str) -> None:
    other = SharedWakes(redis_url.removesuffix("/0") + "/1")
    with two(redis_url) as (here, there):
        other.wait("network", 0)
        assert other.hearing.wait(SOON)
        settled(other)
        here("outbox")
        assert woken(there, "outbox")
        assert not is_set(other, "outbox")
    other.close()


def test_nonsense_on_the_channel_wakes_nobody_and_ends_nothing(redis_url: str) -> None:
    with two(redis_url) as (here, there):
        client = Redis.from_url(redis_url)
        for said in (b"", b"\xff\xfe", b"x", b"x unknown lanes", b"  "):
            client.publish(there.channel, said)
        client.close()
        here("inbox")
        assert woken(there, "inbox")
        assert [lane for lane in LANES if is_set(there, lane)] == []


def test_a_redis_that_dies_makes_nothing_fail_and_comes_back(redis: RedisServer) -> None:
    with two(redis.url) as (here, there), capture_logs() as logs:
        redis.kill()
        until(lambda: not there.hearing.is_set())
        began = time.monotonic()
        for _ in range(1000):
            here("outbox")
        assert time.monotonic() - began < 60, "a wake-up waited for the network"
        assert woken(here, "outbox"), "the own process is woken without Redis"
        redis.start()
        # Whatever was said meanwhile is lost, so everybody looks once.
        assert there.hearing.wait(SOON) and here.hearing.wait(SOON)
        settled(here, there)
        here("bank")
        assert woken(there, "bank")
    told = [line["event"] for line in logs]
    assert 2 <= told.count("redis_away") <= 4, "once for each connection that broke, not at each try"
    assert "redis_back" in told


def test_a_redis_that_was_never_there_only_costs_the_sweep() -> None:
    wakes = SharedWakes("redis://127.0.0.1:9/0")
    with capture_logs():
        wakes("outbox")
        assert woken(wakes, "outbox")
        began = time.monotonic()
        wakes.wait("outbox", 0.05)
        assert time.monotonic() - began < 30
        wakes.close()
    assert not wakes.hearing.is_set()
