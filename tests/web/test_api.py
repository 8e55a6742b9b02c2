"""`/api/v1/`: who may call, what is taken, and how it says no (RFC 9457)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app import create_app
from app.store import tables
from app.web.api.bearer import named
from tests.rig import Rig

CORE, APP = "c" * 32, "a" * 40
EVENT = {"key": "k1", "customer_id": "C1", "kind": "drawn", "at": "2026-06-09T10:00:00+08:00"}


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    rig = make_rig(api_tokens=f"core:{CORE},app:{APP}")
    rig.customer("+8613800138000")
    return rig


def post(rig: Rig, body: Any, token: str = CORE, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return rig.web.post("/api/v1/events", json=body, headers={"Authorization": f"Bearer {token}", **named})


def is_problem(answer: TestResponse, status: int, kind: str) -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    told: dict[str, Any] = json.loads(answer.data)
    assert told["type"] == f"urn:huifu:problem:{kind}" and told["status"] == status
    assert told["title"] and told["detail"].endswith(".")
    return told


def keys(rig: Rig) -> list[str]:
    return [row.event_key for row in rig.rows(tables.CustomerEvent)]


# ---- who may call ---------------------------------------------------------------------------------------


def test_each_system_calls_by_its_own_token(rig: Rig) -> None:
    assert post(rig, EVENT).status_code == 200
    assert post(rig, {**EVENT, "key": "k2"}, APP).status_code == 200
    assert [row.source for row in rig.rows(tables.CustomerEvent)] == ["core", "app"]


@pytest.mark.parametrize(
    ("sent", "challenge"),
    [
        (None, 'Bearer realm="huifu"'),
        ("", 'Bearer realm="huifu", error="invalid_token"'),
        ("Bearer", 'Bearer realm="huifu", error="invalid_token"'),
        (f"Bearer {CORE[:-1]}", 'Bearer realm="huifu", error="invalid_token"'),
        (f"Bearer {CORE}x", 'Bearer realm="huifu", error="invalid_token"'),
        (f"Bearer {CORE.upper()}", 'Bearer realm="huifu", error="invalid_token"'),
        (f"Basic {CORE}", 'Bearer realm="huifu", error="invalid_token"'),
        ("Bearer core", 'Bearer realm="huifu", error="invalid_token"'),
        (f"Bearer core:{CORE}", 'Bearer realm="huifu", error="invalid_token"'),
        ("Bearer é", 'Bearer realm="huifu", error="invalid_token"'),
    ],
)
def test_nobody_else_is_let_in_and_his_body_is_not_read(rig: Rig, sent: str | None, challenge: str) -> None:
    headers = {"Authorization": sent} if sent is not None else {}
    answer = rig.web.post("/api/v1/events", data=b"{", headers=headers)
    is_problem(answer, 401, "no-token")
    assert answer.headers["WWW-Authenticate"] == challenge
    assert CORE not in answer.text and keys(rig) == []


def test_the_word_bearer_may_be_written_anyhow(rig: Rig) -> None:
    assert rig.web.post("/api/v1/events", json=EVENT, headers={"Authorization": f"bEARER  {CORE}"}).status_code == 200


def test_without_tokens_nobody_may_call(make_rig: Callable[..., Rig]) -> None:
    is_problem(post(make_rig(), EVENT, ""), 401, "no-token")


def test_who_tries_tokens_is_stopped(rig: Rig) -> None:
    told = [post(rig, EVENT, f"{number:032}").status_code for number in range(25)]
    assert told == [401] * 20 + [429] * 5
    is_problem(post(rig, EVENT, "x" * 32), 429, "http-429")
    assert post(rig, EVENT).status_code == 200, "the bank's systems share an address"


def test_all_tokens_are_compared() -> None:
    """Not the first that fits: how long it takes tells nothing of which."""
    compared = []

    class Counted(dict[str, str]):
        def items(self) -> Any:
            for pair in super().items():
                compared.append(pair[0])
                yield pair

    assert named(Counted(core=CORE, app=APP), CORE) == "core"
    assert compared == ["core", "app"]


# ---- what is taken --------------------------------------------------------------------------------------


def test_one_event(rig: Rig) -> None:
    answer = post(rig, EVENT)
    assert (answer.status_code, answer.json) == (
        200,
        {
            "taken": 1,
            "known": 0,
            "conflict": 0,
            "refused": 0,
            "events": [{"index": 0, "key": "k1", "outcome": "taken", "reasons": []}],
        },
    )
    again = post(rig, EVENT)
    assert again.status_code == 200 and again.json and again.json["known"] == 1
    assert keys(rig) == ["k1"]


def test_a_batch_takes_the_good_ones_and_tells_of_each_bad_one(rig: Rig) -> None:
    events = [EVENT, {**EVENT, "key": "k2", "kind": "flown"}, {**EVENT, "key": "k3", "customer_id": "C9"}, 7, EVENT]
    answer = post(rig, {"events": events})
    assert answer.status_code == 207 and answer.json
    told = [(one["index"], one["key"], one["outcome"]) for one in answer.json["events"]]
    assert told == [
        (0, "k1", "taken"),
        (1, "k2", "refused"),
        (2, "k3", "refused"),
        (3, None, "refused"),
        (4, "k1", "known"),
    ]
    assert answer.json["events"][1]["reasons"][0].startswith("kind must be one of")
    assert keys(rig) == ["k1"]


def test_a_thousand_at_once_and_not_one_more(rig: Rig) -> None:
    events = [{**EVENT, "key": f"k{number}"} for number in range(1001)]
    is_problem(post(rig, {"events": events}), 422, "how-many")
    assert keys(rig) == []
    answer = post(rig, {"events": events[:1000]})
    assert answer.status_code == 200 and answer.json and answer.json["taken"] == 1000


def test_none_that_can_be_kept_is_a_problem(rig: Rig) -> None:
    told = is_problem(post(rig, {"events": [{}, {**EVENT, "customer_id": "C9"}]}), 422, "no-event-kept")
    assert [one["index"] for one in told["events"]] == [0, 1]
    assert len(told["events"][0]["reasons"]) == 4 and len(told["events"][1]["reasons"]) == 1


def test_a_key_with_another_content_is_a_conflict(rig: Rig) -> None:
    post(rig, EVENT)
    told = is_problem(post(rig, {**EVENT, "kind": "repaid"}), 409, "key-in-use")
    assert told["events"][0]["outcome"] == "conflict"
    assert rig.rows(tables.CustomerEvent)[0].kind == "drawn"


def test_a_header_gives_the_key_that_an_event_has_not(rig: Rig) -> None:
    plain = {name: value for name, value in EVENT.items() if name != "key"}
    assert post(rig, plain, Idempotency_Key="call-1").status_code == 200
    assert post(rig, plain, Idempotency_Key="call-1").json["known"] == 1  # type: ignore[index]
    post(rig, {"events": [plain, EVENT, plain]}, Idempotency_Key="call-2")
    assert sorted(keys(rig)) == ["call-1", "call-2#0", "call-2#2", "k1"]
    assert post(rig, plain).status_code == 422, "without either it could be taken twice"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 400, "not-json"),
        (b"{", 400, "not-json"),
        (b"\xff\xfe", 400, "not-json"),
        (b'{"key": NaN}', 400, "not-json"),
        (b'{"key": "a", "key": "b"}', 400, "not-json"),
        (b"[" * 100_000, 400, "not-json"),
        (b"9" * 10_000, 400, "not-json"),
        (b"[]", 400, "not-an-object"),
        (b"null", 400, "not-an-object"),
        (b'{"events": []}', 422, "how-many"),
        (b'{"events": {}}', 422, "how-many"),
        (b'{"events": [1]}', 422, "no-event-kept"),
        (b'{"events": [{}], "more": 1}', 422, "no-event-kept"),
        (b'{"key": "\\ud800"}', 422, "no-event-kept"),
        (b" " * (1024 * 1024 + 1), 413, "http-413"),
    ],
)
def test_what_cannot_be_read_is_told_why(rig: Rig, body: bytes, status: int, kind: str) -> None:
    headers = {"Authorization": f"Bearer {CORE}", "Content-Type": "application/json"}
    is_problem(rig.web.post("/api/v1/events", data=body, headers=headers), status, kind)
    assert keys(rig) == []


def test_a_form_is_no_json(rig: Rig) -> None:
    answer = rig.web.post("/api/v1/events", data={"key": "k1"}, headers={"Authorization": f"Bearer {CORE}"})
    is_problem(answer, 415, "http-415")


def test_other_paths_and_methods_are_refused_in_the_same_form(rig: Rig) -> None:
    is_problem(rig.web.get("/api/v1/customers"), 404, "http-404")
    answer = rig.web.get("/api/v1/events")
    is_problem(answer, 405, "http-405")
    assert "POST" in answer.headers["Allow"]


# ---- when something fails -------------------------------------------------------------------------------


def test_without_a_database_nothing_is_kept_and_the_caller_may_try_again(rig: Rig) -> None:
    class Away:
        def begin(self) -> Any:
            raise OperationalError("connect", None, Exception("away: customer C1"))

        def close(self) -> None:
            return

    database: Any = Away()
    with redirect_stderr(io.StringIO()) as said:
        web = create_app(rig.settings, replace(rig.service, database=database)).test_client()
        answer = web.post("/api/v1/events", json=EVENT, headers={"Authorization": f"Bearer {CORE}"})
    is_problem(answer, 503, "away")
    assert int(answer.headers["Retry-After"]) > 0
    assert "api_failed" in said.getvalue() and "C1" not in said.getvalue() and CORE not in said.getvalue()


def test_no_answer_is_kept_by_anybody_between(rig: Rig) -> None:
    assert post(rig, EVENT).headers["Cache-Control"] == "no-store"
