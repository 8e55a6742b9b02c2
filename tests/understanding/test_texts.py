"""The training texts: enough of them, and none taken from what the reader is measured on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from app.understanding import rows, texts

LABELLED = Path(__file__).resolve().parents[1] / "labelled"
MEASURED = ("utterances_zh.tsv", "utterances_en.tsv")
HELD_OUT = sorted((texts.FOLDER / "heldout").glob("*.tsv"))

FREQUENT = (
    "opt_out", "quota_query", "renew_limit", "repayment_how", "repayment_amount", "repayment_date", "early_repayment",
    "overdue_negotiate", "already_paid", "promise_to_pay", "rate_question", "campaign_interest",
    "status_of_application", "close_product", "callback_request", "human_agent", "complaint", "wrong_person",
    "who_are_you", "fraud_suspect", "code_not_received", "thanks_ack", "out_of_scope",
)  # fmt: skip

# A short text is what it is: everybody writes "在吗" and "怎么还款". From this length on, likeness is no chance.
LONG_ENOUGH = {True: 7, False: 22}
NEARLY = 90


def test_the_files_that_we_are_measured_on_are_there() -> None:
    for name in MEASURED:
        assert rows.load(LABELLED / name), f"{LABELLED / name} is missing: the reader cannot be measured"


@pytest.mark.parametrize("file", [*(LABELLED / name for name in MEASURED), *HELD_OUT], ids=lambda path: path.name)
def test_no_training_text_is_nearly_one_that_we_are_measured_on(file: Path) -> None:
    measured = {texts.plain_of(row.text): row.text for row in rows.load(file)}
    long = [plain for plain in measured if len(plain) >= LONG_ENOUGH[not plain.isascii()]]
    for text in texts.load():
        if len(text.plain) >= LONG_ENOUGH[not text.plain.isascii()]:
            found = process.extractOne(text.plain, long, scorer=fuzz.ratio, score_cutoff=NEARLY)
            assert found is None, f"{text.raw!r} ({text.language}/{text.meaning}) is too near to {measured[found[0]]!r}"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_frequent_meaning_has_enough_texts(language: str) -> None:
    held = Counter(text.meaning for text in texts.load() if text.language == language)
    assert {meaning: held[meaning] for meaning in FREQUENT if held[meaning] < 150} == {}


def test_the_copies_that_are_refused_are_seen() -> None:
    assert fuzz.ratio("我还有多少额度可以用呢", "我还有多少额度可以用") >= NEARLY
