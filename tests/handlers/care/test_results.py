"""Results as they are put together: periods of the bank's days, hours of the customers' zones, words beside answers."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from app.care import phrases
from app.care.phrases import FEWEST, Sample, company
from app.care.tally import Counts
from app.handlers.care import results, trials
from app.handlers.care.results import Period, overview, period, report
from app.store.database import Database
from tests.handlers.care.outcomes import text
from tests.rig import Rig

TODAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)  # in Shanghai
WEEK = Period(date(2026, 6, 8), TODAY)


@pytest.fixture
def database(rig: Rig) -> Database:
    return rig.service.database


def test_the_last_four_weeks_unless_told_otherwise(rig: Rig) -> None:
    assert period(rig.service) == Period(date(2026, 5, 14), TODAY)
    assert period(rig.service, since=date(2026, 6, 1)) == Period(date(2026, 6, 1), TODAY)
    assert period(rig.service, until=date(2026, 5, 31)).since == date(2026, 5, 4)


@pytest.mark.parametrize(
    ("since", "until", "field"), [(date(2026, 6, 11), None, "until"), (date(2025, 1, 1), date(2026, 6, 1), "since")]
)
def test_a_period_that_cannot_be_names_its_field(rig: Rig, since: date, until: date | None, field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        period(rig.service, since, until)


def test_a_day_is_the_banks(rig: Rig, database: Database) -> None:
    """8 June in Shanghai begins at 16:00 of the 7th in UTC."""
    for moment in (
        datetime(2026, 6, 7, 15, 59, tzinfo=UTC),
        datetime(2026, 6, 7, 16, tzinfo=UTC),
        datetime(2026, 6, 10, 15, 59, tzinfo=UTC),
        datetime(2026, 6, 10, 16, tzinfo=UTC),
    ):
        text(database, moment)
    assert overview(rig.service, WEEK).total.planned == 2


def test_programmes_beside_each_other(rig: Rig, database: Database) -> None:
    text(database, NOON, answers=("chosen",))
    text(database, NOON, version=3)
    text(database, NOON, "birthday", state="held", reason="stale")
    text(database, NOON, "gone_from_the_release")
    found = overview(rig.service, WEEK)
    assert {line.name: (line.counts.planned, line.counts.chosen) for line in found.programmes} == {
        "birthday": (1, 0),
        "settled": (2, 1),
    }
    assert found.held == {("birthday", "stale"): 1}
    assert found.total == Counts(planned=3, held=1, queued=2, handed=2, delivered=2, replied=1, chosen=1, engaged=1)


def test_hours_and_weekdays_are_those_where_the_customer_lives(rig: Rig, database: Database) -> None:
    """One moment is noon of Wednesday in Shanghai, midnight in New York, half past nine in Kolkata, Tuesday evening in
    Los Angeles."""
    for zone in ("", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "America/Los_Angeles"):
        text(database, NOON, zone=zone)
    text(database, NOON, state="planned")
    found = report(rig.service, "settled", WEEK).by
    assert {line.name: line.counts.planned for line in found["hour"]} == {"00": 1, "09": 1, "12": 2, "21": 1}
    assert {line.name: line.counts.planned for line in found["weekday"]} == {"1": 1, "2": 4}


def test_a_clock_that_is_set_forward(rig: Rig, database: Database) -> None:
    """New York, 8 March 2026: an hour after 01:30 it is 03:30."""
    for at in (datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)):
        text(database, at, zone="America/New_York")
    found = report(rig.service, "settled", Period(date(2026, 3, 8), date(2026, 3, 9)))
    assert [line.name for line in found.by["hour"]] == ["01", "03"]


def test_one_programme_by_what_it_is_made_of(rig: Rig, database: Database) -> None:
    text(database, NOON, segment="vip", variant="A", answers=("refused",))
    text(database, NOON, segment="vip", variant="B", language="en", template="settled_again", version=2)
    text(database, NOON, state="held", reason="gate")
    text(database, NOON, "birthday")
    found = report(rig.service, "settled", WEEK)
    names = {name: [line.name for line in lines] for name, lines in found.by.items()}
    assert names["segment"] == ["vip", ""]
    assert names["variant"] == ["", "A", "B"]
    assert sorted(names["language"]) == ["en", "zh-CN"]
    assert names["template"] == ["settled@0", "settled_again@2"]
    assert found.held == {"gate": 1}
    assert (found.total.planned, found.total.refused) == (3, 1)
    with pytest.raises(KeyError):
        report(rig.service, "no_such", WEEK)


def test_answers_without_receipts_are_no_more_than_all(rig: Rig, database: Database) -> None:
    text(database, NOON)
    for _ in range(3):
        text(database, NOON, status=3, answers=("chosen",), followed=timedelta(hours=1))
    found = overview(rig.service, WEEK).total
    assert (found.delivered, found.replied, found.reached) == (1, 3, 3)


def test_a_time_without_texts(rig: Rig) -> None:
    found = report(rig.service, "settled", Period(TODAY + timedelta(days=30), TODAY + timedelta(days=31)))
    assert found.total == Counts()
    assert all(lines == [] for lines in found.by.values())


# ---- words beside answers ----------------------------------------------------------------------------------------


def sample(words: str, reached: int, engaged: int, *, language: str = "zh-CN", template: str = "") -> Sample:
    counts = Counts(planned=reached, handed=reached, delivered=reached, engaged=engaged)
    return Sample(template or words, language, words, counts)


def of(phrase: str, *samples: Sample) -> phrases.Company | None:
    return next((one for one in company(samples) if one.phrase == phrase), None)


def test_texts_with_a_word_stand_beside_those_without() -> None:
    found = of(
        "专属",
        sample("您的专属通道", FEWEST, 20),
        sample("专属经理为您服务", FEWEST, 30),
        sample("欢迎了解", 2 * FEWEST, 20),
        sample("Only for you", 5000, 5000, language="en"),
    )
    assert found is not None
    assert (found.having.hits, found.having.of, found.templates) == (50, 2 * FEWEST, 2)
    assert (found.lacking.hits, found.lacking.of) == (20, 2 * FEWEST)
    assert found.difference.by == pytest.approx(0.075)
    assert 0 < found.difference.low < found.difference.by < found.difference.high


def test_nothing_is_told_of_few_texts() -> None:
    many = sample("欢迎了解", 10 * FEWEST, 100)
    assert of("专属", sample("您的专属通道", FEWEST - 1, 20), many) is None
    assert of("专属", sample("您的专属通道", FEWEST, 20), many) is not None
    assert of("专属", sample("您的专属通道", 10 * FEWEST, 20)) is None  # nothing to compare with


def test_placeholders_count_as_what_they_become() -> None:
    found = company([sample("{customer}，您好，最高50万元", FEWEST, 9), sample("您好 {link}", FEWEST, 3)])
    assert {one.phrase: one.having.hits for one in found} == {"name": 9, "figure": 9, "link": 3}
    assert [one.phrase for one in found][-1] == "link"  # the largest difference first


def test_the_words_are_those_of_the_version_that_left(rig: Rig, database: Database) -> None:
    for _ in range(FEWEST):
        text(database, NOON, "birthday_offer", answers=("chosen",))
        text(database, NOON, "wake_up")
    text(database, NOON, "birthday", version=99)  # whose words nobody has
    found = overview(rig.service, WEEK).words
    assert found and all(one.having.of == one.lacking.of == FEWEST for one in found)
    assert results.shipped()["birthday_offer", "zh-CN"].words


def test_every_phrase_is_looked_for_in_a_language_that_texts_have() -> None:
    assert set(phrases.phrases()) <= {"zh-CN", "en"}
    assert all(
        spelling == spelling.lower() for some in phrases.phrases().values() for one in some.values() for spelling in one
    )


def test_nobody_waits_for_them_and_they_wait_for_nobody(rig: Rig, database: Database) -> None:
    """A hundred thousand texts are counted in a third of a second; SQLite has one writer at a time."""
    text(database, NOON, answers=("refused",))
    other = Database(database.url.render_as_string(hide_password=False))
    with closing(other), other.begin():
        assert overview(rig.service, WEEK).total.planned == 1
        assert report(rig.service, "settled", WEEK).total.planned == 1
        assert trials.standing(rig.service, "settled") is None
