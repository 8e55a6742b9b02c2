"""Which ticket is served first: a small whole number, higher is sooner."""

from __future__ import annotations

TOPICS: dict[str, int] = {"complaint": 3, "fraud": 3, "hardship": 2, "failed_text": 2}


def priority(kind: str, topic: str, mood: str) -> int:
    """`kind`: talk · flag. `mood`: "" · worried · angry."""
    return TOPICS.get(topic, 0) + (1 if kind == "talk" else 0) + (1 if mood == "angry" else 0)
