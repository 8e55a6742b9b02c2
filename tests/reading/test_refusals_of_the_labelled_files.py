"""Every labelled refusal takes effect, and nothing else does. The files lie beside the checkout; without them the
test fails, because a release without this proof is not one."""

from dataclasses import replace

from pytest import mark

from app.flows.reading import SURE, read
from tests.reading.tables import LABELLED, NOTHING_ASKED, rows

FILES = ("utterances_zh.tsv", "utterances_en.tsv")

# Bare letters are menu answers as well. They are refusals where we told the customer to use them.
NEEDS_CONTEXT = {"T": frozenset({"T"})}

# Text: why a reasonable person would dispute the label. Nothing at present.
DISPUTED: dict[str, str] = {}


def labelled() -> list[dict[str, str]]:
    return [row for name in FILES for row in rows(LABELLED / name) if row["text"] not in DISPUTED]


def test_the_files_are_there() -> None:
    for name in FILES:
        assert (LABELLED / name).is_file(), f"{name} is missing: it belongs into tests/labelled"


def test_every_labelled_refusal_takes_effect() -> None:
    missed = []
    for row in labelled():
        hearing = replace(NOTHING_ASKED, refusal_words=NEEDS_CONTEXT.get(row["text"], frozenset()))
        reading = read(row["text"], hearing)
        if row["intent"] == "opt_out" and (reading.meaning != "opt_out" or reading.score < SURE):
            missed.append((row["text"], reading.meaning, reading.score))
    assert not missed


def test_nothing_else_takes_effect_as_a_refusal() -> None:
    invented = []
    for row in labelled():
        reading = read(row["text"], NOTHING_ASKED)
        allowed = {row["intent"], *row["also_acceptable"].split(",")}
        if "opt_out" not in allowed and reading.meaning == "opt_out" and reading.score >= SURE:
            invented.append((row["text"], reading.reasons))
    assert not invented


@mark.parametrize("letter", sorted(NEEDS_CONTEXT))
def test_letters_without_context_are_asked_about(letter: str) -> None:
    reading = read(letter, NOTHING_ASKED)
    assert reading.meaning == "opt_out"
    assert reading.score < SURE
