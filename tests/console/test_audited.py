"""Whoever changes something leaves an audit row: a walk over every route that takes a change."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from app.store import tables
from app.web.console.office.audit_said import DEEDS
from tests.console.conftest import CHANGES, SignedIn
from tests.console.permitted import AUDITED
from tests.console.test_roles import RULES
from tests.handlers.talk import ANN
from tests.rig import Rig

TESTS = Path(__file__).resolve().parents[1]
Audited = Callable[..., AbstractContextManager[None]]


def watched() -> str:
    """The words of every test."""
    files = list(TESTS.rglob("test_*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_every_route_that_takes_a_change_says_what_it_writes_down() -> None:
    changing = {rule.endpoint for rule in RULES if (rule.methods or set()) & CHANGES}
    assert changing == set(AUDITED)


def test_each_act_is_watched_by_a_test() -> None:
    words = watched()
    acts = set().union(*AUDITED.values())
    assert {act for act in acts if f'"{act}"' not in words} == set()


def test_the_auditor_reads_each_act_in_words() -> None:
    assert set().union(*AUDITED.values()) - set(DEEDS) == set()


def test_a_talk_leaves_a_row_for_each_act(desk: Rig, signed_in: SignedIn, audited: Audited) -> None:
    desk.customer(ANN)
    desk.say(ANN, "转人工")
    talk = f"/console/tickets/{desk.rows(tables.Ticket)[-1].id}"
    li, zhang = signed_in(), signed_in("supervisor")
    with audited("ticket.claim", by="小李"):
        li.post(f"{talk}/claim")
    with audited("ticket.reply", by="小李"):
        li.post(f"{talk}/reply", data={"text": "您好，我是客户经理小李，请问有什么可以帮您？", "token": "1"})
    desk.wait(seconds=5)
    with audited("note.add", by="小李"):
        li.post(f"{talk}/note", data={"body": "客户着急"})
    with audited("customer.reveal", by="小李"):
        li.htmx(f"{talk}/reveal", "POST", data={"fact": "phone"})
    with audited("code.ask", by="小李"):
        li.post(f"{talk}/code")
    desk.wait(seconds=5)
    with audited("ticket.take_over", by="张主管"):
        zhang.post(f"{talk}/take-over")
    with audited("ticket.transfer", by="张主管"):
        zhang.post(f"{talk}/transfer", data={"to": "agent:小李", "note": "请继续"})
    with audited("ticket.claim", by="小李"):
        li.post(f"{talk}/claim")
    with audited("ticket.release", by="小李"):
        li.post(f"{talk}/release")
    kept = repr([row.detail for row in desk.rows(tables.Audit)])
    assert "客户着急" not in kept and "您好" not in kept and ANN not in kept, "ids and words of our own (law 11)"
    assert all(row.address == "127.0.0.1" for row in desk.rows(tables.Audit))


@pytest.mark.parametrize(
    ("outcome", "action"),
    [("no_answer", "callback.no_answer"), ("wrong_number", "callback.wrong_number"), ("rebook", "callback.rebook")],
)
def test_a_call_leaves_a_row_for_how_it_ended(
    desk: Rig, signed_in: SignedIn, audited: Audited, outcome: str, action: str
) -> None:
    desk.say(ANN, "明天下午给我打电话")
    desk.say(ANN, "1")
    row = desk.rows(tables.Callback)[-1]
    desk.clock.set(row.starts_at)
    client = signed_in()
    with audited("callback.start", by="小李"):
        client.post(f"/console/callbacks/{row.id}/start")
    before = len(desk.rows(tables.Audit))
    later = (row.starts_at.astimezone(desk.service.zone)).replace(hour=15)
    client.post(f"/console/callbacks/{row.id}/outcome", data={"outcome": outcome, "slot": later.isoformat()})
    assert [found.action for found in desk.rows(tables.Audit)[before:]] == [action]
