"""Signing in with a password: who comes in, who does not, and how long a session lasts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from app.handlers.accounts import others
from app.store import agents, options, tables
from app.web.console import console, doors
from tests.console.conftest import PASSWORD, Seat, SignedIn, text_of
from tests.rig import Rig

Audited = Callable[..., AbstractContextManager[None]]
LOCKED_SENTENCE = "姓名或密码不正确，或账号已锁定"


def try_in(client: Seat, name: str = "小李", password: str = PASSWORD, next: str = "") -> int:
    form = {"name": name, "password": password, "next": next}
    return client.post("/console/login", data=form).status_code


def is_in(client: Seat) -> bool:
    return client.get("/console/account").status_code == 200


def row(desk: Rig, name: str = "小李") -> object:
    with desk.service.database.begin() as connection:
        return agents.by_name(connection, name)


def test_the_right_password_opens_the_console(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], audited: Audited
) -> None:
    person("小李")
    client = anonymous()
    assert not is_in(client)
    with audited("session.begin", by="小李"):
        assert try_in(client) == 303
    assert is_in(client)
    assert "小李" in client.get("/console/account").text


@pytest.mark.parametrize("password", ["", "竹林深处有一只白鹤", PASSWORD + " ", PASSWORD * 500, "\x00", "x" * 200_000])
def test_another_password_does_not(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], audited: Audited, password: str
) -> None:
    person("小李")
    client = anonymous()
    with audited("session.refuse", by="小李"):
        assert try_in(client, password=password) == 401
    assert not is_in(client)


@pytest.mark.parametrize("name", ["", "小王", "小李'--", "小李\x00", "\ud83d", "x" * 5000])
def test_a_name_that_nobody_has_stands_in_no_row(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], audited: Audited, name: str
) -> None:
    person("小李")
    with audited("session.refuse"):
        assert try_in(anonymous(), name=name.encode("utf-8", "replace").decode()) == 401
    written = desk.rows(tables.Audit)[-1]
    assert (written.actor, written.subject, written.detail) == ("", "", {"why": "unknown"})


def test_every_refusal_reads_the_same(desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]) -> None:
    """Whoever tries learns neither which names exist nor which accounts are closed or locked."""
    person("小李")
    person("离职", disabled_at=desk.clock())
    person("锁着", locked_until=desk.clock() + timedelta(minutes=5))
    told = set()
    for name, password in (("小李", "wrong"), ("谁", "wrong"), ("离职", PASSWORD), ("锁着", PASSWORD)):
        answer = anonymous().post("/console/login", data={"name": name, "password": password})
        assert answer.status_code == 401
        told.add(text_of(answer))
    assert len(told) == 1
    assert LOCKED_SENTENCE in told.pop()


def test_what_was_typed_comes_back_without_the_password(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    answer = anonymous().post("/console/login", data={"name": "<b>小", "password": "geheim-geheim"})
    assert "&lt;b&gt;小" in answer.text
    assert "geheim-geheim" not in answer.text


def test_five_wrong_tries_lock_the_account_for_a_quarter_of_an_hour(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], audited: Audited
) -> None:
    person("小李")
    client = anonymous()
    for _ in range(4):
        with audited("session.refuse"):
            try_in(client, password="wrong")
    with audited("session.refuse", "session.lock"):
        try_in(client, password="wrong")
    desk.clock.advance(minutes=14)
    assert try_in(client) == 401, "the right password opens nothing while it is locked"
    desk.clock.advance(minutes=1, seconds=1)
    assert try_in(client) == 303, "a try at the lock does not prolong it"
    assert row(desk).wrong == 0  # type: ignore[attr-defined]


def test_after_a_lock_the_count_begins_anew(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    person("小李")
    client = anonymous()
    for _ in range(5):
        try_in(client, password="wrong")
    desk.clock.advance(minutes=16)
    try_in(client, password="wrong")
    assert try_in(client) == 303


def test_right_ones_forgive_wrong_ones(desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]) -> None:
    person("小李", wrong=4)
    client = anonymous()
    assert try_in(client) == 303
    assert row(desk).wrong == 0  # type: ignore[attr-defined]
    assert try_in(anonymous(), password="wrong") == 401
    assert try_in(anonymous()) == 303


def test_a_supervisor_unlocks(desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]) -> None:
    person("小李", locked_until=desk.clock() + timedelta(minutes=15), wrong=5)
    others.unlock(desk.service, "小李", actor="张主管")
    assert try_in(anonymous()) == 303


def test_an_old_digest_is_made_anew(desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    person("小李")
    person("小李", password=weak)
    assert try_in(anonymous()) == 303
    fresh = row(desk).password  # type: ignore[attr-defined]
    assert fresh != weak and fresh.startswith("$argon2id$")
    assert try_in(anonymous()) == 303


def test_one_spelling_for_what_looks_alike(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    others.add(desk.service, "小李", "agent", actor="t", password="Ａ good password é")
    assert try_in(anonymous(), password="A good password e\u0301") == 303


def test_a_session_ends_after_half_an_hour_of_nothing(desk: Rig, signed_in: SignedIn) -> None:
    client = signed_in()
    for _ in range(4):
        desk.clock.advance(minutes=29)
        assert is_in(client)
    desk.clock.advance(minutes=30)
    answer = client.get("/console/account", follow_redirects=True)
    assert "自动退出登录" in text_of(answer)
    assert not is_in(client)


def test_a_session_ends_after_twelve_hours_whatever_happens(desk: Rig, signed_in: SignedIn) -> None:
    client = signed_in()
    for _ in range(35):
        desk.clock.advance(minutes=20)
        assert is_in(client)
    desk.clock.advance(minutes=20)
    assert not is_in(client)


def test_the_bank_sets_how_long_sessions_last(desk: Rig, signed_in: SignedIn) -> None:
    with desk.service.database.begin() as connection:
        options.write(connection, "sessions", {"idle_minutes": 5, "hours": 1}, "运营", desk.clock())
    client = signed_in()
    desk.clock.advance(minutes=5)
    assert not is_in(client)


def test_what_a_page_asks_for_by_itself_does_not_prolong_a_session(desk: Rig, signed_in: SignedIn) -> None:
    asked_for_by_pages = [name for name, view in desk.app.view_functions.items() if getattr(view, "background", False)]
    assert all(name.startswith("console.") for name in asked_for_by_pages)
    client = signed_in()
    view = desk.app.view_functions["console.account"]
    view.background = True  # type: ignore[attr-defined]
    try:
        desk.clock.advance(minutes=20)
        assert is_in(client)
        desk.clock.advance(minutes=10)
        assert not is_in(client)
    finally:
        del view.background  # type: ignore[attr-defined]


def test_signing_out_ends_a_copied_cookie_too(desk: Rig, signed_in: SignedIn, audited: Audited) -> None:
    client = signed_in()
    client.get("/console/account")
    cookie = client.get_cookie("huifu")
    assert cookie is not None
    with audited("session.end", by="小李"):
        assert client.post("/console/logout").status_code == 303
    thief = desk.app.test_client()
    thief.set_cookie("huifu", cookie.value)
    assert thief.get("/console/account").status_code == 302
    assert not is_in(client)


@pytest.mark.parametrize("act", [others.disable, others.reset])
def test_an_account_that_is_closed_or_reset_is_signed_out_at_once(
    desk: Rig, signed_in: SignedIn, act: Callable[..., object]
) -> None:
    client = signed_in()
    assert is_in(client)
    act(desk.service, "小李", actor="张主管")
    assert not is_in(client)


def test_ending_other_sessions_keeps_this_one(desk: Rig, signed_in: SignedIn, audited: Audited) -> None:
    here, elsewhere = signed_in(), signed_in()
    with audited("session.end_others", by="小李"):
        here.post("/console/account/others")
    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_one_time_password_opens_only_the_page_that_changes_it(
    desk: Rig, signed_in: SignedIn, audited: Audited
) -> None:
    client = signed_in(must_change=True)
    for path in ("/console/", "/console/account", "/console/account/factor"):
        assert client.get(path).headers["Location"] == "/console/account/password"
    assert client.htmx("/console/status", "POST").headers["HX-Redirect"] == "/console/account/password"
    form = {"old": PASSWORD, "new": "九月的风吹过湖面的小船", "again": "九月的风吹过湖面的小船"}
    assert client.post("/console/account/password", data=form).status_code == 422, "eleven characters"
    form["new"] = form["again"] = "九月的风吹过湖面的小船了"
    with audited("account.password", by="小李"):
        assert client.post("/console/account/password", data=form).status_code == 303
    assert is_in(client)


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        (PASSWORD, "short", "short", "太短了"),
        (PASSWORD, "x y z " * 30, "x y z " * 30, "太长了"),
        (PASSWORD, "1234567890123", "1234567890123", "太常见"),
        (PASSWORD, "abcdefghijklmn", "abcdefghijklmn", "太常见"),
        (PASSWORD, PASSWORD, PASSWORD, "不能与当前密码相同"),
        (PASSWORD, "one good sentence", "another sentence", "不一致"),
        ("not mine at all", "one good sentence", "one good sentence", "当前密码不正确"),
    ],
)
def test_a_password_that_cannot_be_taken_says_why_at_its_field(
    desk: Rig, signed_in: SignedIn, old: str, new: str, again: str, why: str
) -> None:
    client = signed_in()
    before = row(desk).password  # type: ignore[attr-defined]
    answer = client.post("/console/account/password", data={"old": old, "new": new, "again": again})
    assert answer.status_code == 422
    assert why in text_of(answer)
    assert row(desk).password == before  # type: ignore[attr-defined]


def test_the_present_password_cannot_be_guessed_at_an_open_desk(desk: Rig, signed_in: SignedIn) -> None:
    client = signed_in()
    wrong = {"old": "guess", "new": "one good sentence", "again": "one good sentence"}
    for _ in range(5):
        client.post("/console/account/password", data=wrong)
    assert client.post("/console/account/password", data={**wrong, "old": PASSWORD}).status_code == 422


def test_the_language_and_theme_are_chosen_before_and_after_signing_in(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], audited: Audited
) -> None:
    person("小李")
    client = anonymous()
    assert '<html lang="zh-CN" data-theme="auto" data-bs-theme="light">' in client.get("/console/login").text
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert "Sign in" in client.get("/console/login", headers=english).text
    with audited():
        client.post("/console/language", data={"language": "en"})
        client.post("/console/theme", data={"theme": "dark"})
    assert '<html lang="en" data-theme="dark" data-bs-theme="dark">' in client.get("/console/login").text
    try_in(client)
    with audited("account.interface", "account.theme", by="小李"):
        client.post("/console/language", data={"language": "zh-CN"})
        client.post("/console/theme", data={"theme": "light"})
    assert '<html lang="zh-CN" data-theme="light" data-bs-theme="light">' in client.get("/console/account").text
    assert row(desk).interface == "zh-CN"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "form"), [("language", {"language": "xx"}), ("theme", {"theme": "../"}), ("theme", {})]
)
def test_other_choices_are_refused(anonymous: Callable[[], Seat], path: str, form: dict[str, str]) -> None:
    assert anonymous().post(f"/console/{path}", data=form).status_code == 400


def test_the_status_is_switched_from_every_page(desk: Rig, signed_in: SignedIn, audited: Audited) -> None:
    client = signed_in()
    assert row(desk).status == "away", "signing in makes nobody available"  # type: ignore[attr-defined]
    with audited("agent.status", by="小李"):
        part = client.htmx("/console/status", "POST", data={"status": "available"})
    assert "接待中" in part.text and "<html" not in part.text
    assert row(desk).idle_since == desk.clock()  # type: ignore[attr-defined]
    with audited():
        client.htmx("/console/status", "POST", data={"status": "available"})
    answer = client.post("/console/status", data={"status": "away", "next": "/console/account"})
    assert answer.headers["Location"] == "/console/account"
    assert client.post("/console/status", data={"status": "gone"}).status_code == 400
    assert [event.kind for event in desk.rows(tables.ConsoleEvent)] == ["agents", "agents"]


def test_a_part_of_a_page_is_told_that_the_session_is_over(desk: Rig, anonymous: Callable[[], Seat]) -> None:
    page = {"HX-Current-URL": "http://localhost/console/account?a=1"}
    answer = anonymous().htmx("/console/account", headers=page)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/console/login?next=/console/account?a%3D1"
    for kind in ("application/json", "text/event-stream"):
        assert anonymous().get("/console/account", headers={"Accept": kind}).status_code == 401


def test_the_door_itself_names_roles_that_exist() -> None:
    with pytest.raises(ValueError, match="no such role"):
        doors.needs("clerk")
    with pytest.raises(ValueError, match="no such role"):
        doors.needs()
    assert console.url_prefix == "/console"
