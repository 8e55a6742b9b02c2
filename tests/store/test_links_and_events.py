"""Links, visits and events in rows, alike on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.store import customer_events, links, tables
from app.store.customer_events import Event
from app.store.database import Database
from app.store.links import Known, Seen
from app.store.migrate import upgrade

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "postgresql":
        fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres_url")
        url = fresh(upgrade)
    else:
        url = f"sqlite:///{tmp_path}/links.db"
        upgrade(url)
    database = Database(url, threads=2)
    yield database
    database.close()


def test_a_link_is_found_with_the_text_that_carried_it(database: Database) -> None:
    with database.begin() as connection:
        message = {"phone": "+8613800138000", "purpose": "commercial", "lane": 1, "template": "care.x@0", "body": "x"}
        times = dict.fromkeys(("created_at", "due_at", "expires_at", "handed_at"), NOW)
        insertion = insert(tables.Message).values(**message, **times, parts=1, state="handed")
        message_id = connection.execute(insertion).inserted_primary_key[0]
        occasion = {
            "programme": "x",
            "customer_id": "C1",
            "phone": "+8613800138000",
            "occasion": "2026-06-10",
            "template": "x",
            "language": "en",
            "purpose": "commercial",
            "kind": "product",
            "state": "queued",
            "given": {},
            "menu": {},
        }
        times = dict.fromkeys(("due_at", "closes_at", "planned_at"), NOW)
        insertion = insert(tables.Occasion).values(**occasion, **times, message_id=message_id)
        occasion_id = connection.execute(insertion).inserted_primary_key[0]
        assert links.add(connection, "code", "https://a.example/", occasion_id, "x", NOW, NOW + DAY)
        assert links.add(connection, "code", "https://a.example/", occasion_id, "x", NOW + DAY, NOW + 2 * DAY)
        assert not links.add(connection, "code", "https://b.example/", occasion_id, "x", NOW, NOW + DAY)
        assert not links.add(connection, "code", "https://a.example/", None, "x", NOW, None)
        assert links.add(connection, "constant", "https://a.example/", None, "x", NOW, None)
    with database.begin() as connection:
        found = links.find(connection, "code")
        assert found == Known("code", "https://a.example/", occasion_id, NOW + DAY, "en", "handed", NOW)
        assert links.find(connection, "constant") == Known("constant", "https://a.example/", None, None, "", None, None)
        assert links.find(connection, "Code") is None


def test_visits_are_written_together_and_the_first_person_is_kept(database: Database) -> None:
    kinds = ("bot", "person", "preview", "person", "expired")
    with database.begin() as connection:
        for code in ("a", "b"):
            links.add(connection, code, "https://a.example/", None, "x", NOW, NOW + DAY)
        links.note(connection, [Seen(code, NOW + n * DAY, kind, "X") for code in "ba" for n, kind in enumerate(kinds)])
        links.note(connection, [])
    with database.begin() as connection:
        followed = connection.execute(select(tables.Link.followed_at)).scalars().all()
        assert followed == [NOW + DAY] * 2
        links.note(connection, [Seen("a", NOW + 9 * DAY, "person", "X")])
        assert connection.execute(select(tables.Link.followed_at)).scalars().all() == [NOW + DAY] * 2


def test_events_are_kept_once(database: Database) -> None:
    events = [Event(f"k{n}", "C1", "drawn", NOW + n * DAY, {"amount": "1.00", "term": n}) for n in range(5)]
    with database.begin() as connection:
        connection.execute(insert(tables.Customer).values(customer_id="C1"))
        assert customer_events.customers(connection, {"C1", "C2"}) == {"C1"}
        assert customer_events.customers(connection, set()) == set()
        assert customer_events.add(connection, events[:3], "s" * 99, NOW) == {"k0", "k1", "k2"}
        assert customer_events.add(connection, events[::-1], "s", NOW) == {"k3", "k4"}
        assert customer_events.add(connection, [], "s", NOW) == set()
    with database.begin() as connection:
        assert customer_events.held(connection, ["k0", "k4", "k9"]) == {"k0": events[0], "k4": events[4]}
