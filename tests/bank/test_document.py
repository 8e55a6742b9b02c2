"""docs/connect-your-bank.md and the code tell the same contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bank.facts import SHAPES, shaped
from examples.bank import create_bank

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connect-your-bank.md").read_text(encoding="utf-8")


def documented() -> Iterator[tuple[str, str, set[str]]]:
    """Topic, outcome and facts of each row; an optional fact with a `?`."""
    for topics, outcome, facts in re.findall(
        r"^\| (`quota`|`repayment`|both) \| `(\w+)` \| (.*?)\|", PAGE, re.MULTILINE
    ):
        named = {name + ("?" if optional else "") for name, optional in re.findall(r"`(\w+)`( \(optional\))?", facts)}
        for topic in SHAPES if topics == "both" else [topics.strip("`")]:
            yield topic, outcome, named


def test_every_outcome_and_fact_is_documented_and_no_other() -> None:
    in_code = [(topic, outcome, set(facts)) for topic, shapes in SHAPES.items() for outcome, facts in shapes.items()]

    def order(row: tuple[str, str, set[str]]) -> tuple[str, str]:
        return row[:2]

    assert sorted(documented(), key=order) == sorted(in_code, key=order)


@pytest.mark.parametrize("topic", SHAPES)
@pytest.mark.parametrize("customer", ["C1001", "C1002", "C1003", "C1004"])
def test_every_customer_of_the_example_answers_within_the_contract(topic: str, customer: str) -> None:
    asked = {"topic": topic, "customer_id": customer, "last4": None}
    told = (
        create_bank().test_client().post("/v1/questions", json=asked, headers={"Authorization": "Bearer local-token"})
    )
    assert told.status_code == 200
    shaped(topic, **told.get_json())  # type: ignore[arg-type]


def test_the_answer_on_the_page_is_a_good_one() -> None:
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)]
    answers = [example for example in examples if "outcome" in example]
    assert len(answers) == 2
    for answer in answers:
        topic = next(topic for topic, shapes in SHAPES.items() if answer["outcome"] in shapes)
        assert shaped(topic, **answer).facts == answer["facts"]
