"""A clear refusal is never missed and never invented."""

from dataclasses import replace

from pytest import mark

from app.flows.reading import SURE, Hearing, Option, read
from app.flows.reading.normalise import normalise
from app.flows.reading.refusals import scope_of
from tests.reading.tables import HERE, NOTHING_ASKED, NOW, rows

REFUSALS = list(rows(HERE / "refusals.tsv"))
NEAR_MISSES = [row["text"] for row in rows(HERE / "near_misses.tsv")]
MENU = Hearing(
    now=NOW,
    expects="choice",
    options=(Option("app", "1", ("手机银行",)), Option("transfer", "T", ("转账",)), Option("back", "0", ("返回",))),
)


def test_the_tables_are_long_enough() -> None:
    assert len(REFUSALS) >= 120
    assert len(NEAR_MISSES) >= 120


@mark.parametrize("row", REFUSALS, ids=lambda row: row["text"])
def test_refusals(row: dict[str, str]) -> None:
    reading = read(row["text"], NOTHING_ASKED)
    assert reading.meaning == "opt_out", reading
    assert reading.score >= SURE
    assert reading.values.scope == row["scope"]


@mark.parametrize("text", NEAR_MISSES)
def test_near_misses(text: str) -> None:
    reading = read(text, NOTHING_ASKED)
    assert reading.meaning != "opt_out" or reading.score < SURE, reading


@mark.parametrize("expects", ["choice", "yes_no", "code", "when", "date", "last4", "free"])
@mark.parametrize("text", ["TD", "退订", "stop", "别再给我发短信了"])
def test_a_refusal_in_the_middle_of_anything(text: str, expects: str) -> None:
    hearing = replace(MENU, expects=expects)  # type: ignore[arg-type]
    assert read(text, hearing).meaning == "opt_out"


def test_a_letter_that_the_open_question_offers_is_an_answer() -> None:
    reading = read("T", replace(MENU, refusal_words=frozenset({"T"})))
    assert (reading.meaning, reading.values.option) == ("number_choice", "transfer")
    assert read("0", replace(MENU, refusal_words=frozenset({"0"}))).values.option == "back"


@mark.parametrize("letter", ["T", "R", "N", "0000", "1", "ｒ"])
def test_a_letter_that_we_told_the_customer_to_use_is_a_refusal(letter: str) -> None:
    told = Hearing(now=NOW, refusal_words=frozenset({"T", "R", "N", "0000", "1"}))
    reading = read(letter, told)
    assert (reading.meaning, reading.score >= SURE) == ("opt_out", True)


@mark.parametrize("letter", ["T", "r", "N"])
def test_a_letter_out_of_the_blue_is_asked_about(letter: str) -> None:
    reading = read(letter, NOTHING_ASKED)
    assert (reading.meaning, reading.score < SURE) == ("opt_out", True)


@mark.parametrize(("text", "meaning"), [("N", "no"), ("不要", "no"), ("y", "yes")])
def test_yes_and_no_win_over_letters_when_they_were_asked_for(text: str, meaning: str) -> None:
    told = Hearing(now=NOW, expects="yes_no", refusal_words=frozenset({"N"}))
    assert read(text, told).meaning == meaning


def test_digits_that_nobody_named_as_a_refusal_are_numbers() -> None:
    assert read("0", NOTHING_ASKED).meaning == "number_choice"
    assert read("1", NOTHING_ASKED).values.number == 1


def test_a_refusal_beside_a_secret_is_still_one() -> None:
    reading = read("退订！卡号4111111111111111", NOTHING_ASKED)
    assert reading.meaning == "opt_out"
    assert "4111111111111111" not in reading.values.said


def test_a_question_about_refusing_is_answered_and_kept_in_mind() -> None:
    reading = read("回复TD会影响我的额度吗", NOTHING_ASKED)
    assert reading.meaning != "opt_out"
    assert "opt_out" in reading.likely


@mark.parametrize("row", [row for row in REFUSALS if row["scope"] != "reminders"], ids=lambda row: row["text"])
@mark.parametrize("more", ["{}，还款提醒也不要", "还款提醒别发了，{}"])
def test_no_refusal_of_offers_is_lost_beside_one_of_reminders(row: dict[str, str], more: str) -> None:
    assert scope_of(normalise(more.format(row["text"]))) != "reminders"
