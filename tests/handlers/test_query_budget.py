"""How many SQL statements a turn may take. Each one is a journey to the database while the customer's conversation is
held: whoever adds one has to take one out, or raise the budget here and say why in `docs/speed.md`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bench import databases, script
from app.bench.measure import twilio_of_nobody
from app.bench.plan import Plan, observe
from app.store.migrate import upgrade

PLAIN = [
    ["SELECT", "conversations"],  # held
    ["INSERT", "inbound"],
    ["SELECT", "consents"],  # all facts
    ["UPDATE", "conversations"],
    ["INSERT", "messages"],
    ["INSERT", "trace"],
]
"""One plain turn: a known customer's text, the next step of a flow, an answer queued."""
FIRST = [["SELECT", "conversations"], ["INSERT", "conversations"], *PLAIN[1:]]
"""A number's first text: what it holds, it makes."""
CODE = [
    *PLAIN[:3],
    ["SELECT", "phone_bindings"],
    ["SELECT", "one_time_codes"],  # is the number locked
    ["SELECT", "one_time_codes"],  # how many today
    ["UPDATE", "one_time_codes"],
    ["INSERT", "one_time_codes"],
    *PLAIN[3:],
]
"""A figure was asked for: a one-time code is issued."""
BUDGET: Plan = {"怎么还钱": FIRST, "额度": CODE, "菜单": PLAIN, "还款方式": PLAIN}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        made: str = request.getfixturevalue("postgres").fresh_url(upgrade)
        return made
    upgrade(made := f"sqlite:///{tmp_path}/budget.db")
    return made


def test_the_budget_is_for_what_the_measured_customers_say() -> None:
    assert tuple(BUDGET) == script.SCRIPT


def test_a_plain_turn_takes_six_statements_and_no_text_more_than_its_budget(url: str) -> None:
    databases.add_customers(url, range(1))
    taken = observe(twilio_of_nobody(url), 0)
    assert len(PLAIN) == 6
    assert taken == BUDGET
