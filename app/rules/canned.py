"""Words that agents keep at hand: which placeholders they may have, and how these are filled before an agent sends."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDERS = ("customer", "agent", "hotline", "bank")
"""customer: surname and title, empty when nobody knows it · agent: who writes · hotline · bank: its name."""

_MARKS = re.compile(
    rf"(?P<first>^)?(?P<before>[ ，、]?)\{{(?P<name>{'|'.join(PLACEHOLDERS)})\}}(?P<behind>[，,、:： ]*)", re.MULTILINE
)
_BRACES = re.compile(r"\{([^{}]*)\}")


def fill(body: str, values: Mapping[str, str]) -> str:
    """The words with their placeholders filled. One without a value falls away with its comma or space:
    "Hello {customer}, …" becomes "Hello, …"."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found["name"], "")
        if value:
            return f"{found['before']}{value}{found['behind']}"
        return "" if found["first"] is not None else found["behind"]

    return _MARKS.sub(put, body).strip()


def unknown(body: str) -> list[str]:
    """Placeholders that nothing fills, as they are written; a brace that stands alone is one as well."""
    strays = [mark for mark in _BRACES.findall(body) if mark not in PLACEHOLDERS]
    alone = _BRACES.sub("", body)
    return [f"{{{mark}}}" for mark in strays] + sorted({mark for mark in alone if mark in "{}"})
