"""Real Celery workers on a real Redis and PostgreSQL: killed, cut off, and still each text leaves once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from app.store.migrate import upgrade
from tests.awake import awake
from tests.worker.machine import SOON, Machine, texts, until

pytestmark = pytest.mark.postgres


@pytest.fixture
def machine(tmp_path: Path, fresh_postgres_url: Callable[..., str]) -> Iterator[Machine]:
    with ExitStack() as running:
        yield Machine(tmp_path, fresh_postgres_url(upgrade), running)


def test_two_processes_send_each_text_once_and_end_when_asked(machine: Machine) -> None:
    worker = machine.worker("--processes", "2")
    machine.up(2)
    machine.queue(60)
    machine.all_handed(60)
    assert machine.arrivals() == texts(60)
    assert "cmdstat_lpush" in Redis.from_url(machine.redis.url).info("commandstats"), "no task has travelled"
    with awake() as seconds:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SOON) == 0
        assert seconds() < 30
    assert "Traceback" not in machine.log


def test_work_goes_on_while_redis_is_away_and_after_it_came_back_empty(machine: Machine) -> None:
    machine.worker()
    machine.worker()
    machine.up(2)
    machine.queue(20)
    machine.all_handed(20)
    machine.redis.kill()
    machine.queue(20, first=20)
    machine.all_handed(40)
    machine.redis.start()
    machine.queue(20, first=40)
    machine.all_handed(60)
    asked = Redis.from_url(machine.redis.url)
    asked.flushall()
    asked.config_resetstat()
    machine.queue(20, first=60)
    machine.all_handed(80)
    assert machine.arrivals() == texts(80)
    for command in ("cmdstat_lpush", "cmdstat_brpop"):
        until(lambda command=command: command in asked.info("commandstats"), "no task travels any more")


def test_a_process_that_is_killed_leaves_the_rest_to_the_other(machine: Machine) -> None:
    """Texts that it had begun are looked up and never sent again; all others leave by the other process."""
    first = machine.worker(SEND_RATE="40")
    machine.worker(SEND_RATE="40")
    machine.up(2)
    machine.queue(120)
    until(lambda: machine.count("handed") >= 20, "nothing leaves")
    os.killpg(first.pid, signal.SIGKILL)
    until(lambda: machine.count("queued") == 0, "texts stay behind")
    until(lambda: machine.count("handed", "sending", "unsettled") == 120, "a text was lost")
    arrived = machine.arrivals()
    assert len(arrived) == len(set(arrived)), "a text left twice"
    assert machine.count("handed") >= 60, "it can have begun no more than its rate gathers in a rest"


def test_two_processes_keep_one_rate(machine: Machine) -> None:
    machine.worker(SEND_RATE="20")
    machine.worker(SEND_RATE="20")
    machine.up(2)
    machine.queue(1, first=500)
    machine.all_handed(1)
    machine.queue(200)
    until(lambda: machine.count("handed") > 21, "nothing leaves")
    with awake() as seconds:
        began, before = time.monotonic(), machine.count("handed")
        machine.all_handed(201)
        whole = time.monotonic() - began
        assert 201 - before <= 20 * whole * 1.3 + 20, "once a whole bucket, after a Redis that did not answer in time"
        assert 201 - before >= 20 * seconds() * 0.5


def test_an_errand_that_is_lost_is_found_by_a_sweep(machine: Machine) -> None:
    machine.worker("--lanes", "answers")
    machine.up(1)
    redis = Redis.from_url(machine.redis.url)
    redis.set("huifu:waits:answers", 1)  # as after an errand that never arrived, and for ever
    with awake() as seconds:
        machine.queue(1)
        machine.all_handed(1)
        assert seconds() < 15


def test_options_need_both_servers(tmp_path: Path, machine: Machine) -> None:
    assert machine.worker("--processes", "2", REDIS_URL="").wait(SOON) == 2
    assert machine.worker("--lanes", "letters").wait(SOON) == 2
