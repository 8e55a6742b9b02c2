"""Times that a text names only to rule them out: "周四不行 周五下午" is about Friday. Words: `lexicon/times.toml`."""

from __future__ import annotations

import re
from functools import cache

from app.flows.reading import rules


def parted(text: str) -> tuple[str, str]:
    """A normalised text in two: what it leaves open, and the times that the customer cannot or will not keep."""
    pattern = _refused()
    left = pattern.sub(lambda match: " after " if match["until"] else " ", text)  # "can't talk until 3pm"
    return left, " ".join(match[0] for match in pattern.finditer(text))


@cache
def _refused() -> re.Pattern[str]:
    words = rules.table("times")
    found = rules.joined(words["refused"], words["parts"])
    assert found is not None
    return re.compile(rf"(?:{found.pattern})(?P<until> +(?:until|till|before)\b)?")
