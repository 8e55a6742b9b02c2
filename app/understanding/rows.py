"""Labelled texts to score against: tab-separated, `text intent also_acceptable tier source`, quoting off."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.understanding.texts import MEANINGS

NEWER = frozenset({"already_paid", "promise_to_pay", "close_product", "who_are_you", "code_not_received"})
"""Meanings that are younger than the labels of the published files: such rows stand under `HOSTS` there."""
HOSTS = frozenset({"out_of_scope", "overdue_negotiate"})
OURS = frozenset({"info_update", "mail_steps"})
"""Meanings of this service that the label guide does not have: what they cover stands under `out_of_scope` there."""


@dataclass(frozen=True, slots=True)
class Row:
    """`accepted` holds `intent`, what the file accepts beside it, the newer meanings and ours where due."""

    text: str
    intent: str
    accepted: frozenset[str]
    tier: str


def load(path: Path) -> list[Row]:
    """The rows of a file. Columns are found by their names; `also_acceptable` and `tier` may be missing.

    Raises ValueError, naming the line, for a label that is no meaning and for a row without text.
    """
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    names = lines[0].rstrip("\r").split("\t")
    if not {"text", "intent"} <= set(names):
        raise ValueError(f"{path}: the first line must name the columns text and intent, tab-separated")
    found = []
    for at, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = dict(zip(names, line.rstrip("\r").split("\t"), strict=False))
        intent = cells.get("intent", "").strip()
        others = {name.strip() for name in cells.get("also_acceptable", "").split(",") if name.strip()}
        if not cells["text"].strip():
            raise ValueError(f"{path}:{at}: the row has no text")
        if unknown := ({intent} | others) - MEANINGS:
            raise ValueError(f"{path}:{at}: {', '.join(sorted(unknown))} is no meaning that the service knows")
        accepted = others | {intent} | (NEWER if intent in HOSTS else frozenset())
        accepted |= OURS if intent == "out_of_scope" else frozenset()
        found.append(Row(cells["text"], intent, frozenset(accepted), cells.get("tier", "").strip() or "all"))
    return found
