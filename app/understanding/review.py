"""A reviewed message becomes a training line: what to look at, and where the line goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.flows.reading import SURE, mask
from app.flows.reading.normalise import has_han, visible
from app.understanding import texts as training_texts

SOON = timedelta(minutes=10)
REGRETS = frozenset({"no", "human_agent", "complaint"})
"""What a customer says next, within `SOON`, when we had answered something else than was asked."""
_FIGURES = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A text that was not understood, or whose reading the customer contradicted. `said` is masked, without codes."""

    inbound: int
    said: str
    read_as: str
    score: float
    why: str
    at: datetime


def doubts(heard: Sequence[Any], known: frozenset[str] = frozenset()) -> list[Doubt]:
    """What deserves a look among `heard` (rows of `store.doubts.heard_since`, newest first), each text once.

    `known`: matching forms of the training texts, which need no second look.
    """
    found: dict[str, Doubt] = {}
    after: dict[str, Any] = {}
    for row in heard:
        following, after[row.phone] = after.get(row.phone), row
        why = _why(row, following)
        said = scrubbed(row.body)
        plain = training_texts.plain_of(said)
        if why and any(char.isalpha() for char in plain) and plain not in known and plain not in found:
            meaning, score = row.detail.get("meaning", ""), float(row.detail.get("score") or 0.0)
            found[plain] = Doubt(row.id, said, meaning, score, why, row.at)
    return list(found.values())


def _why(row: Any, following: Any) -> str:
    meaning = row.detail.get("meaning", "")
    if not meaning or meaning in {"echo", "auto_reply", "empty", "secret_sent", "otp_code"}:
        return ""
    if float(row.detail.get("score") or 0.0) < SURE:
        return "not understood"
    if following is not None and following.at - row.at <= SOON and meaning not in REGRETS:
        then = following.detail.get("meaning", "")
        if then in REGRETS:
            return f"then said {then}"
    return ""


def scrubbed(body: str) -> str:
    """A text that may stand in a file of the repository: secrets masked, runs of four and more digits zeroed (codes,
    numbers, amounts), one line. Names are not found by machine: the reviewer sees the line before it is kept."""
    masked = mask(visible(body)).text.replace("\n", " ")
    return _FIGURES.sub(lambda run: "0" * len(run[0]), masked)


def keep(said: str, meaning: str, folder: Path = training_texts.FOLDER) -> Path | None:
    """Appends a text to the file of its meaning, and returns the file; None when it stands there already.

    Raises ValueError for an unknown meaning, an empty text, and a text that stands under another meaning.
    """
    if meaning not in training_texts.MEANINGS:
        raise ValueError(f"{meaning} is no meaning that the service knows")
    line = scrubbed(said).strip().lstrip("#").strip()
    plain = training_texts.plain_of(line)
    if not plain:
        raise ValueError("the text is empty")
    before = next((text for text in training_texts.load(folder) if text.plain == plain), None)
    if before is not None and before.meaning != meaning:
        raise ValueError(f"the text stands in {before.meaning}.txt already: take it out there first")
    if before is not None:
        return None
    path = folder / ("zh-CN" if has_han(plain) else "en") / f"{meaning}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    joint = "" if not written or written.endswith("\n") else "\n"
    path.write_text(f"{written}{joint}{line}\n", encoding="utf-8")
    return path
