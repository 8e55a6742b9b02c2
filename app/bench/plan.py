"""Which SQL statements a turn of ours needs: seen in the run itself, so that the ceiling does the same."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import event
from werkzeug.test import TestResponse

from app import create_app
from app.bench import script
from app.bench.by_hand import check
from app.config import load_settings

STRANGER = 1_999_999
"""Somebody whom no load has text."""
Plan = dict[str, list[list[str]]]
"""Body of a text -> its statements in order, as [verb, table]."""

# The first table that is named: of our subqueries too.
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+(\w+)")


def observe(settings: dict[str, Any], customer: int) -> Plan:
    """Lets one customer say the script to our service, in this process, and notes every statement of each text.

    Raises `by_hand.NotByHand` when the ceiling has no counterpart for one, RuntimeError when a text gets no answer.
    """
    app = create_app(load_settings(settings))
    database = app.extensions["huifu"].database
    seen: list[list[str]] = []

    def executed(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith("BEGIN"):
            table = _TABLE.search(statement)
            seen.append([statement.split(None, 1)[0].upper(), table[1] if table else ""])

    def said(who: int, line: int) -> TestResponse:
        form = script.form(who, line)
        return app.test_client().post(script.PATH, data=form, headers={"X-Twilio-Signature": script.signature(form)})

    event.listen(database.engine, "before_cursor_execute", executed)
    plan: Plan = {}
    try:
        # The very first text loads all that a process needs, and a turn that takes long is put off.
        for line in range(len(script.SCRIPT)):
            said(STRANGER, line)
        for line, text in enumerate(script.SCRIPT):
            seen.clear()
            answer = said(customer, line)
            if answer.status_code != 200 or ["INSERT", "messages"] not in seen:
                raise RuntimeError(f"the text {text!r} was not answered ({answer.status_code}): nothing to measure")
            check(seen)
            plan[text] = list(seen)
    finally:
        database.close()
    return plan
