"""What is counted of texts, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.care.tally import Counts, total
from app.store import results, results_refusals
from app.store.database import Database
from app.store.results_parts import QUARTER, Dimension, Span
from tests.handlers.care.outcomes import FAILED, text

DAY = datetime(2026, 6, 10, 2, tzinfo=UTC)
HOUR, DAYS = timedelta(hours=1), timedelta(days=1)
KINDS = {"settled": ("applied", "drawn"), "birthday": ()}
SPAN = Span(DAY - DAYS, DAY + DAYS, ("settled", "birthday"))


def counted(database: Database, *by: Dimension, span: Span = SPAN) -> dict[tuple[object, ...], Counts]:
    with database.begin() as connection:
        found = results.counted(connection, span, by, KINDS)
    return {tuple(group.values()): counts for group, counts in found}


def whole(database: Database, span: Span = SPAN) -> Counts:
    return total(counted(database, span=span).values())


def test_nothing_is_nothing(database: Database) -> None:
    assert counted(database, "programme") == {}


def test_each_step_of_the_funnel(database: Database) -> None:
    text(database, DAY)
    text(database, DAY, status=FAILED)
    text(database, DAY, status=3)
    text(database, DAY, state="planned")
    text(database, DAY, state="held", reason="stale")
    text(database, DAY, followed=HOUR)
    text(database, DAY, answers=("chosen",))
    text(database, DAY, answers=("agreed",), followed=HOUR)
    text(database, DAY, answers=("asked",), confidence=0.4)
    text(database, DAY, answers=("refused",))
    text(database, DAY, answers=("complained",))
    text(database, DAY, answers=("person",))
    text(database, DAY, event=("drawn", 29 * DAYS))
    assert whole(database) == Counts(
        planned=13,
        waiting=1,
        held=1,
        queued=11,
        handed=11,
        delivered=9,
        followed=2,
        replied=6,
        chosen=2,
        handed_over=1,
        converted=1,
        refused=1,
        complained=1,
        annoyed=2,
        engaged=5,
        guessed=1,
    )


def test_a_text_counts_once_however_often_it_was_answered(database: Database) -> None:
    text(database, DAY, answers=("asked", "chosen", "refused", "complained"), followed=HOUR)
    found = whole(database)
    assert (found.replied, found.chosen, found.annoyed, found.followed, found.engaged) == (1, 1, 1, 1, 1)


def test_who_only_refused_was_not_engaged(database: Database) -> None:
    text(database, DAY, answers=("refused",))
    assert whole(database).engaged == 0


@pytest.mark.parametrize(
    ("kind", "after", "counts"),
    [
        ("drawn", HOUR, 1),
        ("applied", 30 * DAYS - HOUR, 1),
        ("applied", 30 * DAYS + HOUR, 0),
        ("applied", -HOUR, 0),
        ("app_login", HOUR, 0),
    ],
)
def test_success_is_what_the_programme_is_for_within_thirty_days(
    database: Database, kind: str, after: timedelta, counts: int
) -> None:
    text(database, DAY, event=(kind, after))
    text(database, DAY, "birthday", event=("drawn", HOUR))
    assert whole(database).converted == counts


def test_somebody_elses_success_does_not_count(database: Database) -> None:
    text(database, DAY, customer_id="A")
    text(database, DAY + HOUR, "birthday", customer_id="A", event=("drawn", HOUR))
    assert counted(database, "programme")[("settled",)].converted == 1
    assert counted(database, "programme")[("birthday",)].converted == 0


@pytest.mark.parametrize(("talk", "counts"), [(HOUR, 1), (3 * HOUR, 0), (timedelta(minutes=1), 0)])
def test_a_talk_counts_that_follows_the_answer(database: Database, talk: timedelta, counts: int) -> None:
    text(database, DAY, answers=("asked",), talk=talk)
    text(database, DAY, talk=HOUR)
    assert whole(database).handed_over == counts


def test_groups_are_told_apart(database: Database) -> None:
    text(database, DAY, segment="vip", variant="A", language="en")
    text(database, DAY, segment="vip", variant="B", answers=("chosen",))
    text(database, DAY, "birthday")
    by = counted(database, "programme", "segment", "variant", "language")
    assert {group: (one.planned, one.chosen) for group, one in by.items()} == {
        ("settled", "vip", "A", "en"): (1, 0),
        ("settled", "vip", "B", "zh-CN"): (1, 1),
        ("birthday", "", "", "zh-CN"): (1, 0),
    }


def test_the_quarter_in_which_it_left(database: Database) -> None:
    text(database, DAY + timedelta(minutes=14, seconds=59))
    text(database, DAY + timedelta(minutes=15), answers=("asked",))
    text(database, DAY, state="held")
    first = int(DAY.timestamp()) // QUARTER
    assert {group: one.replied for group, one in counted(database, "quarter").items()} == {
        (first,): 0,
        (first + 1,): 1,
        (None,): 0,
    }


def test_a_span_has_its_ends_and_its_programmes(database: Database) -> None:
    for at in (SPAN.start, SPAN.end - timedelta(seconds=1), SPAN.start - timedelta(seconds=1), SPAN.end):
        text(database, at)
    text(database, DAY, "birthday")
    assert whole(database).planned == 3
    assert whole(database, Span(SPAN.start, SPAN.end, ("settled",))).planned == 2


def test_why_texts_never_left(database: Database) -> None:
    for reason in ("stale", "stale", "gate"):
        text(database, DAY, state="held", reason=reason)
    text(database, DAY)
    with database.begin() as connection:
        assert results.held(connection, SPAN) == {("settled", "stale"): 2, ("settled", "gate"): 1}


@pytest.mark.parametrize(
    ("outcome", "came"),
    [("followed", 1), ("replied", 2), ("chosen", 1), ("engaged", 2), ("converted", 1)],
)
def test_the_first_texts_of_an_arm(database: Database, outcome: str, came: int) -> None:
    text(database, DAY - HOUR, variant="A", answers=("chosen",), followed=HOUR, event=("drawn", HOUR))
    text(database, DAY, variant="A", answers=("chosen",), event=("drawn", 8 * DAYS))
    text(database, DAY + HOUR, variant="A", answers=("refused",), followed=HOUR, event=("drawn", HOUR))
    text(database, DAY + 2 * HOUR, variant="A", answers=("chosen",), answered=8 * DAYS, followed=8 * DAYS)
    text(database, DAY + 3 * HOUR, variant="A", answers=("chosen",), followed=HOUR, event=("drawn", HOUR))
    text(database, DAY + HOUR, variant="B", answers=("chosen",), followed=HOUR, event=("drawn", HOUR))
    with database.begin() as connection:
        found = results.first_texts(connection, ("settled", "A"), DAY, 3, outcome, 7, ("drawn",))
        none = results.first_texts(connection, ("settled", "C"), DAY, 3, outcome, 7, ("drawn",))
    assert found == (3, came, DAY + 2 * HOUR)
    assert none == (0, 0, None)


def test_who_was_annoyed(database: Database) -> None:
    text(database, DAY, answers=("refused", "complained"))
    text(database, DAY, answers=("refused",), status=3)
    text(database, DAY, answers=("chosen",))
    text(database, DAY - HOUR, answers=("refused",))
    text(database, DAY, "birthday", answers=("refused",))
    with database.begin() as connection:
        [found] = results_refusals.annoyed(connection, {"settled": DAY})
        assert (found.delivered, found.handed, found.refused, found.complained) == (1, 2, 2, 1)
        assert len(results_refusals.annoyed(connection, {"settled": DAY, "birthday": DAY})) == 2
        assert results_refusals.annoyed(connection, {}) == []


def test_no_more_is_counted_than_is_needed(database: Database) -> None:
    for _ in range(4):
        text(database, DAY)
    text(database, DAY, status=3)
    text(database, DAY, template="other")
    since = {"settled": DAY}
    with database.begin() as connection:
        assert results_refusals.reached(connection, since, "", 3, told=True) == 3
        assert results_refusals.reached(connection, since, "", 99, told=True) == 5
        assert results_refusals.reached(connection, since, "", 99, told=False) == 6
        assert results_refusals.reached(connection, since, "settled", 99, told=True) == 4
