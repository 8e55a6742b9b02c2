"""The whole distributed service: `huifu web`, workers of several processes, Redis, PostgreSQL, a gateway over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.store.migrate import upgrade
from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn, twilio_stand_in
from tests.worker.machine import ACCOUNT, Machine, until

pytestmark = pytest.mark.postgres

PATIENCE = 5.0
"""Seconds within which a webhook is answered; a gateway waits for fifteen. Far more than it takes here."""


class Whole(Machine):
    """`gateway` is the other side: what it was asked to send stands in its `messages`."""

    gateway: TwilioStandIn
    numbers = itertools.count(1)

    def talk(self, count: int) -> list[str]:
        """So many new customers text at once after another; their numbers, when each was acknowledged in time."""
        phones = [f"+86138001{next(self.numbers):05}" for _ in range(count)]
        for phone in phones:
            assert self.text(phone, "您好", f"SM{phone[1:]}") < PATIENCE, "a webhook waited"
        return phones

    def all_answered(self, phones: list[str]) -> None:
        def answered() -> list[str]:
            with self.gateway.lock:
                return sorted(message["to"] for message in self.gateway.messages if message["to"] in phones)

        until(lambda: len(answered()) >= len(phones), "not all were answered")
        assert answered() == sorted(phones), "each once"


@pytest.fixture
def make_whole(tmp_path: Path, fresh_postgres_url: Callable[..., str], clock: Clock) -> Iterator[Callable[..., Whole]]:
    """`make_whole(workers=…, processes=…)`, with one web process."""
    with ExitStack() as running:

        def make(*, workers: int, processes: int) -> Whole:
            gateway = running.enter_context(twilio_stand_in(clock))
            machine = Whole(tmp_path, fresh_postgres_url(upgrade), running, **ACCOUNT, TWILIO_API_URL=gateway.url)
            machine.gateway = gateway
            machine.web()
            for _ in range(workers):
                machine.worker("--processes", str(processes))
            machine.up(workers * processes)
            return machine

        yield make


def test_texts_are_answered_whatever_redis_does(make_whole: Callable[..., Whole]) -> None:
    """Redis works, hangs for as long as it likes, goes on, is killed, and comes back empty."""
    whole = make_whole(workers=2, processes=2)
    whole.all_answered(whole.talk(20))
    whole.redis.pause()
    whole.all_answered(whole.talk(20))
    whole.redis.go_on()
    whole.all_answered(whole.talk(20))
    whole.redis.kill()
    whole.all_answered(whole.talk(20))
    whole.redis.start()
    whole.all_answered(whole.talk(20))
    assert "Traceback" not in whole.log


def test_a_gateway_that_hangs_for_some_holds_the_others_up_for_nothing(make_whole: Callable[..., Whole]) -> None:
    whole = make_whole(workers=1, processes=1)
    whole.gateway.next_answers = ["lost"] * 4
    silent = whole.talk(4)
    until(lambda: not whole.gateway.next_answers, "the gateway was not asked")
    whole.all_answered(whole.talk(10))
    whole.all_handed(10)
    assert whole.count("sending", "unsettled") == len(silent), "nobody knows of those, and nobody sends them again"
