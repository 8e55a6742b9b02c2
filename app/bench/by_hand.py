"""A turn's statements written by hand for the bare drivers: the same tables, rows like ours, nothing in between."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.store.facts import SQL as FACTS

Steps = Sequence[Sequence[str]]
"""Statements in their order, each as (verb, table)."""
Transaction = Callable[[Steps, Mapping[str, Any]], None]
"""Runs the steps with these values, and commits."""

ANSWER = "【示例银行】您想了解哪种还款方式？回复数字：1手机银行 2网银 3柜台 4自动扣款；回复9转人工，回复0返回菜单"

STATEMENTS: dict[tuple[str, str], str] = {
    ("SELECT", "conversations"): """
        SELECT phone, language, flow, step, flow_version, memory, owner, verified_until, silence_at, version, updated_at
        FROM conversations WHERE phone = :phone {for_update}""",
    ("INSERT", "conversations"): """
        INSERT INTO conversations (phone, language, flow, step, flow_version, memory, owner, version, updated_at)
        VALUES (:phone, 'zh-CN', '', '', 0, :memory, 'bot', 0, :now) ON CONFLICT DO NOTHING RETURNING phone""",
    ("UPDATE", "conversations"): """
        UPDATE conversations SET language = 'zh-CN', flow = 'repayment', step = 'path', flow_version = 1,
          memory = :memory, owner = 'bot', verified_until = NULL, silence_at = :later, version = version + 1,
          updated_at = :now
        WHERE phone = :phone""",
    ("INSERT", "inbound"): """
        INSERT INTO inbound (gateway, gateway_id, phone, recipient, body, media, keyword, raw, received_at, state,
          attempts, reason)
        VALUES ('twilio', :sid, :phone, :to, :body, 0, '', :raw, :now, 'taken', 0, '')
        ON CONFLICT DO NOTHING RETURNING id""",
    ("SELECT", "consents"): "{facts}",
    ("INSERT", "messages"): """
        INSERT INTO messages (phone, purpose, lane, template, body, parts, figures, author, state, reason, created_at,
          due_at, expires_at, attempts, status, conflict)
        VALUES (:phone, 'answer', 0, 'repayment.path', :answer, 2, :no, 'bot', 'queued', '', :now, :now, :later, 0, -1,
          :no)
        RETURNING id""",
    ("INSERT", "trace"): """
        INSERT INTO trace (phone, inbound_id, event, detail, at) VALUES (:phone, 1, 'heard', :memory, :now)""",
    ("SELECT", "phone_bindings"): """
        SELECT b.customer_id, c.card_last4 FROM phone_bindings b JOIN customers c ON c.customer_id = b.customer_id
        WHERE b.phone = :phone AND b.ended_at IS NULL ORDER BY b.id""",
    ("SELECT", "one_time_codes"): """
        SELECT count(*) FROM one_time_codes WHERE phone = :phone AND issued_at >= :earlier""",
    ("UPDATE", "one_time_codes"): """
        UPDATE one_time_codes SET state = 'replaced' WHERE phone = :phone AND state = 'open'""",
    ("INSERT", "one_time_codes"): """
        INSERT INTO one_time_codes (phone, customer_id, nonce, digest, digits, state, wrong, issued_at, expires_at)
        VALUES (:phone, 'C', :sid, :sid, 6, 'open', 0, :now, :later) RETURNING id""",
}

MEMORY = json.dumps(
    {"slots": {"n": "1"}, "beneath": [], "tries": 0, "asked": 2, "guard": ["0011223344556677", 1, None, 1]}
)
_PARAMETER = re.compile(r"(?<!:):([a-z]+)")


class NotByHand(LookupError):
    """Our turn uses a statement that `STATEMENTS` has no counterpart for: add it there."""


def check(steps: Steps) -> None:
    """Raises `NotByHand`."""
    for verb, table in steps:
        if (verb, table) not in STATEMENTS:
            raise NotByHand(f"the ceiling has no {verb} of {table}; add it to app/bench/by_hand.py")


def values(form: Mapping[str, str], raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What the statements need of a text: the parameters that Twilio posted, and the present."""
    now = datetime.now(UTC)
    return {
        "phone": form["From"],
        "to": form["To"],
        "sid": form["MessageSid"],
        "body": form["Body"],
        "raw": json.dumps(raw, ensure_ascii=False),
        "answer": ANSWER,
        "memory": MEMORY,
        "no": False,
        "before": 1,
        "now": now,
        "later": now + timedelta(minutes=5),
        "earlier": now - timedelta(days=1),
    }


def transactions(url: str) -> Transaction:
    """How a text's steps are run on the database of that URL, safe for many threads."""
    if url.startswith("sqlite"):
        return _on_sqlite(url.removeprefix("sqlite:///"))
    return _on_postgres(re.sub(r"^postgresql\+\w+:", "postgresql:", url))


def _positional(mark: str, for_update: str, facts: str) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """Each statement with `mark` for its parameters, and their names in order."""
    names = {"p": "phone", "since": "earlier", "heard": "now"}
    whole = {
        key: statement.replace("{for_update}", for_update).replace("{facts}", facts)
        for key, statement in STATEMENTS.items()
    }
    return {
        key: (
            _PARAMETER.sub(mark, statement),
            tuple(names.get(name, name) for name in _PARAMETER.findall(statement)),
        )
        for key, statement in whole.items()
    }


def _on_sqlite(path: str) -> Transaction:
    statements, here, writer = _positional("?", "", FACTS["sqlite"]), threading.local(), threading.Lock()

    def run(steps: Steps, given: Mapping[str, Any]) -> None:
        if not hasattr(here, "connection"):
            here.connection = sqlite3.connect(path, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                here.connection.execute(f"PRAGMA {pragma}")
        given = {k: v.isoformat(" ")[:26] if isinstance(v, datetime) else v for k, v in given.items()}
        execute = here.connection.execute
        with writer:  # SQLite has one writer, and its own way of waiting for it sleeps
            execute("BEGIN IMMEDIATE")
            try:
                for verb, table in steps:
                    statement, names = statements[verb, table]
                    execute(statement, [given[name] for name in names]).fetchall()
                execute("COMMIT")
            except BaseException:
                execute("ROLLBACK")
                raise

    return run


def _on_postgres(url: str) -> Transaction:
    import psycopg

    statements, here = _positional("%s", "FOR UPDATE", FACTS["postgresql"]), threading.local()

    def run(steps: Steps, given: Mapping[str, Any]) -> None:
        if not hasattr(here, "connection"):
            here.connection = psycopg.connect(url)
        cursor = here.connection.cursor()
        try:
            for verb, table in steps:
                statement, names = statements[verb, table]
                cursor.execute(statement, [given[name] for name in names])
                if cursor.description:
                    cursor.fetchall()
            here.connection.commit()
        except BaseException:
            here.connection.rollback()
            raise

    return run
