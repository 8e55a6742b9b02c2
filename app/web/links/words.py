"""The words of the pages of short links, by language, from `words.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("zh-CN", "en")


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """language -> page -> word."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
