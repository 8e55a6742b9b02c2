"""Laws on texts that begin conversations, and on what customers answer to them. Each gives what broke it, in words.

A text is known by its words, whatever row it stands in (`campaigns.py`); what its row says of it is asked as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from app.city import looks
from app.city.campaigns import HOURS, WAYS_OUT, Campaign, told_by
from app.city.evidence import Evidence
from app.city.ledger import Text, Try

MONTHLY = 2
ONE_EACH = ("product", "activity")
FREE = "service"
AGREES = "HF"
REFUSALS = frozenset({"TD", "td", "退订", "STOP"})


def twice(seen: Evidence) -> Iterator[str]:
    """In a city a programme has one occasion for each customer, and one text for it. Second texts say other words."""
    times = Counter((seen.who(one.phone), campaign.key, again) for one, campaign, again in _taken(seen))
    for (customer, key, again), count in times.items():
        if count > 1:
            yield f"customer {customer} was told {'again of ' if again else ''}{key} {count} times"
    yield from seen.found(looks.TOLD_TWICE)


def unwanted(seen: Evidence) -> Iterator[str]:
    """An offer to a number for which nobody agreed: neither in the bank's file nor by a text since."""
    for one, _, _ in _taken(seen):
        person = seen.people.get(one.phone)
        if person is None or one.phone in person.agreed or not one.body.endswith(WAYS_OUT):
            continue
        if not any(text.body == AGREES and text.posted < one.at for text in seen.texts[one.phone]):
            yield f"message {one.message} is an offer to a number for which nobody agreed to any"


def out_of_hours(seen: Evidence) -> Iterator[str]:
    """Within one of its hours where the customer lives, and valid up to the end of it; so it is never night."""
    for one in _tries(seen):
        late = seen.skew + seen.late
        at = seen.local(one.phone, seen.clock(one.at))
        ends = [end for begin, end in _hours(at) if begin <= at + seen.skew and at - late <= end]
        if not ends:
            if not seen.held(one):
                yield f"message {one.message} left at {at:%H:%M:%S} of its customer"
        elif one.valid is None or at + timedelta(seconds=one.valid) > max(ends) + late:
            yield f"message {one.message} left at {at:%H:%M:%S} of its customer, and may arrive after {max(ends):%H:%M}"


def too_many(seen: Evidence) -> Iterator[str]:
    """One text a day, not counting a second one; two a month that are no service, and of products and activities one
    each when the month before had any."""
    days = Counter[tuple[str, date]]()
    months: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for row in seen.looks.rows(looks.HAD):
        months[seen.who(row.phone)][_month(seen.local(row.phone, looks.moment(row.queued_at))), row.kind] += 1
    for one, campaign, again in _taken(seen):
        at, who = seen.local(one.phone, seen.clock(one.at)), seen.who(one.phone)
        days[who, at.date()] += not again
        months[who][_month(at), campaign.kind] += 1
    for (customer, day), count in days.items():
        if count > 1:
            yield f"customer {customer} had {count} texts on {day}"
    for customer, had in months.items():
        yield from (f"customer {customer} had {what}" for what in _over(had))


def _over(had: Counter[tuple[int, str]]) -> Iterator[str]:
    for month in {month for month, _ in had}:
        kinds = {kind: times for (when, kind), times in had.items() if when == month and kind != FREE}
        if sum(kinds.values()) > MONTHLY:
            yield f"{sum(kinds.values())} texts in a month"
        if any(when < month and kind != FREE for when, kind in had):
            yield from (f"{kinds[kind]} of {kind} in a month" for kind in ONE_EACH if kinds.get(kind, 0) > 1)


def switched_off(seen: Evidence) -> Iterator[str]:
    for off in seen.ledger.offs:
        excused = set(off.in_flight)
        for one in _tries(seen):
            told = told_by(one.body)
            if told is None or told[0].key != off.programme or one.at <= off.looked:
                continue
            if one.message in excused:
                excused.discard(one.message)  # was under way at that moment: this once
            else:
                yield f"message {one.message} left after {off.programme} was switched off"


def unheard(seen: Evidence) -> Iterator[str]:
    """Answers to programmes are kept as such: refusals in any case, other answers when nothing else can be meant."""
    rows = {row.inbound_id: row for row in seen.looks.rows(looks.ANSWERS)}
    for row in rows.values():
        if row.message_id is None or row.told != row.phone:
            yield f"inbound {row.inbound_id} is said to answer what its number was not told"
    queued = {row.message_id: looks.moment(row.queued_at) for row in seen.looks.rows(looks.QUEUED)}
    for texts in seen.texts.values():
        for text in texts:
            inbound = seen.inbound.get(text.gateway_id)
            if text.answers not in queued or inbound is None or not _sent_before(seen, text, queued[text.answers]):
                continue
            row = rows.get(inbound.id)
            told = f"inbound {inbound.id} ({text.body}) answered message {text.answers}, and"
            if text.body in REFUSALS:
                if row is None or row.meaning != "refused":
                    yield f"{told} no refusal is kept"
                continue
            expected = inbound.state == "taken" and _alone(seen, text, queued[text.answers])
            if expected and (row is None or row.message_id != text.answers):
                yield f"{told} no answer is kept"


def _sent_before(seen: Evidence, text: Text, queued: datetime) -> bool:
    """Whether the service could know, when it stored the text, that ours had left: not before it had learned so, and
    by the clocks of two processes."""
    handed = seen.messages[text.answers].handed_at
    left = max(queued, looks.moment(handed)) if handed else queued
    return looks.moment(seen.inbound[text.gateway_id].received_at) >= left


def _alone(seen: Evidence, text: Text, queued: datetime) -> bool:
    """Whether the number was in no talk. It was in none when ours was queued; so nobody may have said anything since,
    nor thrice the same, and no other text of a programme may be meant."""
    texts, ours = seen.texts[text.phone], [one for one in seen.taken[text.phone] if told_by(one.body)]
    before = [one for one in texts if one is not text and one.posted <= (text.acknowledged or one.posted)]
    if any(one.acknowledged is None or seen.clock(one.acknowledged) >= queued - seen.skew for one in before):
        return False
    in_a_row = all(one.body == text.body for one in before[-2:])
    return not (before[1:] and in_a_row) and {one.message for one in ours} == {text.answers}


def _tries(seen: Evidence) -> Iterator[Try]:
    """Requests to send a text of a programme, by its words or by its row."""
    for message, tries in seen.tries.items():
        row = seen.messages.get(message)
        ours = row is not None and row.template.startswith("care.")
        yield from (one for one in tries if ours or told_by(one.body))


def _taken(seen: Evidence) -> Iterator[tuple[Try, Campaign, bool]]:
    """Those that the gateway took, of which programme they are, and whether it is a second text."""
    for one in seen.ledger.tries:
        told = told_by(one.body) if one.gateway_id else None
        if told is not None:
            yield one, *told


def _hours(at: datetime) -> Iterator[tuple[datetime, datetime]]:
    for begin, end in HOURS:
        yield datetime.combine(at.date(), begin, at.tzinfo), datetime.combine(at.date(), end, at.tzinfo)


def _month(at: datetime) -> int:
    return at.year * 12 + at.month
