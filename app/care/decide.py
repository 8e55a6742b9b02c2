"""What a customer gets today, and why not: the planner's one question, asked a million times a day.

`compiled` reckons once what hangs on the day and the programmes; `Plan.decide` then looks at a customer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

from app.care import audience, caps, occasions, windows, zones
from app.care.occasions import Found
from app.care.person import Person, Waiting
from app.care.programme import Decision, Programme
from app.rules.purpose import blocked_by

Consent = Literal["granted", "not_refused"]
OFFERS = frozenset({"product", "activity"})
"""Kinds that a customer who is behind with payments does not get."""


def decide(
    person: Person,
    programmes: Mapping[str, Programme],
    *,
    day: date,
    now: datetime,
    zone: ZoneInfo,
    consent: Consent,
    texts: Collection[tuple[str, str]],
) -> list[Decision]:
    """What each programme decides for one customer: see `compiled`, which serves many of them."""
    return compiled(programmes, day=day, now=now, zone=zone, consent=consent, texts=texts).decide(person)


def compiled(
    programmes: Mapping[str, Programme],
    *,
    day: date,
    now: datetime,
    zone: ZoneInfo,
    consent: Consent,
    texts: Collection[tuple[str, str]],
) -> Plan:
    """A plan for `day` of the bank, whose zone is `zone`.

    `now` (aware): no text is due before it. `consent`: whether commercial texts need an agreement, or only no refusal.
    `texts`: the approved templates as (key, language). Each customer is planned for one day of theirs
    (`zones.local_day`); a text that could go on a later one is decided then.
    """
    languages: dict[str, set[str]] = {}
    for template, language in texts:
        languages.setdefault(template, set()).add(language)
    return Plan(tuple(programmes.values()), day, now.astimezone(UTC), zone, consent, languages)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A programme that may have something for a day. `place`: of its decision in the list."""

    place: int
    programme: Programme
    find: occasions.Finder
    belongs: Callable[[Person], bool]


@dataclass(frozen=True, slots=True)
class _Today:
    """A day of the customers of one zone. `spans`: what each window has on it, filled as they are asked for."""

    day: date
    zone: ZoneInfo
    ready: tuple[_Ready, ...]
    spans: dict[str, tuple[windows.Span, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """Made by `compiled`. It remembers each zone that it meets, so it belongs to one thread."""

    programmes: tuple[Programme, ...]
    day: date
    now: datetime
    bank: ZoneInfo
    consent: Consent
    languages: Mapping[str, Collection[str]]
    _zones: dict[str, _Today] = field(default_factory=dict)
    _not_due: list[Decision] = field(default_factory=list)
    _priorities: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._not_due = [Decision(programme.key, "not_due") for programme in self.programmes]
        self._priorities = {programme.key: programme.priority for programme in self.programmes}

    def decide(self, person: Person) -> list[Decision]:
        """One decision for each programme, in their order; at most one is planned.

        Of several that may go on the same day the one with the highest priority goes, then the one whose occasion ends
        first, then the one that is declared first. It goes on a day that has no text yet but such as wait with a lower
        priority. Raises ZoneInfoNotFoundError for a zone that does not exist.
        """
        today = self._zones.get(person.zone) or self._open(person.zone)
        decisions = self._not_due.copy()
        wanting: list[tuple[int, date, int]] = []
        for ready in today.ready:
            found = ready.find(person)
            if found is not None:
                decision = decisions[ready.place] = self._judge(person, ready, found, today)
                if not decision.reason:
                    wanting.append((-ready.programme.priority, found.last, ready.place))
        if wanting:
            wanting.sort()
            best = self.programmes[wanting[0][2]]
            for _, _, place in wanting if self._taken(person, best, today) else wanting[1:]:
                loser = decisions[place]
                decisions[place] = Decision(loser.programme, "outranked", loser.occasion)
        return decisions

    def _open(self, name: str) -> _Today:
        zone = ZoneInfo(name)
        day = zones.local_day(self.day, self.bank, zone)
        ready = []
        for place, programme in enumerate(self.programmes):
            find = occasions.finder(programme.when, day, zone)
            if find is not None:
                ready.append(_Ready(place, programme, find, audience.belongs(programme.audience, day)))
        self._zones[name] = _Today(day, zone, tuple(ready))
        return self._zones[name]

    def _judge(self, person: Person, ready: _Ready, found: Found, today: _Today) -> Decision:
        programme = ready.programme
        template, variant = arm(programme, person.customer_id)
        approved = self.languages.get(template, ())
        language = spoken(person.language, approved)
        reason = (
            _ended(person, programme, found)
            or ("" if ready.belongs(person) else "wrong_audience")
            or self._forbidden(person, programme)
            or ("" if language else "language" if approved else "not_approved")
        )
        if reason:
            return Decision(programme.key, reason, found.occasion)
        window = windows.of(person, programme)
        spans = today.spans.get(window.name)
        if spans is None:
            spans = today.spans[window.name] = window.spans(today.day, person.zone)
        slot = windows.place(spans, person.customer_id, self.now)
        if slot is None:
            return Decision(programme.key, _later(window, person.zone, today.day, found.last), found.occasion)
        if caps.over(programme.kind, self._had(person, programme, today), slot[0], person.zone):
            return Decision(programme.key, "over_cap", found.occasion)
        due, closes = (moment.astimezone(today.zone) for moment in slot)
        return Decision(programme.key, "", found.occasion, due, closes, template, variant, language)

    def _forbidden(self, person: Person, programme: Programme) -> str:
        if not person.phone:
            return "no_number"
        if person.owners > 1:
            return "shared_number"
        if "gateway" in person.refused:
            return "blocked"
        if person.refused and not person.refused.isdisjoint(blocked_by(programme.purpose)):
            return "refused"
        if programme.purpose == "commercial" and self.consent == "granted" and "commercial" not in person.granted:
            return "no_consent"
        return "overdue" if programme.kind in OFFERS and (person.overdue_days or 0) > 0 else ""

    def _had(self, person: Person, programme: Programme, today: _Today) -> Mapping[str, Sequence[datetime]]:
        """What number and customer had, and what they will have had beside a text of this programme."""
        if not person.waiting:
            return person.had
        had = {kind: list(moments) for kind, moments in person.had.items()}
        for one in self._staying(person, programme, today):
            had.setdefault(one.kind, []).append(one.due_at)
        return had

    def _taken(self, person: Person, programme: Programme, today: _Today) -> bool:
        """Whether the day has its text already, from an earlier run or as a second text, and keeps it."""
        moments = chain(*person.had.values(), (one.due_at for one in self._staying(person, programme, today)))
        return caps.taken(today.day, today.zone, moments)

    def _staying(self, person: Person, programme: Programme, today: _Today) -> list[Waiting]:
        """The texts that wait, without those that lose this day to a text of the programme: they have a lower priority,
        or are of a programme that is off. Caps are asked once more when one of them leaves."""
        return [
            one
            for one in person.waiting
            if self._priorities.get(one.programme, -1) >= programme.priority
            or not caps.taken(today.day, today.zone, (one.due_at,))
        ]


def arm(programme: Programme, customer_id: str) -> tuple[str, str]:
    """The template of a customer, and the name of the arm: the same one every time, and not that of other tests."""
    if programme.arms:
        point = blake2b(f"{programme.key}:{customer_id}".encode(), digest_size=4).digest()
        left = int.from_bytes(point, "big") % 100
        for one in programme.arms:
            if left < one.share:
                return one.template, one.name
            left -= one.share
    return programme.template, ""


def spoken(language: str, approved: Collection[str]) -> str:
    """The approved language that a customer reads: their own, or another form of it (zh-HK reads zh-CN); else ""."""
    if language in approved:
        return language
    family = language.split("-")[0]
    return next((one for one in sorted(approved) if one.split("-")[0] == family), "")


def _ended(person: Person, programme: Programme, found: Found) -> str:
    """Why the occasion is over: it has its text, or the customer has done what the text invites to."""
    if (programme.key, found.occasion) in person.planned:
        return "already_planned"
    # An event that comes late can move the beginning of its burst back: the text for the later part is the burst's.
    if programme.when.event and any(
        key == programme.key and occasion > found.occasion for key, occasion in person.planned
    ):
        return "already_planned"
    for kind in programme.converted_by:
        moments = person.events.get(kind)
        if moments and moments[0] >= found.since:
            return "already_done"
    return ""


def _later(window: windows.Window, zone: str, day: date, last: date) -> str:
    ahead = (day + timedelta(days=count) for count in range(1, (last - day).days + 1))
    return "not_today" if any(window.opens(one, zone) for one in ahead) else "no_slot"
