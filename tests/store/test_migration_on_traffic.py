"""Migration 0003 while the program of 0002 is at work: its statements, by hand, in threads that never pause."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from app.store import migrate
from app.store.migrate import Patience

pytestmark = pytest.mark.postgres
Fresh = Callable[..., str]

QUEUE = """
INSERT INTO messages (phone, purpose, lane, template, body, parts, figures, author, state, reason, created_at, due_at,
  expires_at, attempts, status, conflict)
VALUES (%(phone)s, 'answer', 0, 't', 'b', 1, false, 'bot', 'queued', '', now(), now(), now() + interval '1 hour', 0, -1,
  false) RETURNING id"""
CLAIM = """
WITH picked AS MATERIALIZED (
  SELECT q.id AS picked_id FROM messages q WHERE q.state = 'queued' AND q.due_at <= now() AND q.lane BETWEEN 0 AND 2
    AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.phone = q.phone AND e.lane = q.lane AND e.id < q.id
                      AND e.state IN ('queued', 'sending'))
  ORDER BY q.lane, q.due_at, q.id LIMIT 5 FOR UPDATE SKIP LOCKED)
UPDATE messages AS m SET state = 'sending', attempts = m.attempts + 1 FROM picked
WHERE m.id = picked.picked_id AND m.state = 'queued' RETURNING id"""
HAND_OVER = "UPDATE messages SET state = 'handed', gateway = 'twilio', gateway_id = %(sid)s WHERE id = %(id)s"
RECEIPT = """
INSERT INTO receipts (gateway, gateway_id, message_id, status, error_code, raw, received_at)
VALUES ('twilio', %(sid)s, %(id)s, 30, '', '{}', now()) ON CONFLICT DO NOTHING RETURNING id"""
RAISE = "UPDATE messages SET status = 30 WHERE gateway = 'twilio' AND gateway_id = %(sid)s AND status < 30"
TALKERS, SENDERS = 3, 2


class OldProgram:
    """Threads that queue, claim, hand over and hear of texts as 0002 did. `broken` holds whatever went wrong."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+psycopg:", "postgresql:")
        self.stop = threading.Event()
        self.broken: list[BaseException] = []
        self.queued: list[int] = []
        self.heard: list[int] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._guard, args=(self._talk, n)) for n in range(TALKERS)]
        threads += [threading.Thread(target=self._guard, args=(self._send, n)) for n in range(SENDERS)]
        for thread in threads:
            thread.start()
        try:
            self.wait_for(20)
            yield
            self.wait_for(20)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, more: int) -> None:
        """Until that many further texts were queued and heard of, or something broke."""
        queued, heard, deadline = len(self.queued) + more, len(self.heard) + more, time.monotonic() + 60
        while not self.broken and (len(self.queued) < queued or len(self.heard) < heard):
            assert time.monotonic() < deadline, "the old program stands still"
            time.sleep(0.01)

    def _guard(self, work: Callable[[psycopg.Connection, int], None], number: int) -> None:
        try:
            # Prepared at once: a plan of the old table must not outlive it.
            with psycopg.connect(self.url, autocommit=True, prepare_threshold=0) as connection:
                connection.execute("SET lock_timeout = 10000")
                while not self.stop.is_set():
                    with connection.transaction():
                        work(connection, number)
        except BaseException as error:
            self.broken.append(error)
            raise

    def _talk(self, connection: psycopg.Connection, number: int) -> None:
        phone = f"+86138{number}{len(self.queued) % 97:04}"
        row = connection.execute(QUEUE, {"phone": phone}).fetchone()
        assert row is not None
        self.queued.append(row[0])

    def _send(self, connection: psycopg.Connection, number: int) -> None:
        for (message,) in connection.execute(CLAIM).fetchall():
            told = {"id": message, "sid": f"SM{number}-{message}"}
            assert connection.execute(HAND_OVER, told).rowcount == 1
            assert connection.execute(RECEIPT, told).fetchone() is not None
            assert connection.execute(RECEIPT, told).fetchone() is None
            assert connection.execute(RAISE, told).rowcount == 1
            self.heard.append(message)


@pytest.fixture
def url(fresh_postgres_url: Fresh) -> str:
    made = fresh_postgres_url()
    migrate.upgrade(made, "0002")
    return made


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True) as connection:
        yield connection


def one(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def files(connection: psycopg.Connection, *tables: str) -> list[object]:
    return [one(connection, f"SELECT pg_relation_filenode('{table}')") for table in tables]


def test_nothing_fails_and_nothing_is_lost_while_the_old_program_works(url: str) -> None:
    old = OldProgram(url)
    with connected(url) as connection, old.at_work():
        before = files(connection, "messages", "receipts", "pk_messages", "ix_messages_phone_id")
        migrate.upgrade(url)
        after = files(
            connection, "messages_before", "receipts_before", "pk_messages_before", "ix_messages_before_phone_id"
        )
    assert old.broken == []
    assert after == before, "a table or an index was written anew"
    with connected(url) as connection:
        rows = connection.execute("SELECT id FROM messages ORDER BY id").fetchall()
        assert [row[0] for row in rows] == sorted(old.queued)
        handed = connection.execute("SELECT id FROM messages WHERE state = 'handed' AND status = 30").fetchall()
        assert {row[0] for row in handed} == set(old.heard)
        assert one(connection, "SELECT count(*) FROM receipts") == len(old.heard)
        assert one(connection, "SELECT count(*) FROM messages_before") not in (0, len(rows))


IN_THE_WAY = (
    "SELECT count(*) FROM pg_locks WHERE relation = 'receipts'::regclass AND mode = 'AccessExclusiveLock'"
    " AND NOT granted"
)


def test_a_long_transaction_makes_the_migration_wait_and_the_traffic_go_on(url: str) -> None:
    old = OldProgram(url)
    with connected(url) as holder, old.at_work():
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE receipts IN ROW SHARE MODE")
        hasty = {"patience": Patience(table=0.2, rest=0.25)}
        migration = threading.Thread(target=migrate.upgrade, args=(url,), kwargs=hasty)
        migration.start()
        for waits in (1, 0) * 4:
            deadline = time.monotonic() + 60
            while one(holder, IN_THE_WAY) != waits:
                assert time.monotonic() < deadline, "the migration waits in the way of all others"
                time.sleep(0.005)
            if not waits:
                old.wait_for(1)
        assert migrate.current(url) == "0002"
        holder.execute("COMMIT")
        migration.join()
    assert old.broken == []
    assert migrate.current(url) == migrate.head()
    with connected(url) as connection:
        assert one(connection, "SELECT count(*) FROM messages") == len(old.queued)


def test_a_table_that_is_never_let_go_ends_with_a_sentence(url: str) -> None:
    with connected(url) as holder:
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE messages IN ROW SHARE MODE")
        with pytest.raises(TimeoutError, match="a transaction has held a table for ten minutes; end it"):
            migrate.upgrade(url, patience=Patience(table=0.05, rest=0.0, tries=0.3))
        holder.execute("COMMIT")
    assert migrate.current(url) == "0002"
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()


def test_a_migration_that_was_cut_off_goes_on_where_it_was(url: str) -> None:
    with connected(url) as holder:
        holder.execute(
            "INSERT INTO receipts (gateway, gateway_id, status, error_code, raw, received_at)"
            " VALUES ('twilio', 'SM1', 30, '', '{}', now())"
        )
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE receipts IN ROW SHARE MODE")
        ended: list[str] = []

        def cut() -> None:
            try:
                migrate.upgrade(url)
            except OperationalError as error:
                ended.append(str(error))

        migration = threading.Thread(target=cut)
        migration.start()
        deadline = time.monotonic() + 60
        with connected(url) as watcher:
            kill = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE '%%ALTER TABLE receipts%%' AND pid <> pg_backend_pid()"
            )
            while one(watcher, kill) is None:
                assert time.monotonic() < deadline
        migration.join(60)
        assert "terminating connection" in ended[0]
        holder.execute("COMMIT")
        kinds = (
            "SELECT string_agg(relkind::text, '' ORDER BY relname) FROM pg_class"
            " WHERE relname IN ('messages', 'receipts')"
        )
        assert one(holder, kinds) == "pr", "messages were done, receipts not"
        migrate.upgrade(url)
        assert one(holder, kinds) == "pp"
        assert one(holder, "SELECT count(*) FROM receipts") == 1


def test_whoever_could_use_the_tables_still_can(url: str) -> None:
    with connected(url) as connection:
        role = f"reader_{one(connection, 'SELECT oid FROM pg_database WHERE datname = current_database()')}"
        connection.execute(f"CREATE ROLE {role}")
        try:
            connection.execute(f"GRANT SELECT, INSERT ON messages TO {role}")
            migrate.upgrade(url)
            for right, has in (("SELECT", True), ("INSERT", True), ("DELETE", False)):
                assert one(connection, f"SELECT has_table_privilege('{role}', 'messages', '{right}')") is has
        finally:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")
