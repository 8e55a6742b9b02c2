"""What each answer of the bank's bridge means for a confirmation, and what it may tell us."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.companions.port import Forged, Malformed, Never, NotNow, Outcome, Taken, Unknown, Verdict
from app.companions.webhook import Bridge as Channel
from tests.companions.bridge import SECRET, Bridge, answer, bridge

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture
def peer() -> Iterator[Bridge]:
    with bridge() as found:
        yield found


def channel(url: str, **more: float) -> Channel:
    return Channel(url, SECRET, clock=lambda: NOW, **more)  # type: ignore[arg-type]


def test_the_facts_are_told_signed(peer: Bridge) -> None:
    assert channel(peer.url).tell("tok-1", {"confirmation": "tok-1", "text": "【示例银行】最高50万元"}) == Taken()
    ((headers, told),) = peer.calls
    assert (headers["webhook-id"], headers["content-type"]) == ("tok-1", "application/json")
    assert told["type"] == "confirmation.requested"
    assert told["data"] == {"confirmation": "tok-1", "text": "【示例银行】最高50万元"}


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (200, {}, Taken()),
        (204, {}, Taken()),
        (400, {}, Never("http_400")),
        (422, {}, Never("http_422")),
        (410, {}, Never("gone")),
        (409, {}, NotNow("http_409")),
        (401, {}, NotNow("http_401", channel=True)),
        (404, {}, NotNow("http_404", channel=True)),
        (302, {"Location": "http://elsewhere.example/"}, NotNow("http_302", channel=True)),
        (429, {"Retry-After": "90"}, NotNow("http_429", channel=True, seconds=90)),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, NotNow("http_503", channel=True)),
        (503, {"Retry-After": "999999999"}, NotNow("http_503", channel=True, seconds=3600)),
    ],
)
def test_what_an_answer_means(peer: Bridge, status: int, headers: dict[str, str], outcome: Outcome) -> None:
    peer.status, peer.headers = status, headers
    assert channel(peer.url).tell("tok", {}) == outcome
    assert len(peer.calls) == 1


def test_who_hangs_up_or_says_nothing_may_have_it(peer: Bridge) -> None:
    peer.hangs_up = True
    assert channel(peer.url).tell("tok", {}) == Unknown("no_answer")
    peer.hangs_up, peer.sleeps = False, True
    assert channel(peer.url, timeout_seconds=3.0).tell("tok", {}) == Unknown("no_answer")


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert channel(url).tell("tok", {}) == NotNow("no_connection", channel=True)


@pytest.mark.parametrize("said", ["confirmed", "declined", "undeliverable"])
def test_an_answer_is_read(said: str) -> None:
    body, headers = answer(NOW, said, "tok-1")
    assert channel("http://x/").read(headers, body) == Verdict("tok-1", said)


def test_a_forged_answer_is_not_read() -> None:
    body, headers = answer(NOW, "confirmed", "tok-1")
    with pytest.raises(Forged):
        channel("http://x/").read(headers, body.replace(b"confirmed", b"declined"))


@pytest.mark.parametrize(
    "more",
    [
        {"type": "something.else"},
        {"data": {"confirmation": "tok-1"}},
        {"data": {"confirmation": "tok-1", "verdict": "maybe"}},
        {"data": {"confirmation": "tok-1", "verdict": ["confirmed"]}},
        {"data": {"confirmation": 7, "verdict": "confirmed"}},
        {"data": {"confirmation": "t" * 65, "verdict": "confirmed"}},
        {"data": ["confirmed"]},
        {"data": None},
    ],
)
def test_a_signed_answer_of_another_shape_is_refused_with_the_field(more: dict[str, object]) -> None:
    body, headers = answer(NOW, "confirmed", "tok-1", **more)
    with pytest.raises(Malformed, match=r"data|type"):
        channel("http://x/").read(headers, body)


def test_signed_words_that_are_no_object() -> None:
    from app.companions import signature

    for body in (b"[1]", b"null", b"{", b"\xff", json.dumps("x" * 5).encode()):
        headers = signature.headers(signature.key_of(SECRET), "m", NOW, body)
        with pytest.raises(Malformed):
            channel("http://x/").read(headers, body)
