"""Whoever changes something leaves an audit row: a walk over every route that takes a change."""

from __future__ import annotations

from pathlib import Path

from app.web.console.audit_said import DEEDS
from tests.console.conftest import CHANGES
from tests.console.permitted import AUDITED
from tests.console.test_roles import RULES

TESTS = Path(__file__).resolve().parents[1]
ITSELF = {"permitted.py", Path(__file__).name}


def watched() -> str:
    """The words of every other test."""
    files = [file for file in TESTS.rglob("test_*.py") if file.name not in ITSELF]
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
