"""Every law of texts that start conversations can be broken: one check is switched off, and the checker sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, text

from app.care.library import shipped as texts
from app.care.programmes import shipped as programmes
from app.handlers.care import judged, leaving
from app.store import occasions, outbox, tables
from app.store.types import Moment
from tests.laws.care_bench import CareBench
from tests.laws.care_cast import NEVER_ASKED, SHANGHAI
from tests.laws.care_machine import CareDays

# The one place where functions are patched: a service that lacks a check must not be buildable, and has to be seen.
Patch = pytest.MonkeyPatch
Break = Callable[[Patch], None]


def no_night(patch: Patch) -> None:
    patch.setattr(judged, "hold_until", lambda *_: None)


def no_curfew(patch: Patch) -> None:
    patch.setattr(judged, "validity", lambda *_: timedelta(hours=10))


def no_refusal(patch: Patch) -> None:
    """It is asked three times: by the judge, by the gate, and by the claim."""
    write = judged.words.write
    nobody_asks_for_consent(patch)

    def unasked(service: Any, template: Any, person: Any, *rest: Any, **more: Any) -> Any:
        return write(service, template, replace(person, refused=frozenset()), *rest, **more)

    patch.setattr(judged.words, "write", unasked)
    skips = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}
    for name, locked in skips.items():
        blind = text(outbox.CLAIM.format(materialized="MATERIALIZED", locked=locked, blocks="FALSE"))
        moments = [bindparam(one, type_=Moment()) for one in ("now", "lease")]
        patch.setitem(outbox.CLAIMS, name, blind.columns(created_at=Moment(), expires_at=Moment()).bindparams(*moments))


def nobody_asks_for_consent(patch: Patch) -> None:
    patch.setattr(judged.Judge, "_refusal", lambda *_: "")


def no_caps(patch: Patch) -> None:
    patch.setattr(judged.caps, "over", lambda *_: False)


def no_day_is_taken(patch: Patch) -> None:
    patch.setattr(judged.caps, "taken", lambda *_: False)


def every_number_by_itself(patch: Patch) -> None:
    """What the customer had at another number counts for nothing."""
    patch.setattr(judged.leaving, "numbers", lambda *_: (frozenset(), frozenset()))


def nothing_is_remembered(patch: Patch) -> None:
    """The text is in the outbox, and its occasion still waits for it."""

    def queued(connection: Any, occasion_id: int, message_id: int, *_: Any) -> None:
        row = tables.Occasion
        connection.execute(row.__table__.update().where(row.id == occasion_id).values(message_id=message_id))

    patch.setattr(occasions, "queued", queued)


def a_switch_that_stops_no_queue(patch: Patch) -> None:
    patch.setattr(occasions, "stop", lambda *_: (0, 0))


def switches_that_nobody_reads(patch: Patch) -> None:
    patch.setattr(leaving.switches, "active", lambda _: programmes())


def no_verdicts_on_templates(patch: Patch) -> None:
    patch.setattr(judged.templates, "approved", lambda _, key, language: texts().get((key, language)))


def no_gate(patch: Patch) -> None:
    write = judged.words.write

    def blind(*given: Any, **more: Any) -> Any:
        written = write(*given, **more)
        return replace(written, verdict=replace(written.verdict, allowed=True))

    patch.setattr(judged.words, "write", blind)


THREE_DAYS = (
    *("plan birthday", "let go", "send", 1440, "plan settled", "let go", "send", 1440, "plan birthday_offer"),
    *("let go", "send"),
)
TWO_NUMBERS = (
    *("plan birthday", "let go", "send", 1440, "plan settled", "let go", "send", 1440, "other number"),
    *("plan birthday_offer", "let go", "send"),
)
BREAKS: tuple[tuple[Break, str, str, tuple[str | int, ...]], ...] = (
    (no_night, "law='quiet'", SHANGHAI, ("plan birthday late", 180, "let go", "send")),
    (no_curfew, "law='curfew'", SHANGHAI, ("plan birthday late", "let go", "send")),
    (no_curfew, "law='quiet'", SHANGHAI, ("plan birthday late", "let go", 180, "send")),
    (no_refusal, "law=5", SHANGHAI, ("TD", "plan birthday", "let go", "send")),
    (nobody_asks_for_consent, "law='consent'", NEVER_ASKED, ("plan birthday", "let go", "send")),
    (no_caps, "law='cap'", SHANGHAI, THREE_DAYS),
    (every_number_by_itself, "law='cap'", SHANGHAI, TWO_NUMBERS),
    (no_day_is_taken, "law='day'", SHANGHAI, ("plan birthday", "plan settled", "let go", "send", "send")),
    (
        every_number_by_itself,
        "law='day'",
        SHANGHAI,
        ("plan birthday", "let go", "send", "other number", "plan settled", "let go", "send"),
    ),
    (nothing_is_remembered, "law='once'", SHANGHAI, ("plan birthday", "let go", "let go", "send")),
    (a_switch_that_stops_no_queue, "law='stopped'", SHANGHAI, ("plan birthday", "let go", "off", "send")),
    (switches_that_nobody_reads, "law='stopped'", SHANGHAI, ("off", "plan birthday", "let go", "send")),
    (no_verdicts_on_templates, "law='retired'", SHANGHAI, ("plan birthday", "retire", "let go")),
    (no_gate, "law='words'", SHANGHAI, ("edit refused words", "plan birthday", "let go", "send")),
)


@pytest.fixture
def days(tmp_path: Path) -> Iterator[CareDays]:
    made: list[CareBench] = []

    def make() -> CareBench:
        made.append(CareBench(f"sqlite:///{tmp_path / 'laws.db'}", tmp_path))
        return made[-1]

    machine = CareDays(make, lambda bench: None, Counter())
    machine.begin([])
    yield machine
    for bench in made:
        bench.close()


@pytest.mark.parametrize(
    ("broken", "law", "phone", "steps"), BREAKS, ids=[f"{one.__name__}-{law}" for one, law, _, _ in BREAKS]
)
def test_what_a_check_prevents_is_seen_without_it(
    days: CareDays, monkeypatch: Patch, broken: Break, law: str, phone: str, steps: tuple[str | int, ...]
) -> None:
    with monkeypatch.context() as patch:
        broken(patch)
        with pytest.raises(AssertionError) as seen:
            days.play(phone, steps)
    assert law in str(seen.value)


@pytest.mark.parametrize(("phone", "steps"), list(dict.fromkeys((phone, steps) for _, _, phone, steps in BREAKS)))
def test_with_all_checks_nothing_is_wrong(days: CareDays, phone: str, steps: tuple[str | int, ...]) -> None:
    days.play(phone, steps)
    days.laws_hold()
