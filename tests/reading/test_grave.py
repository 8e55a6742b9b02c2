"""What calls for a person at once is heard, and what only sounds like it is not."""

from __future__ import annotations

import pytest

from app.flows.reading.grave import grave
from app.flows.reading.normalise import normalise
from tests.reading.tables import HERE, rows

ROWS = [(row["text"], row["kind"] or None) for row in rows(HERE / "grave.tsv")]


@pytest.mark.parametrize(("text", "kind"), ROWS, ids=[text for text, _ in ROWS])
def test_grave_words(text: str, kind: str | None) -> None:
    assert grave(normalise(text)) == kind
