"""What no database takes is left out of a text before it is stored."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` without NUL, which PostgreSQL refuses, and lone surrogates, which are no Unicode (`gateways.md` §8)."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub("", text)
