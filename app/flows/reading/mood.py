"""How a customer feels, as far as the words show it."""

from __future__ import annotations

from typing import Literal

Mood = Literal["", "worried", "angry"]


def mood_of(text: str) -> Mood:
    """Empty when the words show nothing, which is most often."""
    return "angry" if "投诉" in text else ""
