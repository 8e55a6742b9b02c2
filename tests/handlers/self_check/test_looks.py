"""Each look of the self-check: what it passes, and what it reports."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.handlers.care.templates import retire
from app.handlers.self_check import looks
from app.handlers.self_check.drill import drill
from app.handlers.self_check.finding import Finding
from app.handlers.self_check.run import check, check_daily
from app.store import outbox, self_checks, senders, tables
from app.store.migrate import upgrade
from app.store.outbox import NewMessage
from tests.clock import Clock
from tests.handlers.care.campaign import switch_on
from tests.rig import Rig

OURS = "+15005550006"


def codes(finding: Finding) -> list[str]:
    return [problem.code for problem in finding.problems]


def file(rig: Rig, **dates: date | None) -> None:
    given: dict[str, Any] = {"valid_from": None, "expires_on": None, **dates}
    with rig.service.database.begin() as connection:
        senders.put(connection, OURS, registered_to="示例银行", registration="17", by="运营", now=rig.clock(), **given)


def test_every_number_is_on_file_and_in_time(rig: Rig) -> None:
    service = replace(rig.service, own_numbers=frozenset({OURS}))
    today = rig.clock().astimezone(service.zone).date()
    assert codes(looks.numbers(rig.service)) == []
    assert codes(looks.numbers(service)) == ["not_on_file"]
    for dates, wanted in (
        ({"expires_on": today + timedelta(days=31)}, []),
        ({"expires_on": today + timedelta(days=30)}, ["file_expires"]),
        ({"expires_on": today}, ["file_expires"]),
        ({"expires_on": today - timedelta(days=1)}, ["file_expired"]),
        ({"valid_from": today + timedelta(days=1)}, ["file_not_begun"]),
        ({}, ["file_open_ended"]),
    ):
        file(rig, **dates)
        assert codes(looks.numbers(service)) == wanted


def send(rig: Rig, body: str, purpose: str = "service", **changes: Any) -> int:
    now = rig.clock()
    new = NewMessage(
        phone="+8615400000001",
        purpose=purpose,
        lane=1,
        template="t",
        body=body,
        parts=1,
        due_at=now,
        expires_at=now + timedelta(hours=1),
    )
    with rig.service.database.begin() as connection:
        made = outbox.queue(connection, new, now)
        connection.execute(
            update(tables.Message).where(tables.Message.id == made).values({"state": "handed", **changes})
        )
    return made


def test_texts_that_left_are_judged_by_the_rules_of_today(rig: Rig) -> None:
    signature = rig.service.signature("zh-CN")
    good = [send(rig, f"{signature}您的申请已收到，我们会尽快联系您。") for _ in range(5)]
    assert codes(looks.sample(rig.service, random.Random(1))) == []
    bad = send(rig, f"{signature}最低利率，秒批到账。拒收请回复TD", "commercial")
    send(rig, f"{signature}最低利率", state="failed")
    send(rig, f"{signature}最低利率", purpose="code")
    send(rig, f"{signature}最低利率", created_at=rig.clock() - timedelta(days=31))
    finding = looks.sample(rig.service, random.Random(1))
    assert finding.looked == len(good) + 1
    assert [problem.about.partition(":")[0] for problem in finding.problems] == [f"message {bad}"]


@pytest.mark.postgres
def test_a_sample_finds_texts_of_every_month(fresh_postgres_url: Callable[..., str], clock: Clock) -> None:
    """Ids begin with their month there: between two months lie billions that nobody has."""
    rig = Rig(fresh_postgres_url(upgrade), clock)
    signature = rig.service.signature("zh-CN")
    made = {send(rig, f"{signature}{number}") for number in range(30)}
    with rig.service.database.begin() as connection:
        found = self_checks.sent(connection, rig.clock() - timedelta(days=30), 400, random.Random(1))
    assert {row.id for row in found} == made
    assert drill(rig.service).verdict == "good"
    rig.close()


def link(rig: Rig, target: str) -> None:
    with rig.service.database.begin() as connection:
        row = {"code": target[-8:], "target": target, "created_at": rig.clock(), "template": "t"}
        connection.execute(insert(tables.Link).values(row))


def test_links_are_https_the_banks_and_alive(rig: Rig) -> None:
    asked: list[str] = []

    def probe(url: str) -> str:
        asked.append(url)
        return "HTTP 404" if url.endswith("gone") else ""

    service = replace(rig.service, probe=probe, link_domains=frozenset({"bank.example"}))
    for target in ("https://bank.example/here", "https://www.bank.example/gone", "http://bank.example/plainly"):
        link(rig, target)
    link(rig, "https://bank.example.evil.test/page")
    finding = looks.links(service)
    assert sorted((problem.code, problem.about) for problem in finding.problems) == [
        ("link_dead", "https://www.bank.example/gone: HTTP 404"),
        ("link_foreign", "https://bank.example.evil.test/page"),
        ("link_not_https", "http://bank.example/plainly"),
    ]
    assert sorted(asked) == sorted(["https://bank.example/here", "https://www.bank.example/gone", service.info_link]), (
        "nothing foreign is opened"
    )
    assert finding.looked == len(asked) + 2


def occasion(rig: Rig, template: str, version: int) -> None:
    now = rig.clock()
    row = {
        "programme": template,
        "customer_id": "C1",
        "phone": "+8615400000001",
        "occasion": f"{template}{version}",
        "template": template,
        "version": version,
        "language": "zh-CN",
        "purpose": "commercial",
        "kind": "care",
        "state": "queued",
        "given": {},
        "menu": {},
        "due_at": now,
        "closes_at": now,
        "planned_at": now,
        "queued_at": now,
    }
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.Occasion).values(row))


def version(rig: Rig, template: str, number: int, state: str, judge: str) -> None:
    row = {
        "template": template,
        "language": "zh-CN",
        "version": number,
        "content": {},
        "state": state,
        "author": "运营",
        "written_at": rig.clock(),
        "judged_by": judge,
    }
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.TemplateVersion).values(row))


def test_what_was_sent_had_been_approved_by_somebody_else(rig: Rig) -> None:
    occasion(rig, "birthday", 0)
    version(rig, "birthday", 1, "replaced", "主管")
    occasion(rig, "birthday", 1)
    assert codes(looks.approvals(rig.service)) == []
    version(rig, "birthday", 2, "draft", "")
    occasion(rig, "birthday", 2)
    version(rig, "vip_offer", 1, "approved", "运营")
    occasion(rig, "vip_offer", 1)
    assert [problem.about for problem in looks.approvals(rig.service).problems] == [
        "birthday zh-CN @2",
        "vip_offer zh-CN @1",
    ]


def test_every_arm_of_what_is_on_has_its_text(rig: Rig) -> None:
    rig.customer("+8613800000021")
    switch_on(rig, "unused_quota")
    assert codes(looks.approvals(rig.service)) == []
    for language in ("zh-CN", "en"):
        retire(rig.service, "主管", "unused_quota_steps", language, 0, "不再使用这一条")
    assert [problem.about for problem in looks.approvals(rig.service).problems] == [
        "unused_quota_steps en",
        "unused_quota_steps zh-CN",
    ]


def kept(rig: Rig) -> list[Any]:
    return rig.rows(tables.SelfCheck)


def test_a_run_is_kept_and_told(rig: Rig) -> None:
    heard: list[str] = []
    report = check(rig.service, by="运营", hear=heard.append)
    assert report.verdict == "good"
    assert heard == ["opt_out", "numbers", "sample", "links", "approvals"]
    (row,) = kept(rig)
    assert (row.asked_by, row.verdict, set(row.findings)) == ("运营", "good", set(heard))
    assert [(one.actor, one.action) for one in rig.rows(tables.Audit)] == [("运营", "self_check.run")]


def test_it_is_done_once_a_day_by_itself(rig: Rig) -> None:
    done: list[int] = []
    for _ in range(50):
        done.append(check_daily(rig.service))
        rig.clock.advance(hours=1)
    assert [hour for hour, did in enumerate(done) if did] == [0, 23, 46]
    assert [row.asked_by for row in kept(rig)] == ["clock"] * 3


def test_many_problems_are_counted_and_the_first_are_told(rig: Rig) -> None:
    numbers = frozenset(f"+1500555{n:04}" for n in range(80))
    check(replace(rig.service, own_numbers=numbers), by="运营")
    (row,) = kept(rig)
    assert row.verdict == "bad"
    found = row.findings["numbers"]
    assert (found["count"], found["looked"], len(found["problems"])) == (80, 80, 50)
