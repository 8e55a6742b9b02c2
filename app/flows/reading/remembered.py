"""What was found in a short text is remembered: ten thousand customers answer the same text with the same few words."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST = 16
"""Characters of a text that is remembered, and none with a digit is: no code, no amount, no number. It stays in the
memory of the process until newer ones push it out."""
MOST = 1024  # texts; what the reader makes of one takes some 3 kB

_DIGIT = re.compile(r"\d")
Found = TypeVar("Found")


def remembered(find: Callable[[str], Found]) -> Callable[[str], Found]:
    """`find`, which is asked once for each short text. What it finds is shared, so nobody may change it."""
    kept = lru_cache(maxsize=MOST)(find)

    @wraps(find)
    def found(text: str) -> Found:
        return kept(text) if len(text) <= LONGEST and not _DIGIT.search(text) else find(text)

    return found
