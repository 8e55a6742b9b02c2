"""Who is served first."""

from __future__ import annotations

from itertools import product

import pytest

from app.flows.catalogue import CATALOGUE
from app.rules.routing import Ready, Waiting, offers
from app.rules.urgency import GRAVE, MOODS, TOPICS, USUAL, priority


def test_the_order_of_the_promise() -> None:
    order = ["complaint", "hardship", "failed_text", "repayment"]
    served = [priority("talk", topic) for topic in order]
    assert served == sorted(served, reverse=True)
    assert len(set(served)) == len(served)
    assert priority("talk", "fraud") == priority("talk", "complaint") == priority("talk", "despair")


@pytest.mark.parametrize("topic", [*TOPICS, "repayment", "no such topic"])
def test_anger_moves_ahead_within_a_topic_only(topic: str) -> None:
    assert priority("talk", topic, "angry") == priority("talk", topic) + 1
    assert priority("talk", topic, "worried") == priority("talk", topic)


def test_no_anger_about_a_small_thing_passes_a_calm_complaint() -> None:
    assert priority("talk", "quota", "angry") < priority("talk", "hardship") < priority("talk", "complaint")


def test_a_flag_comes_after_a_talk_about_the_same() -> None:
    assert priority("flag", "complaint") < priority("talk", "complaint")


def test_small_whole_numbers() -> None:
    found = {priority(*one) for one in product(("talk", "flag"), (*TOPICS, "quota", ""), (*MOODS, "unheard-of"))}
    assert found <= set(range(1, 10))


def test_every_row_says_why() -> None:
    assert all(row.why.endswith(".") for row in (*TOPICS.values(), *MOODS.values()))


def test_topics_of_the_flows_are_known_or_usual() -> None:
    """A topic that nobody opens any more should leave the table."""
    opened = {step.slots.get("topic", "") for flow in CATALOGUE.flows.values() for step in flow.steps.values()}
    # Opened by handlers, and by words that no flow awaits.
    outside = {"failed_text", "wrong_person", "despair", "bereaved"}
    assert set(TOPICS) <= opened | outside
    assert all(priority("talk", topic) >= USUAL for topic in opened)


@pytest.mark.parametrize("topic", sorted(GRAVE))
def test_what_is_grave_waits_for_nobodys_skill(topic: str) -> None:
    busy = Ready("li", frozenset({"quota"}), frozenset(), None, 1)
    assert offers([Waiting(1, "repayment", "zh-CN"), Waiting(2, topic, "zh-CN")], [busy]) == [(2, "li")]
