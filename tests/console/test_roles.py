"""Every route of the console for every role: refused by the server, whatever the pages show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from werkzeug.routing import Rule

from app import create_app
from app.config import load_settings
from app.web.console.doors import EVERYBODY
from tests.console.conftest import Seat, SignedIn
from tests.console.permitted import ANYBODY, PERMITTED
from tests.rig import Rig


def rules() -> Iterator[Rule]:
    app = create_app(load_settings({"database_url": "sqlite://", "secret_key": "k"}))
    yield from (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console."))


RULES = sorted(rules(), key=lambda rule: rule.endpoint)
CLOSED = [rule for rule in RULES if PERMITTED.get(rule.endpoint, ANYBODY) is not ANYBODY]


def path(rule: Rule) -> str:
    """A path that the rule takes; what it names is not there."""
    filled = {name: 987654 if "Integer" in type(kind).__name__ else "none" for name, kind in rule._converters.items()}
    built = rule.build(filled)
    assert built is not None
    return built[1]


def method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else next(iter((rule.methods or set()) - {"OPTIONS", "HEAD"}))


def test_the_table_is_complete() -> None:
    """A new route is put into `permitted.py`, and one that went away is taken out."""
    assert {rule.endpoint for rule in RULES} == set(PERMITTED)


def test_every_door_says_what_the_table_says(desk: Rig) -> None:
    told = {}
    for rule in RULES:
        open_to = getattr(desk.app.view_functions[rule.endpoint], "open_to", ANYBODY)
        told[rule.endpoint] = open_to if open_to is ANYBODY else set(open_to)
    assert told == {endpoint: PERMITTED.get(endpoint) for endpoint in told}


def test_only_these_are_open_before_sign_in() -> None:
    assert {endpoint for endpoint, roles in PERMITTED.items() if roles is ANYBODY} == {
        "console.static",
        "console.login",
        "console.try_password",
        "console.second_step",
        "console.try_code",
        "console.choose_language",
        "console.choose_theme",
    }


def test_nobody_gets_in_without_signing_in(desk: Rig, anonymous: Callable[[], Seat]) -> None:
    client = anonymous()
    for rule in CLOSED:
        answer = client.open(path(rule), method=method(rule))
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/console/login"), rule
        answer = client.open(path(rule), method=method(rule), headers={"HX-Request": "true"})
        assert answer.status_code == 401, rule


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_role_is_refused_what_is_not_its_own(desk: Rig, signed_in: SignedIn, role: str) -> None:
    client = signed_in(role)
    refused = [rule for rule in CLOSED if role not in (PERMITTED[rule.endpoint] or ())]
    for rule in refused:
        assert client.open(path(rule), method=method(rule)).status_code == 403, rule
        assert client.open(path(rule), method=method(rule), headers={"HX-Request": "true"}).status_code == 403, rule


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_role_gets_past_the_door_of_what_is_its_own(desk: Rig, signed_in: SignedIn, role: str) -> None:
    """What lies behind is each page's own test; here nobody is turned away for who they are."""
    client = signed_in(role)
    for rule in CLOSED:
        mine = role in (PERMITTED[rule.endpoint] or ())
        if mine and method(rule) == "GET" and "event" not in rule.endpoint:
            answer = client.get(path(rule), headers={"Connection": "close"})
            assert answer.status_code in {200, 204, 302, 303, 400, 404, 409}, (rule, answer.status_code)
            answer.close()


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_navigation_shows_what_the_role_may_open(desk: Rig, signed_in: SignedIn, role: str) -> None:
    page = signed_in(role).get("/console/account").text
    shown = {endpoint for endpoint in PERMITTED if f'data-entry="{endpoint}"' in page}
    assert all(role in (PERMITTED[endpoint] or ()) for endpoint in shown)
