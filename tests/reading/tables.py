"""Examples as tab-separated tables beside the tests, and a Hearing to read them with."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.flows.reading import Hearing

HERE = Path(__file__).parent
LABELLED = HERE.parent / "labelled"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Wednesday morning
NOTHING_ASKED = Hearing(now=NOW)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a table, quoting off."""
    lines = path.read_text(encoding="utf-8").split("\n")
    header = lines[0].split("\t")
    for line in lines[1:]:
        if line:
            yield dict(zip(header, line.split("\t"), strict=False))
