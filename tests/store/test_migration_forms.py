"""Every migration's SQL, as PostgreSQL gets it: none has a form that rewrites or blocks a table which is in use."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.store import migrate
from tests.store.test_migrations import REVISIONS

BEFORE_THE_RULE = {"0001", "0002"}  # no bank had rows yet

FORBIDDEN = {
    "writes the table anew": re.compile(r"ALTER TABLE .*\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b|\bSET (UN)?LOGGED\b"),
    "writes the table anew, for a default that differs by row": re.compile(
        r"\bADD COLUMN\b.*(\bDEFAULT \w+\(|\bSERIAL\b|\bBIGSERIAL\b|\bGENERATED\b)"
    ),
    "holds the table while it is read: SET NOT NULL, without a validated check": re.compile(r"\bSET NOT NULL\b"),
    "holds the table while it is read: add it NOT VALID, and validate": re.compile(
        r"\bADD CONSTRAINT\b(?!.*\bNOT VALID\b).*\b(CHECK|FOREIGN KEY)\b"
    ),
    "holds the table while the index is made: make it CONCURRENTLY, and add it USING INDEX": re.compile(
        r"\bADD (CONSTRAINT \S+ )?(UNIQUE|PRIMARY KEY)\b(?!.*\bUSING INDEX\b)"
    ),
    "holds every writer while it is made: CONCURRENTLY": re.compile(
        r"\bCREATE (UNIQUE )?INDEX (?!CONCURRENTLY)(?=.* ON (ONLY )?(\w+))"
    ),
    "copies the rows": re.compile(r"\b(VACUUM FULL|CLUSTER|CREATE TABLE \S+ AS|INSERT INTO (?!alembic_version))"),
    "changes all rows in one transaction": re.compile(
        r"^\s*(UPDATE (?!alembic_version)|DELETE FROM (?!alembic_version))"
    ),
}
TABLE = re.compile(r"(?:ALTER TABLE (?:ONLY |IF EXISTS )*|ON (?:ONLY )?)(\w+)")


def faults(statements: list[str]) -> list[str]:
    """What is wrong with these, in their order. A table that they make themselves may be treated in any way: nobody
    uses it before they are done."""
    new: set[str] = set()
    found = []
    for statement in statements:
        plain = " ".join(statement.split())
        if made := re.match(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", plain):
            new.add(made[1])
        if renamed := re.match(r"ALTER TABLE (\w+) RENAME TO (\w+)", plain):
            new.discard(renamed[1])
        touched = TABLE.search(plain)
        if (touched and touched[1] in new) or "FUNCTION" in plain.partition("AS")[0]:
            continue
        found += [f"{why}: {plain[:100]}" for why, form in FORBIDDEN.items() if form.search(plain)]
    return found


@pytest.fixture
def told(fresh_postgres_url: Callable[..., str]) -> Callable[[str], list[str]]:
    """`told(revision)` gives the statements that lead to a revision from the one before, on PostgreSQL."""

    def run(revision: str) -> list[str]:
        url = fresh_postgres_url()
        if before := [known for known in REVISIONS if known < revision]:
            migrate.upgrade(url, before[-1])
        heard: list[str] = []

        def hear(_: object, __: object, statement: str, *___: object) -> None:
            heard.append(statement)

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            migrate.upgrade(url, revision)
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
        return heard

    return run


@pytest.mark.postgres
@pytest.mark.parametrize("revision", [known for known in REVISIONS if known not in BEFORE_THE_RULE])
def test_a_migration_has_no_form_that_stops_the_traffic(told: Callable[[str], list[str]], revision: str) -> None:
    heard = told(revision)
    assert any("ALTER TABLE" in statement or "CREATE" in statement for statement in heard)
    assert faults(heard) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE tickets ALTER COLUMN topic TYPE text",
        "ALTER TABLE tickets ALTER topic SET DATA TYPE text",
        "ALTER TABLE tickets ADD COLUMN token uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE tickets ADD COLUMN n BIGSERIAL",
        "ALTER TABLE tickets ALTER COLUMN mood SET NOT NULL",
        "ALTER TABLE tickets ADD CONSTRAINT ck_x CHECK (priority > 0)",
        "ALTER TABLE tickets ADD CONSTRAINT fk_x FOREIGN KEY (phone) REFERENCES conversations (phone)",
        "ALTER TABLE tickets ADD CONSTRAINT uq_x UNIQUE (phone)",
        "ALTER TABLE tickets ADD PRIMARY KEY (id)",
        "CREATE INDEX ix_x ON tickets (phone)",
        "CREATE UNIQUE INDEX ix_x ON tickets (phone)",
        "CREATE TABLE more AS SELECT * FROM tickets",
        "INSERT INTO more SELECT * FROM tickets",
        "VACUUM FULL tickets",
        "UPDATE tickets SET mood = ''",
        "DELETE FROM tickets",
    ],
)
def test_each_forbidden_form_is_seen(statement: str) -> None:
    assert len(faults([statement])) == 1


@pytest.mark.parametrize(
    "statements",
    [
        ["ALTER TABLE tickets ADD COLUMN mood VARCHAR(10) DEFAULT '' NOT NULL"],
        ["ALTER TABLE tickets ADD CONSTRAINT ck_x CHECK (priority > 0) NOT VALID"],
        ["ALTER TABLE tickets VALIDATE CONSTRAINT ck_x"],
        ["CREATE INDEX CONCURRENTLY ix_x ON tickets (phone)"],
        ["ALTER TABLE tickets ADD CONSTRAINT uq_x UNIQUE USING INDEX ix_x"],
        ["CREATE TABLE more (id bigint)", "CREATE INDEX ix_more ON more (id)", "ALTER TABLE more ADD PRIMARY KEY (id)"],
        ["UPDATE alembic_version SET version_num='0003'"],
    ],
)
def test_what_lets_the_traffic_go_on_passes(statements: list[str]) -> None:
    assert faults(statements) == []
