"""The training texts: `training/<language>/<meaning>.txt`, one text a line, `#` for a remark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from app.flows.reading.masking import mask
from app.flows.reading.meaning import Meaning
from app.flows.reading.normalise import normalise, visible

FOLDER = Path(__file__).resolve().parents[2] / "training"
LANGUAGES = ("zh-CN", "en")
MEANINGS: frozenset[str] = frozenset(get_args(Meaning))


@dataclass(frozen=True, slots=True)
class Text:
    """One training text. `plain` is the form that the reader sees; `raw` is the line as it was written."""

    language: str
    meaning: str
    raw: str
    plain: str


def plain_of(raw: str) -> str:
    """What `read` hands to its free-text stage: masked, without what nobody sees, in the matching form."""
    return normalise(mask(visible(raw)).text)


def load(folder: Path = FOLDER) -> list[Text]:
    """All training texts, sorted by file, in the order of their lines; a text that is there twice counts once.

    Raises ValueError for a file that is named after no meaning, and for one text under two meanings.
    """
    found: dict[str, Text] = {}
    for path in _files(folder):
        if path.stem not in MEANINGS:
            raise ValueError(f"{path}: {path.stem} is no meaning that the service knows")
        for raw in _lines(path):
            text = Text(path.parent.name, path.stem, raw, plain_of(raw))
            if not text.plain:
                continue
            before = found.setdefault(text.plain, text)
            if before.meaning != text.meaning:
                raise ValueError(f"{raw!r} stands in {before.meaning}.txt and in {text.meaning}.txt")
    return list(found.values())


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 of everything that `load` would look at: names and lines, in order."""
    sum_ = hashlib.sha256()
    for path in _files(folder):
        sum_.update(f"\n[{path.parent.name}/{path.stem}]\n".encode())
        sum_.update("\n".join(_lines(path)).encode())
    return sum_.hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    for language in LANGUAGES:
        yield from sorted((folder / language).glob("*.txt"))


def _lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
