"""What keeps others out of the console: forged requests, fixed sessions, foreign destinations, guessing, leaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.handlers.accounts import sign_in
from app.store import agents, tables
from app.web.console.entry.limits import NAME, Failures
from app.web.console.frame import POLICY
from tests.clock import Clock
from tests.console.conftest import CHANGES, PASSWORD, Seat, SignedIn
from tests.console.permitted import ANYBODY, PERMITTED
from tests.console.test_roles import CLOSED, RULES, method, path
from tests.rig import Rig, sqlite_url


def try_in(client: Seat, password: str = PASSWORD, **form: str) -> int:
    return client.post("/console/login", data={"name": "小李", "password": password} | form).status_code


@pytest.fixture
def secure(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Rig]:
    """The console as a bank runs it: https in front."""
    rig = Rig(sqlite_url(tmp_path_factory.mktemp("secure")), clock, public_url="https://sms.bank.test")
    rig.app.test_client_class = Seat
    yield rig
    rig.close()


# ---- forged requests ----------------------------------------------------------------------------------------


def test_no_change_without_the_token_of_the_session(desk: Rig, signed_in: SignedIn) -> None:
    for rule in RULES:
        change = (rule.methods or set()) & CHANGES
        roles = PERMITTED.get(rule.endpoint)
        if not change:
            continue
        client = signed_in(sorted(roles)[0] if roles else "agent")
        client.get("/console/account")
        for headers in ({}, {"X-CSRFToken": "forged"}, {"HX-Request": "true"}):
            answer = client.open(
                path(rule), method=change.pop() if len(change) > 1 else min(change), csrf=False, headers=headers
            )
            assert answer.status_code == 400, (rule, headers)


def test_the_token_of_another_session_is_none(desk: Rig, signed_in: SignedIn) -> None:
    mine, theirs = signed_in(), signed_in("supervisor")
    answer = mine.post("/console/status", csrf=False, headers={"X-CSRFToken": theirs.token()}, data={"status": "away"})
    assert answer.status_code == 400


def test_no_route_that_changes_something_answers_to_get(desk: Rig) -> None:
    both = [rule.endpoint for rule in RULES if (rule.methods or set()) & CHANGES and "GET" in (rule.methods or ())]
    assert both == [], "give the form and what it does a function each"


def test_gateways_and_the_phone_need_no_token(desk: Rig) -> None:
    assert desk.web.post("/phone/api/size", json={"body": "TD"}).status_code == 200


# ---- sessions -----------------------------------------------------------------------------------------------


def test_nothing_of_the_session_before_sign_in_stays(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    """Session fixation: a cookie that an attacker planted is worth nothing after the victim signed in."""
    person("小李")
    attacker = anonymous()
    attacker.get("/console/login")
    planted = attacker.get_cookie("huifu")
    assert planted is not None
    victim = anonymous()
    victim.set_cookie("huifu", planted.value)
    with victim.session_transaction() as session:
        before = session["csrf_token"]
    assert try_in(victim) == 303
    with victim.session_transaction() as session:
        assert session.get("csrf_token") != before
    assert attacker.get("/console/account").status_code == 302


def test_a_cookie_that_was_changed_is_none(desk: Rig, signed_in: SignedIn) -> None:
    client = signed_in()
    cookie = client.get_cookie("huifu")
    assert cookie is not None
    body, _, rest = cookie.value.partition(".")
    client.set_cookie("huifu", f"{body[:-1]}A.{rest}")
    assert client.get("/console/account").status_code == 302


@pytest.mark.parametrize(
    "held",
    [
        {"_user_id": "1"},
        {"_user_id": "1", "epoch": 0},
        {"_user_id": "1", "epoch": 0, "begun": "x", "seen": None},
        {"_user_id": "999", "epoch": 0, "begun": 1, "seen": 1},
    ],
)
def test_a_session_that_lacks_something_is_none(desk: Rig, signed_in: SignedIn, held: dict[str, object]) -> None:
    client = signed_in()
    with client.session_transaction() as session:
        session.clear()
        session.update(held)
    assert client.get("/console/account").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    desk: Rig, secure: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    plain = anonymous().get("/console/login").headers["Set-Cookie"]
    assert plain.startswith("huifu=") and "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    locked = secure.app.test_client().get("/console/login", base_url="https://sms.bank.test").headers
    cookie = locked["Set-Cookie"]
    assert cookie.startswith("__Host-huifu=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Expires" not in cookie, "it ends with the browser"
    assert locked["Strict-Transport-Security"]


def test_cookies_are_signed_with_a_key_of_their_own(desk: Rig) -> None:
    key = desk.app.config["SECRET_KEY"]
    assert len(key) == 32 and key != desk.service.secret


# ---- where one is sent ---------------------------------------------------------------------------------------

FOREIGN = [
    "https://evil.test/console/",
    "//evil.test",
    "//evil.test/console/",
    "/\\evil.test",
    "/console/\\evil.test",
    "/console//evil.test",
    "/console/../..//evil.test",
    "/console/%2e%2e/%2f%2fevil.test",
    "/console/%5cevil.test",
    "/console/%255cevil.test",
    "/console/%0d%0aLocation:%20https://evil.test",
    "\t//evil.test",
    "/\t/evil.test",
    " /console/",
    "javascript:alert(1)",
    "/consoleevil",
    "/phone/",
    "http:/console/",
    "/console/\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("where", FOREIGN)
def test_nobody_is_sent_to_another_site(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], where: str
) -> None:
    person("小李")
    client = anonymous()
    page = client.get("/console/login", query_string={"next": where}).text
    assert "evil" not in re.sub(r'name="next" value="/console/login[^"]*"', "", page)
    answer = client.post("/console/login", data={"name": "小李", "password": PASSWORD, "next": where})
    assert answer.headers["Location"] == "/console/"
    answer = client.get("/console/login", query_string={"next": where})
    assert answer.headers["Location"] == "/console/"
    for route, name, value in (
        ("language", "language", "en"),
        ("theme", "theme", "dark"),
        ("status", "status", "away"),
    ):
        answer = client.post(f"/console/{route}", data={name: value, "next": where})
        assert answer.headers["Location"] == "/console/"


@pytest.mark.parametrize("where", ["/console/account", "/console/queue?topic=repayment&x=%E4%BD%99", "/console/"])
def test_one_comes_back_to_where_one_was(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat], where: str
) -> None:
    person("小李")
    answer = anonymous().post("/console/login", data={"name": "小李", "password": PASSWORD, "next": where})
    assert answer.headers["Location"] == where


# ---- guessing -------------------------------------------------------------------------------------------------


def test_one_address_cannot_try_a_password_on_every_name(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    person("小李")
    client = anonymous()
    for _ in range(18):
        desk.app.extensions[NAME].add("127.0.0.1")
    told = [try_in(client, "spring2026!", name=f"n{n}") for n in range(4)]
    assert told == [401, 401, 429, 429]
    assert try_in(client) == 429, "the right one neither, from there"
    assert client.post("/console/login/code", data={"code": "123456"}).status_code == 429
    elsewhere = desk.app.test_client()
    answer = elsewhere.post(
        "/console/login", data={"name": "小李", "password": PASSWORD}, environ_overrides={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert answer.status_code == 303


def test_a_whole_branch_may_sign_in_through_one_address(
    desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]
) -> None:
    """Only what fails is counted."""
    person("小李")
    for _ in range(19):
        desk.app.extensions[NAME].add("127.0.0.1")
    for _ in range(3):
        assert try_in(anonymous()) == 303


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [(0, "10.1.1.1", "10.0.0.9"), (1, "6.6.6.6, 10.1.1.1", "10.1.1.1"), (2, "6.6.6.6, 10.1.1.1, 10.0.0.1", "10.1.1.1")],
)
def test_only_proxies_of_ours_say_where_a_request_comes_from(
    tmp_path: Path, clock: Clock, proxies: int, told: str, address: str
) -> None:
    rig = Rig(sqlite_url(tmp_path), clock, trusted_proxies=proxies)
    client = rig.app.test_client()
    with client.session_transaction() as session:
        session["csrf_token"] = "1"
    page = client.get("/console/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"name": "x", "password": "y", "csrf_token": token[1]}
    headers = {"X-Forwarded-For": told}
    client.post("/console/login", data=form, headers=headers, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert rig.rows(tables.Audit)[-1].address == address
    rig.close()


def test_without_redis_failures_are_counted_all_the_same(desk: Rig, person: Callable[..., int]) -> None:
    desk.app.extensions[NAME] = failures = Failures("redis://127.0.0.1:1/0")
    for _ in range(20):
        assert not failures.too_many("10.0.0.1")
        failures.add("10.0.0.1")
    assert failures.too_many("10.0.0.1")
    assert not failures.too_many("10.0.0.2")


def test_tries_at_the_same_moment_do_not_slip_past_the_lock(desk: Rig, person: Callable[..., int]) -> None:
    """The lock is read again after the slow check: forty guesses that began before it find it closed."""
    from concurrent.futures import ThreadPoolExecutor

    person("小李")
    guesses = ["wrong"] * 12

    def guess(password: str) -> bool:
        try:
            sign_in.with_password(desk.service, "小李", password)
        except sign_in.NotSignedIn:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(guess, guesses))
    with desk.service.database.begin() as connection:
        row = agents.by_name(connection, "小李")
    assert row.wrong == 5 and row.locked_until is not None
    assert not guess(PASSWORD)


# ---- headers --------------------------------------------------------------------------------------------------


def pages(desk: Rig, signed_in: SignedIn, anonymous: Callable[[], Seat]) -> Iterator[tuple[str, object]]:
    for rule in RULES:
        if method(rule) != "GET" or "event" in rule.endpoint or rule.endpoint == "console.static":
            continue
        roles = PERMITTED.get(rule.endpoint)
        client = signed_in(sorted(roles)[0]) if roles else anonymous()
        yield path(rule), client.get(path(rule))
    yield "/console/nowhere", anonymous().get("/console/nowhere")
    yield "/console/status", anonymous().put("/console/status")


def test_every_page_carries_the_policy_and_is_kept_by_nobody(
    desk: Rig, signed_in: SignedIn, anonymous: Callable[[], Seat]
) -> None:
    for where, answer in pages(desk, signed_in, anonymous):
        headers = answer.headers  # type: ignore[attr-defined]
        assert headers["Content-Security-Policy"] == POLICY, where
        assert headers["Cache-Control"] == "no-store", where
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["X-Frame-Options"] == "DENY", where
        assert headers["Referrer-Policy"] == "same-origin", where


def test_no_page_has_anything_that_the_policy_forbids(
    desk: Rig, signed_in: SignedIn, anonymous: Callable[[], Seat]
) -> None:
    for where, answer in pages(desk, signed_in, anonymous):
        page = answer.get_data(as_text=True)  # type: ignore[attr-defined]
        for forbidden in (
            r"<[^>]+\sstyle=",
            r"<[^>]+\son[a-z]+=",
            r"<style",
            r"javascript:",
            r"hx-on",
            r"hx-vals='?js:",
        ):
            assert not re.search(forbidden, page), (where, forbidden)
        for script in re.findall(r"<script\b([^>]*)>", page):
            assert 'src="/' in script or 'type="application/json"' in script, (where, script)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page), where


def test_static_files_may_be_kept_and_say_what_they_hold(desk: Rig, anonymous: Callable[[], Seat]) -> None:
    page = anonymous().get("/console/login").text
    files = re.findall(r'(?:src|href)="((?:/console|/bootstrap)/static[^"#]+)', page)
    assert len(files) > 6
    for file in set(files):
        assert "?v=" in file
        answer = anonymous().get(file)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
    assert anonymous().get("/console/static/frame.css").headers["Cache-Control"] == "no-cache"


def test_an_error_shows_nothing_of_the_inside(desk: Rig, signed_in: SignedIn) -> None:
    def broken() -> str:
        raise RuntimeError("secret inside")

    client = signed_in()
    desk.app.view_functions["console.account"] = broken
    desk.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/console/account")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text and "系统出了点问题" in answer.text


def test_the_table_has_both_kinds() -> None:
    """Else the walks above walk past everything."""
    assert len(CLOSED) > 8
    assert any(roles is ANYBODY for roles in PERMITTED.values())
