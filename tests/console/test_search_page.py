from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.handlers import searched
from app.handlers.agent_acted import claim, close
from app.handlers.searched import Query, TooShort, read_query
from app.store import agents, search, tables
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig

WANG, LI, STRANGER = "+8613800138000", "+8613900139000", "+8613700138000"


@pytest.fixture
def city(desk: Rig) -> Rig:
    """Two customers and a stranger who have texted; tickets 1 and 2 wait."""
    desk.customer(WANG, "C1")
    desk.customer(LI, "C2", name="李梅", title="女士")
    desk.say(WANG, "转人工")
    desk.say(WANG, "我的贷款<script>alert(1)</script>为什么逾期了")
    desk.clock.advance(minutes=1)
    desk.say(LI, "人工")
    desk.say(STRANGER, "你好")
    return desk


def look(seat: Any, typed: str, **more: Any) -> str:
    return text_of(seat.post("/console/search", data={"q": typed, **more}))


def ticket_of(desk: Rig, phone: str) -> int:
    return next(one.id for one in desk.rows(tables.Ticket) if one.phone == phone)


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("8000", Query("number", ("8000",))),
        (" 138 0013 8000 ", Query("number", ("13800138000",))),
        ("+86 138-0013-8000", Query("number", ("8613800138000",))),
        ("…8000", Query("number", ("8000",))),
        ("C10023", Query("customer", ("C10023",))),
        ('"8000"', Query("words", ("8000",))),
        ("“5360”", Query("words", ("5360",))),
        ("逾期 贷款", Query("words", ("逾期", "贷款"))),
        ("逾期", Query("words", ("逾期",))),
    ],
)
def test_what_was_typed_is_read(typed: str, query: Query) -> None:
    assert read_query(typed) == query


@pytest.mark.parametrize("typed", ["", "800", "贷", '"8"', "…12"])
def test_too_little_is_refused(typed: str) -> None:
    with pytest.raises(TooShort):
        read_query(typed)


def test_a_supervisor_finds_by_tail_id_and_words(city: Rig, signed_in: SignedIn, audited: Any) -> None:
    supervisor = signed_in("supervisor", interface="en")
    with audited("search.look", "search.look", "search.look", "search.look", by="张主管"):
        tail = look(supervisor, "8000")
        assert "王先生" in tail and "…8000" in tail and "Unknown customer" in tail and "李女士" not in tail
        assert "Ticket 1" in tail and "waits" in tail and "never talked with a person" in tail
        assert "李女士" in look(supervisor, "C2")
        assert "李女士" in look(supervisor, "13900139000")
        words = look(supervisor, "逾期 贷款")
    assert "王先生" in words and "looked at the last" in words and "李女士" not in words


def test_no_number_and_no_name_stands_whole_in_the_page(city: Rig, signed_in: SignedIn) -> None:
    page = signed_in("supervisor").post("/console/search", data={"q": "8000"}).text
    assert "13800138000" not in page and "王建国" not in page


def test_words_are_marked_and_what_a_customer_wrote_is_words(city: Rig, signed_in: SignedIn) -> None:
    page = signed_in("supervisor").post("/console/search", data={"q": "逾期"}).text
    assert "<mark>逾期</mark>" in page and "<script>alert" not in page and "&lt;script&gt;" in page


def test_an_agent_finds_only_customers_of_their_own(city: Rig, signed_in: SignedIn) -> None:
    agent = signed_in("agent", interface="en")
    assert "Nobody was found" in look(agent, "8000") and "Nobody was found" in look(agent, "逾期")
    claim(city.service, ticket_of(city, WANG), "小李")
    assert "王先生" in look(agent, "8000") and "王先生" in look(agent, "逾期") and "王先生" in look(agent, "C1")
    assert "Nobody was found" in look(agent, "9000") and "Nobody was found" in look(agent, "C2")
    close(city.service, ticket_of(city, WANG), "小李", "answered", survey=False)
    assert "王先生" in look(agent, "8000")
    city.clock.advance(days=31)
    assert "Nobody was found" in look(signed_in("agent"), "8000")


def test_the_audit_knows_that_and_how_but_not_what(city: Rig, signed_in: SignedIn) -> None:
    supervisor = signed_in("supervisor")
    for typed in ("8000", "8000", "逾期"):
        look(supervisor, typed)
    first, second, third = (row for row in city.rows(tables.Audit) if row.action == "search.look")
    assert first.detail["query"] == second.detail["query"] != third.detail["query"]
    assert (first.detail["kind"], first.detail["found"], third.detail["kind"]) == ("number", 2, "words")
    assert "8000" not in str(first.detail) and "逾期" not in str(third.detail)


def test_too_short_says_so_and_keeps_what_was_typed(city: Rig, signed_in: SignedIn) -> None:
    page = signed_in("supervisor", interface="en").post("/console/search", data={"q": "800"})
    assert page.status_code == 422 and "at least four digits" in text_of(page) and 'value="800"' in page.text
    assert [row for row in city.rows(tables.Audit) if row.action == "search.look"] == []


def test_htmx_gets_the_part_alone(city: Rig, signed_in: SignedIn) -> None:
    part = signed_in("supervisor").htmx("/console/search", "POST", data={"q": "8000"})
    assert part.text.lstrip().startswith("<section") and "王先生" in part.text


def test_wildcards_are_letters(city: Rig, signed_in: SignedIn) -> None:
    supervisor = signed_in("supervisor", interface="en")
    assert "Nobody was found" in look(supervisor, "%%") and "Nobody was found" in look(supervisor, "逾_了")


def test_an_id_that_nobody_has_is_looked_for_as_a_word(city: Rig, signed_in: SignedIn) -> None:
    assert "王先生" in look(signed_in("supervisor"), "script")


def test_a_shared_number_names_nobody(city: Rig, signed_in: SignedIn) -> None:
    city.customer(WANG, "C3", name="赵六")
    page = look(signed_in("supervisor", interface="en"), "C3")
    assert "Unknown customer" in page and "赵先生" not in page and "王先生" not in page


def test_words_go_back_a_stretch_at_a_time(city: Rig) -> None:
    """Old texts are reached by going on, however many newer ones there are."""
    now, old = city.clock(), city.clock() - timedelta(days=3)
    row = {"gateway": "simulator", "recipient": "1", "media": 0, "raw": {}, "state": "taken"}
    with city.service.database.begin() as connection:
        first = connection.execute(select(tables.Inbound.id).order_by(tables.Inbound.id.desc())).scalars().first() or 0
        rows = [
            {**row, "id": first + n, "gateway_id": f"x{n}", "phone": WANG, "received_at": old if n < 3 else now,
             "body": "旧账单" if n == 2 else "你好"}
            for n in range(1, 120)
        ]  # fmt: skip
        connection.execute(insert(tables.Inbound), rows)
        found, below, looked = [], None, 0
        for _ in range(30):
            part = search.stretch(connection, "inbound", ["账单"], now - searched.BACK, below, 20, 50)
            looked += part.looked
            found += part.found
            below = part.below
            if not below:
                break
    assert [one.body for one in found] == ["旧账单"] and looked == first + 119


def test_texts_before_the_time_are_not_found(city: Rig, signed_in: SignedIn) -> None:
    city.clock.advance(days=91)
    assert "Nobody was found" in look(signed_in("supervisor", interface="en"), "逾期")


def test_a_tail_uses_the_index(city: Rig) -> None:
    with city.service.database.begin() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT phone FROM conversations WHERE substr(phone, length(phone) - 3) = '8000'"
        ).all()
        assert "ix_conversations_tail" in str(plan)
        assert search.ending_in(connection, "138000", 10) == sorted([WANG, STRANGER])
        assert search.ending_in(connection, "38000", 10) == sorted([WANG, STRANGER])
        assert search.ending_in(connection, "800138000", 10) == [WANG]
        assert agents.count(connection) == 0
