"""What becomes of a text on the simulated network as time passes: sent, delivered or not, and who is told."""

from __future__ import annotations

import sqlite3
from typing import Final

from app.gateways.faults import Kind
from app.gateways.network_file import Rows
from app.gateways.port import Status

# Seconds.
UNTIL_SENT: Final = 0.2
UNTIL_DELIVERED: Final = 0.6
LATE: Final = 60.0
REVERSED: Final = 3.0
PATIENCE: Final = 3600.0  # how long a carrier keeps a text for a handset that is off


def begin(rows: Rows, text_id: int, now: float) -> None:
    """Puts a text that was just taken on its way."""
    rows.plan_step(now + UNTIL_SENT, text_id, "send")


def wake(rows: Rows, phone: str, now: float) -> None:
    """Delivers what waited for a handset."""
    waiting = rows.all(
        "DELETE FROM step WHERE name = 'give_up' AND text_id IN (SELECT id FROM text WHERE phone = ?) "
        "RETURNING text_id",
        phone,
    )
    for row in waiting:
        rows.plan_step(now, row["text_id"], "deliver")


def advance(rows: Rows, now: float) -> None:
    """Takes every step that is due by `now`, each at its own time, in order."""
    while step := rows.one("SELECT * FROM step WHERE due <= ? ORDER BY due, id LIMIT 1", now):
        rows.do("DELETE FROM step WHERE id = ?", step["id"])
        text = rows.one("SELECT * FROM text WHERE id = ?", step["text_id"])
        assert text is not None
        _take(rows, step["name"], text, step["due"])


def _take(rows: Rows, step: str, text: sqlite3.Row, at: float) -> None:
    valid_until = text["valid_until"]
    if step == "send":
        _move(rows, text, Status.SENT, None, at)
        rows.plan_step(at + UNTIL_DELIVERED, text["id"], "deliver")
    elif step == "give_up":
        _move(rows, text, Status.UNDELIVERED, "30036" if at >= valid_until else "30003", at)
    elif text["fault"] == Kind.UNDELIVERED:
        _move(rows, text, Status.UNDELIVERED, text["fault_code"], at)
    elif at > valid_until:
        _move(rows, text, Status.UNDELIVERED, "30036", at)
    elif rows.handset(text["phone"]).switched_on:
        _move(rows, text, Status.DELIVERED, None, at)
    else:
        rows.plan_step(min(valid_until, text["at"] + PATIENCE), text["id"], "give_up")


def _move(rows: Rows, text: sqlite3.Row, status: Status, code: str | None, at: float) -> None:
    """As with Twilio there is no callback for the first status, only for a change."""
    rows.do(
        "UPDATE text SET status = ?, error_code = ?, revision = ? WHERE id = ?",
        *(status.name, code, rows.next("revision"), text["id"]),
    )
    fault = text["fault"]
    if fault == Kind.CALLBACKS_NEVER:
        return
    form = {"id": text["gateway_id"], "status": status.name.lower(), "to": text["phone"]}
    if code:
        form["error_code"] = code
    delay = LATE if fault == Kind.CALLBACKS_LATE else 0.0
    if fault == Kind.CALLBACKS_REVERSED and status is Status.SENT:
        delay = REVERSED
    for _ in range(2 if fault == Kind.CALLBACKS_TWICE else 1):
        rows.plan_call(at + delay, text["status_url"], form)
