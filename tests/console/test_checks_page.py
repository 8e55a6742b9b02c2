"""The page of self-checks: what the last one found, in words, and one at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.handlers.self_check import finding
from app.handlers.self_check.run import CHECKS, check
from app.store import tables
from app.web.console.office import checks_said
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig


def test_before_the_first_one(desk: Rig, signed_in: SignedIn) -> None:
    page = text_of(signed_in("auditor", interface="en").get("/console/self-check"))
    assert "No self-check yet" in page and "Check now" not in page


def test_an_operator_checks_at_once(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    page = text_of(operator.post("/console/self-check", follow_redirects=True))
    assert "Done: good." in page and "Refusals take effect" in page
    (run,) = desk.rows(tables.SelfCheck)
    assert run.asked_by in page
    assert [row.action for row in desk.rows(tables.Audit)].count("self_check.run") == 1


@pytest.mark.parametrize(("language", "said"), [("en", "is not on file"), ("zh-CN", "没有备案")])
def test_problems_are_told_in_words(desk: Rig, signed_in: SignedIn, language: str, said: str) -> None:
    check(replace(desk.service, own_numbers=frozenset(f"+1500555{n:04}" for n in range(60))), by="terminal")
    page = text_of(signed_in("supervisor", interface=language).get("/console/self-check"))
    assert said in page and "+15005550000" in page and "+15005550059" not in page
    assert "10" in page


def test_an_earlier_run_can_be_read(desk: Rig, signed_in: SignedIn) -> None:
    check(replace(desk.service, own_numbers=frozenset({"+15005550006"})), by="terminal")
    check(desk.service, by="terminal")
    first, second = desk.rows(tables.SelfCheck)
    auditor = signed_in("auditor", interface="en")
    assert "+15005550006" not in text_of(auditor.get("/console/self-check"))
    assert "+15005550006" in text_of(auditor.get(f"/console/self-check?run={first.id}"))
    assert auditor.get("/console/self-check?run=999").status_code == 404
    assert second.verdict == "good"


def test_everything_that_can_be_found_has_words() -> None:
    assert set(checks_said.PROBLEMS) == set(finding.PROBLEMS)
    assert set(checks_said.TITLES) == set(CHECKS)
    assert set(checks_said.VERDICTS) == set(finding.WORST)
