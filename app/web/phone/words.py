"""The words of the phone page, by language, from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh-CN", "en")


@cache
def _all() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def words(language: str) -> dict[str, Any]:
    """Raises KeyError for a language that the page does not have."""
    found: dict[str, Any] = _all()[language]
    return found
