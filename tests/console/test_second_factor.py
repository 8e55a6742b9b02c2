"""The second factor: set up, asked for, taken once, required by role."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from app.handlers.accounts import codes, others
from app.store import agents, options, tables
from tests.clock import Clock
from tests.console.conftest import PASSWORD, Seat, SignedIn, text_of
from tests.rig import Rig

Audited = Callable[..., AbstractContextManager[None]]
NONCE = "0123456789abcdef"


@pytest.fixture
def enrolled(desk: Rig, person: Callable[..., int]) -> Callable[[], str]:
    """小李 with a second factor; gives the code that their phone shows now."""
    person("小李", totp_nonce=NONCE, totp_since=desk.clock())

    def shown() -> str:
        return pyotp.TOTP(codes.secret_of(desk.service.secret, NONCE)).at(desk.clock())

    return shown


def password(client: Seat, next: str = "") -> Any:
    return client.post("/console/login", data={"name": "小李", "password": PASSWORD, "next": next})


def code(client: Seat, given: str) -> Any:
    return client.post("/console/login/code", data={"code": given})


def is_in(client: Seat) -> bool:
    return client.get("/console/account").status_code == 200


def require(desk: Rig, *roles: str) -> None:
    with desk.service.database.begin() as connection:
        options.write(connection, "second_factor", {"roles": list(roles)}, "运营", desk.clock())


def row(desk: Rig) -> Any:
    with desk.service.database.begin() as connection:
        return agents.by_name(connection, "小李")


def test_the_password_alone_opens_nothing(
    desk: Rig, enrolled: Callable[[], str], anonymous: Callable[[], Seat], audited: Audited
) -> None:
    client = anonymous()
    with audited():
        answer = password(client, next="/console/account?x=1")
    assert answer.headers["Location"] == "/console/login/code"
    assert not is_in(client)
    assert client.get("/console/login/code").status_code == 200
    client.get("/console/login")
    assert client.get("/console/login/code").status_code == 302, "the sign-in page begins anew"
    password(client, next="/console/account?x=1")
    with audited("session.begin", by="小李"):
        answer = code(client, enrolled())
    assert answer.headers["Location"] == "/console/account?x=1"
    assert is_in(client)


def test_a_code_without_the_password_opens_nothing(enrolled: Callable[[], str], anonymous: Callable[[], Seat]) -> None:
    client = anonymous()
    assert code(client, enrolled()).headers["Location"] == "/console/login"
    assert not is_in(client)


def test_no_code_is_taken_twice(desk: Rig, enrolled: Callable[[], str], anonymous: Callable[[], Seat]) -> None:
    first, second, shown = anonymous(), anonymous(), enrolled()
    password(first)
    password(second)
    assert code(first, shown).status_code == 303
    assert code(second, shown).status_code == 401
    desk.clock.advance(seconds=30)
    assert code(second, shown).status_code == 401, "the step before the present one counts for slow clocks, once"
    assert code(second, enrolled()).status_code == 303


@pytest.mark.parametrize(("late", "status"), [(-30, 303), (0, 303), (30, 303), (90, 401), (-90, 401)])
def test_clocks_may_differ_by_a_step(
    desk: Rig, enrolled: Callable[[], str], anonymous: Callable[[], Seat], late: int, status: int
) -> None:
    now = desk.clock()
    desk.clock.set(now + timedelta(seconds=late))
    shown = enrolled()
    desk.clock.set(now)
    client = anonymous()
    password(client)
    assert code(client, f" {shown[:3]} {shown[3:]} ").status_code == status


@pytest.mark.parametrize("given", ["", "12345", "abcdef", "１２３４５６", "000000\n1"])
def test_other_codes_are_refused(enrolled: Callable[[], str], anonymous: Callable[[], Seat], given: str) -> None:
    client = anonymous()
    password(client)
    assert code(client, given).status_code == 401
    assert not is_in(client)


def test_wrong_codes_lock_as_wrong_passwords_do(
    desk: Rig, enrolled: Callable[[], str], anonymous: Callable[[], Seat], audited: Audited
) -> None:
    client = anonymous()
    wrong = "000000" if enrolled() != "000000" else "111111"
    for _ in range(4):
        password(client)  # the right password in between forgives nothing
        with audited("session.refuse", by="小李"):
            assert code(client, wrong).status_code == 401
    with audited("session.refuse", "session.lock", by="小李"):
        code(client, wrong)
    assert code(client, enrolled()).status_code == 401
    assert password(client).status_code == 401
    desk.clock.advance(minutes=15, seconds=1)
    password(client)
    assert code(client, enrolled()).status_code == 303


def test_the_code_must_come_soon(desk: Rig, enrolled: Callable[[], str], anonymous: Callable[[], Seat]) -> None:
    client = anonymous()
    password(client)
    desk.clock.advance(minutes=5)
    assert code(client, enrolled()).headers["Location"] == "/console/login"
    assert not is_in(client)


def test_a_reset_in_between_begins_anew(desk: Rig, enrolled: Callable[[], str], anonymous: Callable[[], Seat]) -> None:
    client = anonymous()
    password(client)
    others.reset(desk.service, "小李", actor="张主管")
    assert code(client, enrolled()).status_code == 401
    assert not is_in(client)


def set_up(client: Seat) -> str:
    """The key that the page shows, without its spaces."""
    page = client.get("/console/account/factor").text
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    return found[1].replace(" ", "")


def test_setting_it_up_is_proven_by_a_code(desk: Rig, signed_in: SignedIn, audited: Audited) -> None:
    client, elsewhere = signed_in(), signed_in()
    key = set_up(client)
    assert set_up(client) == key, "reading the page again gives the same picture"
    page = client.get("/console/account/factor").text
    assert "<svg" in page and "style=" not in page
    with audited():
        answer = client.post("/console/account/factor", data={"code": "000000"})
    assert answer.status_code == 422
    assert row(desk).totp_since is None
    with audited("account.factor", by="小李"):
        answer = client.post("/console/account/factor", data={"code": pyotp.TOTP(key).at(desk.clock())})
    assert answer.status_code == 303
    assert is_in(client)
    assert not is_in(elsewhere), "what was signed in with less ends"
    fresh = desk.app.test_client()
    assert isinstance(fresh, Seat)
    assert password(fresh).headers["Location"] == "/console/login/code"
    assert code(fresh, pyotp.TOTP(key).at(desk.clock())).status_code == 401, "the code that proved it was taken"
    desk.clock.advance(seconds=30)
    assert code(fresh, pyotp.TOTP(key).at(desk.clock())).status_code == 303


def test_the_secret_stands_in_no_row_and_no_cookie(desk: Rig, signed_in: SignedIn) -> None:
    client = signed_in()
    key = set_up(client)
    client.post("/console/account/factor", data={"code": pyotp.TOTP(key).at(desk.clock())})
    kept = repr([desk.rows(table) for table in (tables.Agent, tables.Audit, tables.Option)])
    cookie = client.get_cookie("huifu")
    assert cookie is not None
    assert key not in kept and key not in cookie.value
    assert codes.secret_of(b"another key", row(desk).totp_nonce) != key


def test_taking_it_off_needs_a_code(
    desk: Rig, enrolled: Callable[[], str], signed_in: SignedIn, audited: Audited
) -> None:
    client = signed_in()
    with audited("session.refuse", by="小李"):
        assert client.post("/console/account/factor/drop", data={"code": "12"}).status_code == 422
    with audited("account.factor_dropped", by="小李"):
        assert client.post("/console/account/factor/drop", data={"code": enrolled()}).status_code == 303
    assert row(desk).totp_since is None
    assert is_in(client)


def test_one_that_is_there_is_not_replaced_by_a_second_set_up(
    desk: Rig, enrolled: Callable[[], str], signed_in: SignedIn
) -> None:
    client = signed_in()
    with client.session_transaction() as session:
        session["factor"] = "thief"
    stolen = pyotp.TOTP(codes.secret_of(desk.service.secret, "thief")).at(desk.clock())
    assert client.post("/console/account/factor", data={"code": stolen}).status_code == 422
    assert row(desk).totp_nonce == NONCE


def test_a_role_that_needs_it_can_do_nothing_before(desk: Rig, signed_in: SignedIn) -> None:
    require(desk, "agent")
    client = signed_in()
    assert signed_in("operator").get("/console/account").status_code == 200
    assert client.get("/console/account").headers["Location"] == "/console/account/factor"
    assert "您的角色需要双重验证" in text_of(client.get("/console/account/factor"))
    assert client.htmx("/console/status", "POST", data={"status": "available"}).status_code == 204
    assert row(desk).status == "away"
    client.post("/console/account/factor", data={"code": pyotp.TOTP(set_up(client)).at(desk.clock())})
    assert is_in(client)


def test_the_requirement_counts_for_sessions_that_are_open(desk: Rig, signed_in: SignedIn) -> None:
    client = signed_in()
    assert is_in(client)
    require(desk, "agent", "supervisor")
    assert not is_in(client)


def test_a_new_password_comes_before_the_factor(desk: Rig, signed_in: SignedIn) -> None:
    require(desk, "agent")
    client = signed_in(must_change=True)
    assert client.get("/console/account/factor").headers["Location"] == "/console/account/password"
    assert client.post("/console/account/factor").headers["Location"] == "/console/account/password"
    new = "a sentence of my own"
    answer = client.post("/console/account/password", data={"old": PASSWORD, "new": new, "again": new})
    assert answer.headers["Location"] == "/console/account/factor"


def test_known_codes_of_the_standard() -> None:
    """RFC 6238, appendix B, SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, expected in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        clock = Clock()
        clock.set(clock() + (timedelta(seconds=second) - timedelta(seconds=clock().timestamp())))
        assert codes.matching_step(secret, expected, clock(), 0) == second // 30
