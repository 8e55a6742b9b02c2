"""A planned text is judged anew when it is about to leave: what was true when it was planned may be over by now.

Callers hold the row and the number's conversation, so that nothing of it changes before the text is queued.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from app.care import caps
from app.care.audience import belongs
from app.care.person import Person
from app.care.programme import Programme
from app.care.put_off import next_window
from app.care.render import MissingValue
from app.care.template import Template
from app.flows.vocabulary import BOT, Conversation
from app.gateways.port import Status
from app.handlers.care import links, switches, templates, words
from app.handlers.service import Service
from app.rules.purpose import DAYBREAK, SHORTEST, blocked_by, hold_until, lane, validity
from app.store import leaving, persons
from app.store.leaving import Had, Waits
from app.store.outbox import NewMessage

log = structlog.get_logger()

LATER = timedelta(minutes=10)
"""After which a customer who is in a talk is looked at again, and a text for which another one does not make room."""
LINK = "{link}"


@dataclass(frozen=True, slots=True)
class Held:
    """It never leaves. `reason`: a code of `app.care.reasons`."""

    reason: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """It is judged again at `until`. `closes_at`: when its window ends, if it is another one."""

    until: datetime
    reason: str
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """It may be queued as `message`."""

    message: NewMessage
    template: Template
    person: Person


@dataclass(frozen=True, slots=True)
class Judge:
    """Of the rows of one batch. `active`: the programmes that are on, by key; `persons`: by customer, whoever still has
    the number of their text; `had`: the texts that these customers and numbers had, those of this batch too;
    `waiting`: by id, those that are planned for them; `talking`: numbers with a person, or with a
    text that waits for its turn."""

    service: Service
    connection: Connection
    now: datetime
    active: Mapping[str, Programme]
    look: persons.Look
    persons: Mapping[str, Person]
    had: list[Had]
    waiting: dict[int, Waits]
    talking: Collection[str]
    texts: dict[tuple[str, str], Template | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, service: Service, connection: Connection, now: datetime, rows: Sequence[Any], numbers: Collection[str]
    ) -> Judge:
        """Reads what is known about all of them. Their conversations are held: none refuses or talks from here on.
        `numbers`: of the rows, and all that their customers ever had."""
        active = switches.active(connection)
        kinds = frozenset(kind for one in active.values() for kind in (one.when.event, *one.converted_by) if kind)
        look = persons.Look(service.language, service.zone.key, kinds)
        phones = {row.phone for row in rows}
        return cls(
            service,
            connection,
            now,
            active,
            look,
            persons.those(connection, {row.customer_id: row.phone for row in rows}, now, look),
            leaving.had(connection, numbers, now),
            {one.id: one for one in leaving.waiting(connection, numbers, now)},
            leaving.in_a_talk(connection, phones),
        )

    def queued(self, row: Any, kind: str) -> None:
        """The text is in the outbox: the next one of its number or its customer counts it."""
        self.waiting.pop(row.id, None)
        self.had.append(Had(row.id, row.phone, row.customer_id, kind, self.now))

    def approved(self, key: str, language: str) -> Template | None:
        """The text in force; read once for a batch."""
        if (key, language) not in self.texts:
            self.texts[key, language] = templates.approved(self.connection, key, language)
        return self.texts[key, language]

    def judge(self, row: Any, conversation: Conversation) -> Held | PutOff | Ready:
        """`row`: of `occasions`, planned and due. The next ones stand behind it only as long as it may leave."""
        verdict = self._verdict(row, conversation)
        if isinstance(verdict, Held):
            self.waiting.pop(row.id, None)
        elif isinstance(verdict, PutOff) and row.id in self.waiting:
            closes = verdict.closes_at or row.closes_at
            self.waiting[row.id] = replace(self.waiting[row.id], due_at=verdict.until, closes_at=closes)
        return verdict

    def _verdict(self, row: Any, conversation: Conversation) -> Held | PutOff | Ready:
        programme = self.active.get(row.programme)
        if programme is None:
            return Held("stopped")
        if self.now >= row.closes_at:
            return Held(row.reason or "stale")
        found = self._about_the_first(row, programme) if row.first_id else None
        if found is not None:
            return found
        template = self.approved(row.template, row.language)
        if template is None:
            return Held("not_approved")
        person = self.persons.get(row.customer_id)
        if person is not None and person.phone != row.phone:
            # Two texts of one customer to two numbers of theirs, and the other one's was read.
            person = persons.one(self.connection, row.customer_id, row.phone, self.now, self.look)
        if person is None:
            return Held("unbound")
        if reason := self._refusal(row, template, person, programme):
            return Held(reason)
        found = self._not_now(row, person, conversation) or self._too_many(row, template, person, programme)
        return found or self._written(row, template, person)

    def _about_the_first(self, row: Any, programme: Programme) -> Held | PutOff | None:
        """A second text follows only one that arrived, and that led to nothing for so many hours."""
        first = leaving.first(self.connection, row.first_id)
        if first is None or first.state != "handed" or first.status in (Status.FAILED, Status.UNDELIVERED):
            return Held("first_unsent")
        if first.followed:
            return Held("link_followed")
        if first.answered:
            return Held("answered")
        ripe = first.handed_at + timedelta(hours=programme.second_after_hours)
        return PutOff(min(ripe, row.closes_at), "") if self.now < ripe else None

    def _refusal(self, row: Any, template: Template, person: Person, programme: Programme) -> str:
        """What is in force at this moment, by consent and by the bank's rows. The template's purpose counts: a newer
        version may have become an offer."""
        if "gateway" in person.refused:
            return "blocked"
        if blocked_by(template.purpose) & person.refused:
            return "refused"
        asks = template.purpose == "commercial" and self.service.care_consent == "granted"
        if asks and "commercial" not in person.granted:
            return "no_consent"
        if person.owners > 1:
            return "shared_number"
        if template.kind in ("product", "activity") and (person.overdue_days or 0) > 0:
            return "overdue"
        today = self.now.astimezone(ZoneInfo(person.zone)).date()
        if not belongs(programme.audience, today)(person):
            return "wrong_audience"
        done = any(at > row.planned_at for kind in programme.converted_by for at in person.events.get(kind, ()))
        return "already_done" if done else ""

    def _not_now(self, row: Any, person: Person, conversation: Conversation) -> PutOff | None:
        """Nobody is written to at night, whatever the text is for, nor in the middle of a talk."""
        morning = hold_until("commercial", self.now.astimezone(ZoneInfo(person.zone)))
        if morning is not None:
            return PutOff(min(morning.astimezone(UTC), row.closes_at), "quiet_hours")
        talks = conversation.place is not None or conversation.owner != BOT
        if talks or row.phone in self.talking:
            return PutOff(min(self.now + LATER, row.closes_at), "in_talk")
        return None

    def _too_many(self, row: Any, template: Template, person: Person, programme: Programme) -> Held | PutOff | None:
        """What the number had counts, and what the customer had at others. A second text may come on the day of its
        first (B7), on which no other comes."""
        theirs = [one for one in self.had if one.phone == row.phone or one.customer_id == row.customer_id]
        kinds: defaultdict[str, list[datetime]] = defaultdict(list)
        for one in theirs:
            kinds[one.kind].append(one.queued_at)
        if caps.over(template.kind, kinds, self.now, person.zone):
            return Held("over_cap")
        zone = ZoneInfo(person.zone)
        today = self.now.astimezone(zone).date()
        if caps.taken(today, zone, (one.queued_at for one in theirs if one.id != row.first_id)):
            morning = datetime.combine(today + timedelta(days=1), DAYBREAK, zone)
            return self._outranked(row, person, programme, morning.astimezone(UTC))
        if caps.taken(today, zone, (one.queued_at for one in theirs)):
            return None
        ahead = self._ahead(row, programme, zone, today)
        return self._outranked(row, person, programme, max(self.now, *ahead) + LATER) if ahead else None

    def _ahead(self, row: Any, programme: Programme, zone: ZoneInfo, today: date) -> list[datetime]:
        """When those texts of the number and the customer are due that have this day before it: of a higher priority,
        so no two of them wait for each other."""
        return [
            one.due_at
            for one in self.waiting.values()
            if (one.phone == row.phone or one.customer_id == row.customer_id)
            and one.programme in self.active
            and self.active[one.programme].priority > programme.priority
            and one.due_at < one.closes_at
            and one.due_at.astimezone(zone).date() <= today
        ]

    def _outranked(self, row: Any, person: Person, programme: Programme, until: datetime) -> PutOff:
        """Until then; if its window is over by then, to the next one while its occasion lasts; else to its end."""
        if until < row.closes_at:
            return PutOff(until, "outranked")
        slot = next_window(person, programme, row.occasion, until, row.planned_at + persons.SLACK)
        return PutOff(slot[0], "outranked", slot[1]) if slot else PutOff(row.closes_at, "outranked")

    def _written(self, row: Any, template: Template, person: Person) -> Held | Ready:
        service, route = self.service, self.service.route
        what = template.key, template.version, template.language
        way_out = route.leaves_with(template.purpose, template.language)
        if why := route.why_not(row.phone, template.purpose, what):
            return self._say(row, "route", why)
        try:
            made = LINK in template.words
            link = links.make(service, self.connection, row.id, template, self.now, route) if made else ""
            given = words.given_of(self.connection, row)
            written = words.write(service, template, person, given, link=link, way_out=way_out)
        except links.BadTarget:
            return self._say(row, "gate", "link")
        except MissingValue as missing:
            return self._say(row, "missing_value", missing.placeholder)
        if not written.verdict.allowed:
            return self._say(row, "gate", *(one.code for one in written.verdict.refusals))
        body = written.verdict.body
        if why := route.why_not(row.phone, template.purpose, what, body, written.parts):
            return self._say(row, "route", why)
        lasts = validity("commercial", self.now.astimezone(ZoneInfo(person.zone)))
        expires = min(self.now + lasts, row.closes_at)
        if expires - self.now < SHORTEST:
            return Held("stale")
        message = NewMessage(
            phone=row.phone,
            purpose=template.purpose,
            lane=lane(template.purpose),
            template=f"care.{template.key}@{template.version}",
            body=body,
            parts=written.parts,
            due_at=self.now,
            expires_at=expires,
            author="programme",
        )
        return Ready(message, template, person)

    def _say(self, row: Any, reason: str, *codes: str) -> Held:
        """Somebody has to mend the template or the route: the log tells what."""
        log.warning("care_text_held", occasion=row.id, template=row.template, reason=reason, because=list(codes))
        return Held(reason)
