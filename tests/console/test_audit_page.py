from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.handlers.audit_exported import CHUNK, harmless
from app.store import audit, tables
from app.web.console.office.audit_said import DEEDS
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig


def write(desk: Rig, count: int, *, actor: str = "小李", action: str = "ticket.claim", **more: Any) -> None:
    with desk.service.database.begin() as connection:
        for n in range(count):
            audit.add(
                connection,
                actor,
                action,
                more.get("subject", f"ticket:{n + 1}"),
                desk.clock(),
                detail=more.get("detail"),
            )


def ids(page: Any) -> list[int]:
    return [int(one) for one in re.findall(r">Ticket (\d+)<", page.text)]


def test_rows_read_as_sentences(desk: Rig, signed_in: SignedIn) -> None:
    auditor = signed_in("auditor", interface="en")
    write(desk, 1, detail={"outcome": "answered"}, action="ticket.close")
    write(desk, 1, action="agent.status", subject="agent:1", detail={"to": "away"}, actor="张主管")
    write(desk, 1, action="reply.edit", subject="reply:en:hi", actor="运营")
    write(desk, 1, action="odd.deed", subject="thing:1")
    page = text_of(auditor.get("/console/audit"))
    assert "closed a conversation outcome: Answered" in page and "Ticket 1" in page
    assert "set available or away to: away" in page and "审计" in page  # agent:1 is the auditor here
    assert "/hi English" in page and "odd deed" in page


def test_pages_follow_each_other_without_gap_or_double(desk: Rig, signed_in: SignedIn) -> None:
    auditor = signed_in("auditor", interface="en")
    write(desk, 120)
    first = ids(auditor.get("/console/audit"))
    assert first == list(range(120, 70, -1))
    rows = {row.subject: row.id for row in desk.rows(tables.Audit)}
    second = ids(auditor.get(f"/console/audit?below={rows['ticket:71']}"))
    assert second == list(range(70, 20, -1))
    write(desk, 3)  # new rows push nothing out of place
    assert ids(auditor.get(f"/console/audit?below={rows['ticket:71']}")) == second
    assert ids(auditor.get(f"/console/audit?above={rows['ticket:70']}")) == first
    last = auditor.get(f"/console/audit?below={rows['ticket:21']}")
    assert ids(last) == list(range(20, 0, -1)) and "Older" not in last.text and "Newer" in last.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=小李", [4, 3, 1]),
        ("action=ticket.close", [3]),
        ("action=ticket", [3, 1]),
        ("subject=ticket:3", [3]),
        ("subject=ticket: 3", [3]),
        ("since=2026-06-10&until=2026-06-10", [3, 2, 1]),
        ("since=2026-06-11", [4]),
        ("until=2026-06-09", []),
        ("actor=小李&action=ticket.claim&since=2026-06-10", [1]),
        ("actor=%25", []),
        ("action=ticke", []),
    ],
)
def test_filters(desk: Rig, signed_in: SignedIn, query: str, found: list[int]) -> None:
    write(desk, 1)
    write(desk, 1, actor="运营", action="reply.edit", subject="ticket:2")
    write(desk, 1, action="ticket.close", subject="ticket:3")
    desk.clock.advance(days=1)
    write(desk, 1, action="session.begin", subject="ticket:4")
    assert ids(signed_in("auditor", interface="en").get(f"/console/audit?{query}")) == found


@pytest.mark.parametrize("query", ["since=yesterday", "until=2026-13-01", "since=2026-06-11&until=2026-06-10"])
def test_a_wrong_day_is_named(desk: Rig, signed_in: SignedIn, query: str) -> None:
    page = signed_in("auditor").get(f"/console/audit?{query}")
    assert page.status_code == 422 and "invalid-feedback" in page.text


def export(auditor: Any, **filters: str) -> tuple[Any, list[dict[str, str]]]:
    answer = auditor.post("/console/audit/export", data=filters)
    assert answer.text.startswith("\ufeff")
    return answer, list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_the_export_holds_what_the_filters_show_and_is_itself_a_row(
    desk: Rig, signed_in: SignedIn, audited: Any
) -> None:
    auditor = signed_in("auditor")
    write(desk, 3)
    write(desk, 1, actor="运营", action="reply.edit")
    with audited("audit.export", by="审计"):
        answer, rows = export(auditor, actor="小李")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    assert [row["subject"] for row in rows] == ["ticket:3", "ticket:2", "ticket:1"]
    assert rows[0]["at"] == "2026-06-10T10:00:00.000+08:00"
    told = desk.rows(tables.Audit)[-1].detail
    assert told["filters"] == {"actor": "小李"} and told["to"] == 4


def test_the_export_streams_more_than_a_chunk(desk: Rig, signed_in: SignedIn) -> None:
    write(desk, CHUNK + 5)
    _, rows = export(signed_in("auditor"))
    assert len(rows) == len({row["id"] for row in rows}) == CHUNK + 5


@pytest.mark.parametrize("cell", ["=1+1", "+86138", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(desk: Rig, signed_in: SignedIn, cell: str) -> None:
    assert harmless(cell) == f"'{cell}" and harmless(f"a{cell}") == f"a{cell}"
    write(desk, 1, actor=cell, subject=cell)
    _, rows = export(signed_in("auditor"))
    assert rows[0]["actor"] == rows[0]["subject"] == f"'{cell}"


def test_a_script_in_a_row_is_words(desk: Rig, signed_in: SignedIn) -> None:
    write(desk, 1, actor="<script>alert(1)</script>", detail={"to": "<img src=x>"})
    page = signed_in("auditor").get("/console/audit").text
    assert "<script>alert" not in page and "<img" not in page.partition("<main")[2]


def test_an_export_with_wrong_days_gives_no_file(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    with audited():
        assert signed_in("auditor").post("/console/audit/export", data={"since": "x"}).status_code == 422


def test_every_deed_of_the_program_has_a_sentence() -> None:
    app = Path(__file__).resolve().parents[2] / "app"
    found: set[str] = set()
    for path in (app / "handlers").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        for call in re.findall(
            r"(?:audit\.add|_record|\.record|_change|_renewed)\((.*?)\n    (?:\S|\n)", code, re.DOTALL
        ):
            found |= set(re.findall(r"\"([a-z_]+\.[a-z_]+)\"", call))
    assert len(found) > 20 and sorted(found - DEEDS.keys()) == []


def test_a_later_day_is_found_quickly(desk: Rig, signed_in: SignedIn) -> None:
    write(desk, 5)
    desk.clock.set(desk.clock() + timedelta(days=2))
    write(desk, 2)
    page = signed_in("auditor", interface="en").get("/console/audit?since=2026-06-12&until=2026-06-12")
    assert ids(page) == [2, 1]


@pytest.mark.parametrize("typed", ["ticket:2", "Ticket 2", "ticket 2", "TICKET#2", "工单 2", "工单2", "工单：2"])
def test_a_subject_may_be_typed_as_it_is_shown(desk: Rig, signed_in: SignedIn, typed: str) -> None:
    write(desk, 3)
    language = "zh-CN" if typed.startswith("工") else "en"
    page = signed_in("auditor", interface=language).get("/console/audit", query_string={"subject": typed})
    assert re.findall(r">(?:Ticket|工单) (\d+)<", page.text) == ["2"]


def test_a_person_is_a_subject_by_name(desk: Rig, signed_in: SignedIn) -> None:
    signed_in("agent", name="小李")
    number = desk.rows(tables.Agent)[0].id
    write(desk, 1, action="agent.reset", actor="张主管", subject=f"agent:{number}")
    write(desk, 1, action="agent.reset", actor="张主管", subject=f"agent:{number + 1}")
    page = signed_in("auditor").get("/console/audit", query_string={"subject": "小李", "action": "agent.reset"})
    assert page.text.count("<summary>agent.reset</summary>") == 1


def test_the_filter_offers_every_deed_once(signed_in: SignedIn) -> None:
    page = signed_in("auditor", interface="en").get("/console/audit").text
    offered = re.findall(r'<option value="([a-z_]+\.[a-z_]+)"', page)
    assert sorted(offered) == sorted(DEEDS)
