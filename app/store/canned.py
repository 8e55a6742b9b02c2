"""Replies that agents keep at hand: those that are shipped (`canned.toml`), with the operators' own over them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from app.store import tables

ROW = tables.CannedReply
SHIPPED = Path(__file__).with_name("canned.toml")


@dataclass(frozen=True, slots=True)
class Canned:
    """`body` has the placeholders of `rules/canned.py`; an empty one stands for a shipped reply that an operator took
    out. `topic` empty: fits everywhere. `written_by` and `written_at` are empty while it is as shipped."""

    shortcut: str
    language: str
    topic: str
    body: str
    shipped: bool = False
    written_by: str = ""
    written_at: datetime | None = None


def listed(connection: Connection, language: str) -> list[Canned]:
    """What an agent can choose from in this language, by topic and shortcut."""
    return [one for one in every(connection) if one.language == language and one.body]


def every(connection: Connection) -> list[Canned]:
    """All of them, those that were taken out as well: by shortcut and language within their topic."""
    rows = connection.execute(select(*ROW.__table__.columns)).all()
    own = {
        (row.shortcut, row.language): Canned(
            row.shortcut,
            row.language,
            row.topic,
            row.body,
            (row.shortcut, row.language) in shipped(),
            row.written_by,
            row.written_at,
        )
        for row in rows
    }
    return sorted({**shipped(), **own}.values(), key=lambda one: (one.topic, one.shortcut, one.language))


@cache
def shipped() -> dict[tuple[str, str], Canned]:
    """The starters, by shortcut and language."""
    found = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {
        (shortcut, language): Canned(shortcut, language, entry["topic"], body, shipped=True)
        for shortcut, entry in found.items()
        for language, body in entry.items()
        if language != "topic"
    }


def one(connection: Connection, shortcut: str, language: str) -> Canned | None:
    """A reply as it stands now, or None."""
    return next((c for c in every(connection) if (c.shortcut, c.language) == (shortcut, language)), None)


def write(connection: Connection, shortcut: str, language: str, topic: str, body: str, by: str, now: datetime) -> None:
    """Sets the operators' own words under a shortcut. The audit row is the caller's."""
    drop(connection, shortcut, language)
    row = {"shortcut": shortcut, "language": language, "topic": topic, "body": body, "written_by": by}
    connection.execute(insert(ROW).values(**row, written_at=now))


def drop(connection: Connection, shortcut: str, language: str) -> None:
    """Takes the operators' words away: the shipped ones stand again, or nothing."""
    connection.execute(delete(ROW).where(ROW.shortcut == shortcut, ROW.language == language))
