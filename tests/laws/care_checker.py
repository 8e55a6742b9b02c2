"""The laws of texts that start conversations, checked from outside: the network's file, plain SQL, and what was done.

It shares no code with app/ but the kinds of the shipped texts, which are data.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.care.library import shipped
from tests.laws.sight import Sight, detail_of, moment

MORNING, EVENING = time(8, 0), time(22, 0)
COUNTED = frozenset({"care", "product", "activity"})
A_SECOND = timedelta(seconds=1)
NEVER = "保证通过"
"""Words of a draft that nobody may read."""


@dataclass(frozen=True, order=True)
class Fault:
    law: str
    what: str


@dataclass
class Off:
    """The programme was off from the network's text `after` on, until `until`; `claimed` had begun to leave."""

    programme: str
    after: int
    claimed: frozenset[int]
    until: int | None = None


@dataclass
class CareChecker:
    """`zones`: by number, the customer's."""

    url: str
    network: Path
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sight = Sight(self.url, self.network)
        self._offs: list[Off] = []
        self._retired: dict[str, frozenset[int]] = {}
        self._seen: set[Fault] = set()

    def close(self) -> None:
        self._sight.close()

    # ---- what was done ------------------------------------------------------------------------------------

    def switched(self, programme: str, on: bool) -> None:
        """Somebody switched it, and was told that it is done."""
        newest = self._sight.newest()
        for off in self._offs:
            if off.programme == programme and off.until is None:
                off.until = newest
        if not on:
            claimed = self._sight.rows("SELECT id FROM messages WHERE state = 'sending'")
            self._offs.append(Off(programme, newest, frozenset(row.id for row in claimed)))

    def retired(self, template: str) -> None:
        """From now on nothing more is made of it."""
        self._retired[template] = frozenset(row.id for row in self._texts(template))

    def approved(self, template: str) -> None:
        self._note_retired()
        self._retired.pop(template, None)

    # ---- what must hold -----------------------------------------------------------------------------------

    def faults(self) -> list[Fault]:
        self._note_retired()
        rows = {row.id: row for row in self._sight.rows(MESSAGES)}
        sent = [(one, rows[one["message"]]) for one in self._sight.outbound() if one["message"] in rows]
        care = [(one, row) for one, row in sent if row.template.startswith("care.")]
        found = [self._at_night(care), self._over_cap(care), self._once_a_day(care), self._twice(care)]
        return sorted(self._seen.union(*found, self._unwanted(care), self._off(care)))

    def at_rest(self, now: datetime) -> list[Fault]:
        """Also: what was planned has come to an end when its window is over."""
        rows = self._sight.rows("SELECT id, closes_at FROM occasions WHERE state = 'planned'")
        waits = {Fault("ends", f"occasion {row.id} still waits") for row in rows if moment(row.closes_at) <= now}
        return sorted({*self.faults(), *waits})

    def _at_night(self, sent: list[Any]) -> Iterator[Fault]:
        for one, row in sent:
            zone = self.zones[one["phone"]]
            left = moment(one["at"]).astimezone(zone)
            if not MORNING <= left.time() < EVENING:
                yield Fault("quiet", f"message {row.id} ({row.template}) left at {left:%H:%M} of its customer")
            curfew = datetime.combine(left.date(), EVENING, zone)
            if moment(one["valid_until"]) > curfew + A_SECOND:
                yield Fault("curfew", f"message {row.id} ({row.template}) may arrive after 22:00 of its customer")

    def _over_cap(self, sent: list[Any]) -> Iterator[Fault]:
        """Two a month of what is counted; of product and activity one each, once a month with texts went before: for
        every number, and for every customer."""
        months: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        for one, row in sent:
            for whose in _whose(one, row):
                months[whose][self._month(one["phone"], moment(one["at"])), self._kind(row.template)] += 1
        for whose, found in months.items():
            for month in {month for month, _ in found}:
                kinds = {kind: times for (when, kind), times in found.items() if when == month}
                if sum(kinds.get(kind, 0) for kind in COUNTED) > 2:
                    yield Fault("cap", f"{whose} had {kinds} in one month")
                before = any(when < month and kind != "service" for when, kind in found)
                if before and max(kinds.get("product", 0), kinds.get("activity", 0)) > 1:
                    yield Fault("cap", f"{whose} had {kinds} in a month that is not the first")
                if kinds.get("festival", 0) > 1:  # the days of the tests have one holiday a month
                    yield Fault("cap", f"{whose} had {kinds['festival']} greetings in one month")

    def _month(self, phone: str, at: datetime) -> int:
        here = at.astimezone(self.zones[phone])
        return here.year * 12 + here.month

    def _once_a_day(self, sent: list[Any]) -> Iterator[Fault]:
        """One text a day for every number and every customer. A second text may come on the day of its first."""
        left = {row.occasion_id: moment(one["at"]).astimezone(self.zones[one["phone"]]).date() for one, row in sent}
        days = Counter(
            (whose, left[row.occasion_id])
            for one, row in sent
            if row.first_id is None or left.get(row.first_id) != left[row.occasion_id]
            for whose in _whose(one, row)
        )
        for (whose, day), times in days.items():
            if times > 1:
                yield Fault("day", f"{whose} had {times} texts on {day}")

    def _twice(self, sent: list[Any]) -> Iterator[Fault]:
        """Every text belongs to one occasion, and every occasion has one text; a first text has one second."""
        for row in self._sight.rows(ORPHANS):
            yield Fault("once", f"message {row.id} belongs to no occasion")
        for row in self._sight.rows(SECONDS):
            yield Fault("once", f"occasion {row.first_id} has {row.times} second texts")
        times = Counter((row.programme, row.customer_id, row.occasion) for _, row in sent)
        for occasion, count in times.items():
            if count > 1:
                yield Fault("once", f"{occasion} was told {count} times")

    def _unwanted(self, sent: list[Any]) -> Iterator[Fault]:
        granted = {row.phone for row in self._sight.rows("SELECT phone FROM consents WHERE verdict = 'granted'")}
        for one, row in sent:
            if row.purpose == "commercial" and one["phone"] not in granted:
                yield Fault("consent", f"message {row.id} is an offer to somebody who never agreed")
            if NEVER in one["body"]:
                yield Fault("words", f"message {row.id} has words that the gate refuses")
            if row.purpose == "commercial" and self._kind(row.template) == "service":
                yield Fault("words", f"message {row.id} is told to be an offer and is none")

    def _off(self, sent: list[Any]) -> Iterator[Fault]:
        for one, row in sent:
            for off in self._offs:
                late = one["id"] > off.after and (off.until is None or one["id"] <= off.until)
                if row.programme == off.programme and late and row.id not in off.claimed:
                    yield Fault("stopped", f"message {row.id} left after {off.programme} was switched off")

    def _note_retired(self) -> None:
        for template, known in self._retired.items():
            for row in self._texts(template):
                if row.id not in known:
                    self._seen.add(Fault("retired", f"message {row.id} was made of {template}, which is retired"))

    def _texts(self, template: str) -> Any:
        return self._sight.rows("SELECT id FROM messages WHERE template LIKE :t", t=f"care.{template}@%")

    def _kind(self, template: str) -> str:
        key, _, version = template.removeprefix("care.").partition("@")
        if version == "0":
            return shipped()[key, "zh-CN"].kind
        found = self._sight.rows(
            "SELECT content FROM template_versions WHERE template = :k AND version = :v", k=key, v=int(version)
        )
        return str(detail_of(found[0].content)["kind"])


def _whose(one: Mapping[str, Any], row: Any) -> set[str]:
    """The number that a text went to, and the customer for whom it was."""
    return {one["phone"], row.customer_id} - {None}


MESSAGES = """
SELECT m.id, m.template, m.purpose, m.state, o.id AS occasion_id, o.first_id, o.programme, o.customer_id, o.occasion
FROM messages m LEFT JOIN occasions o ON o.message_id = m.id
"""
ORPHANS = """
SELECT m.id FROM messages m WHERE m.template LIKE 'care.%'
AND (SELECT count(*) FROM occasions o WHERE o.message_id = m.id AND o.state = 'queued') <> 1
"""
SECONDS = (
    "SELECT first_id, count(*) AS times FROM occasions WHERE first_id IS NOT NULL GROUP BY first_id HAVING count(*) > 1"
)
