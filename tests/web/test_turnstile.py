"""At most so many requests at work, and a stream that is being sent is none of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from app.web.turnstile import Turnstile


def start(*_: Any) -> Any:
    return None


def test_no_more_are_at_work_than_there_are_places() -> None:
    at_work, most, all_in = 0, 0, threading.Semaphore(0)
    go_on, lock = threading.Event(), threading.Lock()

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        all_in.release()
        assert go_on.wait(60)
        with lock:
            at_work -= 1
        return [b""]

    door = Turnstile(application, 3)
    threads = [threading.Thread(target=door, args=({}, start)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert all_in.acquire(timeout=60)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert most == 3 and at_work == 0


def test_a_stream_holds_no_place_while_it_is_sent() -> None:
    def application(environ: Any, start_response: Any) -> Iterator[bytes]:
        return iter([b"a", b"b"])

    door = Turnstile(application, 1)
    streams = [iter(door({}, start)) for _ in range(5)]
    assert [next(stream) for stream in streams] == [b"a"] * 5


def test_a_request_that_fails_gives_its_place_back() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        raise RuntimeError

    door = Turnstile(application, 1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            door({}, start)
