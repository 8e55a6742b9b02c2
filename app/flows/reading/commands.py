"""Bank commands: `[#]VERB[#|space|nothing]TAIL[#…]`, the grammar of gateways.md section 6."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple, cast

from app.flows.reading import rules
from app.flows.reading.meaning import Meaning, Reading, Values
from app.flows.reading.normalise import bare


class _Grammar(NamedTuple):
    pattern: re.Pattern[str]
    meanings: dict[str, Meaning]


@cache
def _grammar() -> _Grammar:
    meanings = {
        word: cast(Meaning, entry["meaning"]) for entry in rules.table("commands")["command"] for word in entry["words"]
    }
    verbs = "|".join(re.escape(word) for word in sorted(meanings, key=len, reverse=True))
    return _Grammar(
        re.compile(
            rf"#*\s*(?P<verb>{verbs})[\s#:+,]*(?:(?:尾号|末四位|卡号)[\s:#是为]*)?(?P<tail>\d{{4}})?"
            rf"(?:#?\d{{5,6}}(?!\d))?(?:[\s#]*(?:cny|usd|jpy|hkd|eur|人民币))?[\s#]*"
        ),
        meanings,
    )


def command(text: str) -> Reading | None:
    """The command that a normalised text is as a whole, with the card tail if one was given, or None."""
    if len(text) > 40:
        return None
    grammar = _grammar()
    match = grammar.pattern.fullmatch(text)
    word = match["verb"] if match else bare(text)
    meaning = grammar.meanings.get(word)
    if meaning is None:
        return None
    return Reading(meaning, 1.0, (f"command:{word}",), Values(last4=match["tail"] if match else None))
