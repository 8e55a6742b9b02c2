"""A desk: the whole service with its console, and people who sit at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from app.handlers.accounts.digests import digest
from app.handlers.accounts.standing import standing
from app.store import agents, tables
from app.web.console.doors import new_session
from tests.clock import Clock
from tests.rig import Rig, sqlite_url

PASSWORD = "竹林深处有一只白鹤在散步"
DIGEST = digest(PASSWORD)
NAMES = {"agent": "小李", "supervisor": "张主管", "operator": "运营", "auditor": "审计"}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


class Seat(FlaskClient):
    """A browser that sends the page's CSRF token with every change; `csrf=False` leaves it out."""

    name = ""

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        if csrf and kwargs.get("method") in CHANGES:
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), "X-CSRFToken": self.token()}
        return super().open(*args, **kwargs)

    def token(self) -> str:
        """As a page that was opened in this session would carry it."""
        with self.session_transaction() as held, self.application.test_request_context():
            from flask import session

            session.update(held)
            token: str = generate_csrf()
            held["csrf_token"] = session["csrf_token"]
        return token

    def htmx(self, path: str, method: str = "GET", **kwargs: Any) -> TestResponse:
        """As htmx asks for a part of a page."""
        headers = {"HX-Request": "true", **kwargs.pop("headers", {})}
        return self.open(path, method=method, headers=headers, **kwargs)


SignedIn = Callable[..., Seat]


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Rig]:
    rig = Rig(sqlite_url(tmp_path), clock)
    rig.app.test_client_class = Seat
    yield rig
    rig.close()


@pytest.fixture
def person(desk: Rig) -> Callable[..., int]:
    """`person(name, role, **columns)` makes somebody whose password is PASSWORD, and gives their id."""

    def make(name: str, role: str = "agent", **columns: Any) -> int:
        with desk.service.database.begin() as connection:
            found = agents.by_name(connection, name)
            if found is None:
                return agents.add(connection, name, role, DIGEST, desk.clock(), **columns)
            if columns:
                agents.change(connection, found.id, **columns)
            return int(found.id)

    return make


@pytest.fixture
def anonymous(desk: Rig) -> Callable[[], Seat]:
    def sit() -> Seat:
        client = desk.app.test_client()
        assert isinstance(client, Seat)
        return client

    return sit


@pytest.fixture
def signed_in(desk: Rig, person: Callable[..., int], anonymous: Callable[[], Seat]) -> SignedIn:
    """`signed_in(role, name=…, **columns)`: a browser in which that person has just signed in; made if need be."""

    def sit(role: str = "agent", *, name: str = "", **columns: Any) -> Seat:
        client = anonymous()
        client.name = name or NAMES[role]
        held = standing(desk.service, person(client.name, role, **columns))
        assert held is not None
        with client.session_transaction() as session:
            session.update(new_session(held, desk.clock()))
        return client

    return sit


@pytest.fixture
def audited(desk: Rig) -> Callable[..., AbstractContextManager[None]]:
    """`with audited("ticket.claim", by="小李"):` exactly these audit rows are written meanwhile, in this order."""

    @contextmanager
    def watch(*actions: str, by: str = "") -> Iterator[None]:
        before = len(desk.rows(tables.Audit))
        yield
        written = desk.rows(tables.Audit)[before:]
        assert [row.action for row in written] == list(actions)
        assert all(row.at == desk.clock() for row in written)
        if by:
            assert {row.actor for row in written} == {by}

    return watch


def text_of(answer: TestResponse) -> str:
    """What stands on the page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
