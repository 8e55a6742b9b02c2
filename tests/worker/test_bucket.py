"""The send rate: a bucket in this process and one in Redis behave alike, and a Redis that is away frees nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from structlog.testing import capture_logs

from app.bench.redis import RedisServer
from app.config import load_settings
from app.worker.bucket import Bucket, LocalBucket, Rate
from app.worker.budget import Buckets, LaneBudget, build_buckets
from app.worker.redis_line import RedisLine, connection
from app.worker.shared_bucket import UNKNOWN, SharedBucket

SLOW = Rate(0.001)
"""A rate at which nothing comes in while a test runs."""


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def taken(bucket: Bucket, seconds: Seconds, lane_is_bulk: bool, for_seconds: int, step: float = 0.05) -> int:
    parts = 0
    for _ in range(round(for_seconds / step)):
        seconds.now += step
        parts += bucket.take(100, lane_is_bulk).parts
    return parts


def test_a_bucket_starts_empty_and_gives_its_rate(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)
    assert bucket.take(8, False).parts == 0
    assert taken(bucket, seconds, False, 30) == pytest.approx(300, abs=1)


def test_a_rest_gathers_one_second(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)
    seconds.now += 3600
    assert [bucket.take(8, False).parts for _ in range(3)] == [8, 2, 0]


def test_it_tells_how_long_to_wait(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)
    wait = bucket.take(1, False).wait
    assert wait == pytest.approx(0.1)
    seconds.now += wait + 1e-6
    assert bucket.take(1, False).parts == 1


@pytest.mark.parametrize("rate", [0.2, 1, 2, 3, 20, 300])
def test_bulk_gets_all_of_it_when_nobody_answers(rate: float, seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(rate), seconds)
    assert taken(bucket, seconds, True, 100) == pytest.approx(rate * 100, rel=0.05, abs=2)


def test_bulk_gets_nothing_while_answers_use_it_up(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)
    bulk = answers = 0
    for _ in range(1000):
        seconds.now += 0.1
        bulk += bucket.take(8, True).parts
        answers += bucket.take(8, False).parts
    assert bulk == 0
    assert answers == pytest.approx(1000, abs=1)


def test_bulk_gets_what_answers_leave(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)
    bulk = answers = 0
    for tick in range(1000):
        seconds.now += 0.1
        if tick % 2:
            answers += bucket.take(1, False).parts
        bulk += bucket.take(8, True).parts
    assert answers == 500
    assert bulk == pytest.approx(500, abs=10)


def test_what_is_not_used_goes_back_and_what_was_too_much_is_paid(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)
    seconds.now += 1
    budget = LaneBudget(bucket, False, lambda _: True)
    assert budget.ask(8) == 8
    budget.settle(8, 3)
    assert budget.ask(8) == 7
    budget.settle(7, 17)
    seconds.now += 0.9
    assert budget.ask(8) == 0, "ten parts too many are one second of the rate"
    seconds.now += 0.2
    assert budget.ask(8) == 1


def test_a_lane_waits_for_its_parts(seconds: Seconds) -> None:
    bucket = LocalBucket(Rate(10), seconds)

    def wait(for_seconds: float) -> bool:
        seconds.now += for_seconds + 1e-6
        return False

    assert LaneBudget(bucket, False, wait).ask(8) == 1
    assert seconds.now == pytest.approx(100.1, abs=0.01)


# Shared by Redis. Its own clock counts, so these tests either move no time or wait for it.


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer().start()
    yield server
    server.kill()


def shared(redis: RedisServer, sender: str, rate: Rate) -> SharedBucket:
    """One that does not take a machine that stands still for a Redis that is away."""
    line = RedisLine(redis.url)
    line.redis = connection(redis.url, 60)
    return SharedBucket(line, sender, rate)


def two(redis: RedisServer, rate: Rate) -> tuple[SharedBucket, SharedBucket]:
    return shared(redis, "+1500", rate), shared(redis, "+1500", rate)


def fill(redis: RedisServer, parts: float) -> None:
    Redis.from_url(redis.url).hset("huifu:rate:{+1500}", "left", str(parts))


def test_two_processes_share_one_bucket(redis: RedisServer) -> None:
    here, there = two(redis, SLOW)
    assert here.take(8, False).parts == 0, "it starts empty"
    fill(redis, 2)
    assert here.take(1, False).parts == 1
    assert there.take(8, False).parts == 1
    assert here.take(8, False).parts == there.take(8, False).parts == 0
    here.give(1)
    assert there.take(8, False).parts == 1
    there.give(-1)
    fill_now = Redis.from_url(redis.url).hget("huifu:rate:{+1500}", "left")
    assert float(fill_now or 0) == pytest.approx(-1, abs=0.01)
    assert here.take(1, False).wait == pytest.approx(2 / SLOW.parts, rel=0.01)


def test_bulk_leaves_half_of_the_shared_one(redis: RedisServer) -> None:
    here, there = two(redis, SLOW)
    here.take(1, False)
    fill(redis, 2)
    assert here.take(8, True).parts == 1
    assert there.take(8, True).parts == 0
    assert there.take(8, False).parts == 1


def test_another_sender_has_its_own(redis: RedisServer) -> None:
    here, other = two(redis, SLOW)[0], shared(redis, "+1501", SLOW)
    fill(redis, 2)
    assert other.take(8, False).parts == 0
    assert here.take(8, False).parts == 2


def rate_of(buckets: tuple[Bucket, ...], for_seconds: float, pause: Callable[[float], None] = time.sleep) -> float:
    """Parts a second that greedy processes get together, by the clock of the machine. A machine that stands still for
    longer than a bucket gathers counts as that second: what came in meanwhile is lost."""
    began = at = time.monotonic()
    parts, counted = 0, 0.0
    while at - began < for_seconds:
        pause(0.002)  # Redis reads the machine's own clock: there is none to move
        now = time.monotonic()
        counted, at = counted + min(now - at, 1.0), now
        for bucket in buckets:
            while got := bucket.take(8, False).parts:
                parts += got
    return parts / counted


def test_two_greedy_processes_get_the_rate_together(redis: RedisServer) -> None:
    assert rate_of(two(redis, Rate(200)), 1.0) == pytest.approx(200, rel=0.1)


def test_without_redis_each_goes_on_with_its_share(redis: RedisServer) -> None:
    both = two(redis, Rate(200))
    for bucket in (*both, *both):
        bucket.take(1, False)
    with capture_logs() as logs:
        redis.kill()
        assert rate_of(both, 1.0) == pytest.approx(200, rel=0.1)
        assert [line["event"] for line in logs] == ["redis_away", "redis_away"]
        redis.start()
        deadline = time.monotonic() + 60
        while both[0]._alone or both[1]._alone:
            assert time.monotonic() < deadline
            rate_of(both, 0.05)
        assert rate_of(both, 1.0) == pytest.approx(200, rel=0.1)


def test_who_never_saw_redis_reckons_with_others() -> None:
    bucket = SharedBucket(RedisLine("redis://127.0.0.1:9/0"), "+1500", Rate(200))
    with capture_logs():
        assert rate_of((bucket,), 1.0) == pytest.approx(200 / UNKNOWN, rel=0.2)


def own(buckets: Buckets) -> tuple[Bucket, Bucket]:
    assert buckets.main is not None and buckets.standby is not None
    return buckets.main, buckets.standby


STANDBY = {
    "gateway": "twilio",
    "twilio_account_sid": "AC0",
    "twilio_auth_token": "token",
    "twilio_from": "+15005550006",
    "public_url": "https://sms.example.com",
    "secret_key": "key",
    "send_rate": 1.0,
    "standby": "twilio",
    "standby_twilio_account_sid": "AC1",
    "standby_twilio_auth_token": "other",
    "standby_twilio_from": "+15005550007",
    "standby_send_rate": 1.0,
}


def test_each_sender_has_a_rate_of_its_own() -> None:
    assert build_buckets(load_settings({**STANDBY, "send_rate": 0.0})).main is None
    assert build_buckets(load_settings({**STANDBY, "standby_send_rate": 0.0})).standby is None
    main, standby = own(build_buckets(load_settings(STANDBY)))
    main.give(5)
    assert (main.take(5, False).parts, standby.take(5, False).parts) == (2, 0), "one second, two parts at least"


def test_processes_share_the_rate_of_each_sender(redis: RedisServer) -> None:
    settings = load_settings({**STANDBY, "redis_url": redis.url})
    here, there = (own(build_buckets(settings)) for _ in range(2))
    for bucket in here:
        assert bucket.take(1, False).parts == 0
    here[0].give(2)
    assert there[1].take(2, False).parts == 0
    assert there[0].take(2, False).parts == 2
    assert here[0].take(2, False).parts == 0
