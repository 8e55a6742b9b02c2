"""Which bare letters a commercial text told its reader to refuse with (`domain.md`, rules of sending 2)."""

from __future__ import annotations

import re

_ADVERTISED = re.compile(
    r"(?:拒收|退订)?(?:请)?回复?\s*([A-Za-z]{1,2}|0{1,4})\s*(?:即可)?(?:退订|拒收|取消)?", re.IGNORECASE
)
_NAMES_REFUSAL = re.compile(r"退订|拒收|取消订阅|unsubscribe|opt out|to stop", re.IGNORECASE)
_ENGLISH = re.compile(r"\breply\s+([A-Za-z]{1,2}|0{1,4})\s+to\s+(?:stop|opt out|unsubscribe)", re.IGNORECASE)


def refusal_words(body: str) -> frozenset[str]:
    """`…拒收请回复R` -> {"R"}; `回T退订` -> {"T"}. Empty when the text offers no refusal or there is no text."""
    if not body or not _NAMES_REFUSAL.search(body):
        return frozenset()
    found = [match[1] for match in _ADVERTISED.finditer(body) if _NAMES_REFUSAL.search(match[0])]
    found += [match[1] for match in _ENGLISH.finditer(body)]
    return frozenset(word.upper() for word in found)
