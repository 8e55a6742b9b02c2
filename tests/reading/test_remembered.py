"""What was read before is read the same again, and no text is remembered in which a secret could stand."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.flows.reading import Hearing, lexicon, normalise, read, reader, refusals, remembered
from app.flows.reading.grave import grave
from app.understanding import rows

NOW = datetime(2026, 6, 10, 2, tzinfo=UTC)
LABELLED = Path(__file__).parents[1] / "labelled"
HEARINGS = (
    Hearing(now=NOW),
    Hearing(now=NOW, expects="yes_no", last_said="【示例银行】您的额度可以提升，是否申请？"),
    Hearing(now=NOW, expects="free", refusal_words=("N",)),
)


@pytest.mark.parametrize("file", ["utterances_zh.tsv", "utterances_en.tsv"])
def test_a_text_that_was_read_before_is_read_the_same(file: str) -> None:
    texts = [row.text for row in rows.load(LABELLED / file)][:400]
    first = [read(text, hearing) for text in texts for hearing in HEARINGS]
    assert [read(text, hearing) for text in texts for hearing in HEARINGS] == first
    for find in (lexicon.scores, refusals._matched, reader._weighed_alone, grave):
        anew = find.__wrapped__  # type: ignore[attr-defined]
        assert [find(text) for text in map(normalise, texts)] == [anew(text) for text in map(normalise, texts)]


@pytest.mark.parametrize(
    ("text", "asked"), [("额度", 1), ("how much", 1), ("482913", 2), ("密码４", 2), ("我" * 17, 2), ("我" * 16, 1)]
)
def test_only_short_texts_without_digits_are_remembered(text: str, asked: int) -> None:
    heard: list[str] = []

    def find(given: str) -> int:
        heard.append(given)
        return len(given)

    finds = remembered.remembered(find)
    assert (finds(text), finds(text)) == (len(text), len(text))
    assert heard == [text] * asked


def test_a_text_weighed_after_another_of_ours_is_not_the_text_alone() -> None:
    """What leans on our last text is worked out each time: only the text by itself is remembered."""
    said = "【示例银行】您的额度可以提升，是否申请？"
    alone = reader._chances("可以吗")
    leaning = reader._chances("可以吗", said)
    assert leaning[0] != alone[0]
    assert reader._chances("可以吗") == alone


def test_commands_and_digits_do_not_load_the_model() -> None:
    """A process that hears nothing else does without its 30 MB (`docs/speed.md`)."""
    program = (
        "import sys; from datetime import UTC, datetime; from app import create_app; "
        "from app.flows.reading import Hearing, read; hearing = Hearing(now=datetime.now(UTC)); "
        "[read(text, hearing) for text in ('TD', '1', '482913', '退订', 'G')]; before = 'numpy' in sys.modules; "
        "read('这个月怎么还钱', hearing); print(before, 'numpy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == ["False", "True"]
