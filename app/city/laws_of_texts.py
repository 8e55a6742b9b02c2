"""Laws on what came in: texts, turns, owners, secrets. Each gives what broke it, in words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from app.city import looks
from app.city.evidence import Evidence
from app.city.ledger import Text, Try

LOOP = 6
"""Answers in a row to our own words, after which it is a loop."""
STUCK = 2.0
"""Real seconds after which an acknowledgement shows that the text could not be stored at once."""
NUMBER = re.compile(r"(?<!\d)(?:86)?(1\d{10})(?!\d)")


def lost(seen: Evidence) -> Iterator[str]:
    heard = {row.inbound_id for row in seen.looks.rows(looks.HEARD)}
    places = {row.place for row in seen.looks.rows(looks.FAILED_PLACES)}
    for texts in seen.texts.values():
        for text in texts:
            row = seen.inbound.get(text.gateway_id)
            if text.acknowledged is None:
                continue
            if row is None:
                yield f"{text.gateway_id} was acknowledged and is not stored"
            elif row.state == "failed" and f"inbound:{row.id}" not in places:
                yield f"inbound {row.id} failed and nobody hears of it"
            elif row.state != "failed" and row.id not in heard:
                yield f"inbound {row.id} was acknowledged and never took effect"


def twice(seen: Evidence) -> Iterator[str]:
    taken: set[int] = set()
    for row in seen.looks.rows(looks.HEARD):
        if row.inbound_id in taken:
            yield f"inbound {row.inbound_id} took effect twice"
        taken.add(row.inbound_id)
    stored: set[str] = set()
    for row in seen.looks.rows(looks.INBOUND):
        if row.gateway_id in stored:
            yield f"{row.gateway_id} is stored twice"
        stored.add(row.gateway_id)
    answered: set[int] = set()
    for row in seen.messages.values():
        if row.inbound_id in answered:
            yield f"inbound {row.inbound_id} was answered twice"
        if row.inbound_id is not None:
            answered.add(row.inbound_id)


def disordered(seen: Evidence) -> Iterator[str]:
    said = {row.id: seen.ledger.texts.get(sid) for sid, row in seen.inbound.items()}
    last: dict[str, int] = {}
    for row in seen.looks.rows(looks.HEARD):
        before = last.get(row.phone, 0)
        if row.inbound_id < before and not _stuck(said.get(row.inbound_id), said.get(before)):
            yield f"inbound {row.inbound_id} took effect after {before}"
        last[row.phone] = max(row.inbound_id, before)
    for texts in seen.texts.values():
        yield from _stored_out_of_order(seen, texts)
    for tries in seen.taken.values():
        newest, by = 0, None
        for one in tries:
            message = seen.messages.get(one.message)
            if message is None or message.inbound_id is None:
                continue
            if by is not None and message.inbound_id < newest:
                if not seen.held(one) and not _stuck(said.get(message.inbound_id), said.get(newest)):
                    yield (
                        f"the answer to inbound {message.inbound_id} left after the one to {newest}: "
                        f"{_told(seen, one)} after {_told(seen, by)}"
                    )
            else:
                newest, by = message.inbound_id, one


def _told(seen: Evidence, one: Try) -> str:
    tries = ", ".join(f"{seen.clock(other.at):%H:%M:%S} {other.answer}" for other in seen.tries[one.message])
    return f"message {one.message} ({tries})"


def _stuck(text: Text | None, other: Text | None) -> bool:
    """Whether storing the first took so long that the second was said meanwhile: then it was stored alone, without an
    order, and before its effect nobody had been told that it was there."""
    if text is None or other is None or text.acknowledged is None:
        return False
    return text.acknowledged > other.posted and text.acknowledged - text.posted > STUCK


def _stored_out_of_order(seen: Evidence, texts: list[Text]) -> Iterator[str]:
    """One that was acknowledged before another was even said stands before it."""
    done = sorted((text.acknowledged or 0.0, seen.inbound[text.gateway_id].id) for text in texts if _stored(seen, text))
    moments, highest, newest = [moment for moment, _ in done], [0], 0
    for _, inbound in done:
        newest = max(newest, inbound)
        highest.append(newest)
    for text in texts:
        before = highest[bisect_right(moments, text.posted)]
        if _stored(seen, text) and seen.inbound[text.gateway_id].id < before:
            yield f"{text.gateway_id} was stored before inbound {before}, which had been acknowledged by then"


def _stored(seen: Evidence, text: Text) -> bool:
    return text.acknowledged is not None and text.gateway_id in seen.inbound


def torn(seen: Evidence) -> Iterator[str]:
    yield from seen.found(looks.TORN)


def owners(seen: Evidence) -> Iterator[str]:
    yield from seen.found(looks.TWO_OWNERS)
    holders: dict[int, set[str]] = defaultdict(lambda: {""})
    for act in sorted(seen.ledger.acts, key=lambda act: act.done):
        may = holders[act.ticket]
        if act.allowed and not may & ({act.agent, ""} if act.what == "claim" else {act.agent}):
            yield f"ticket {act.ticket}: {act.agent} could {act.what} while {''.join(may) or 'nobody'} had it"
        if act.allowed is not False:
            after = act.agent if act.what in {"claim", "reply"} else ""
            # Of an act that ended with the database nobody knows whether it took place.
            holders[act.ticket] = {after} if act.allowed else may | {after}


def forged(seen: Evidence) -> Iterator[str]:
    for text in seen.ledger.texts.values():
        if text.forged and (text.acknowledged is not None or text.gateway_id in seen.inbound):
            yield f"{text.gateway_id} was taken although its signature is wrong"


def machines(seen: Evidence) -> Iterator[str]:
    """Bot loops: an auto-responder is not answered, and our own words that come back are not for ever."""
    answered = {row.inbound_id for row in seen.messages.values() if row.inbound_id is not None}
    for texts in seen.texts.values():
        echoes = 0
        for text in texts:
            row = seen.inbound.get(text.gateway_id)
            if row is not None and row.id in answered and text.machine == "auto-responder":
                yield f"inbound {row.id} came from an auto-responder and was answered: {text.body[:20]}"
            if text.machine != "echo":
                echoes = 0
            elif row is not None and row.id in answered:
                echoes += 1
                if echoes == LOOP:
                    yield f"inbound {row.id} is our own text, come back for the {LOOP}th time, and was answered"


def kept(seen: Evidence) -> Iterator[str]:
    """Secrets in rows; secrets, names and numbers in logs."""
    secrets = {text.gateway_id: text.secret for text in seen.ledger.texts.values() if text.secret}
    for row in seen.looks.rows(looks.BODIES):
        secret = secrets.get(row.gateway_id)
        if secret is not None and (secret in row.body or secret in str(row.raw)):
            yield f"{row.gateway_id} is stored with its secret"
    told = {secret for secret in secrets.values() if len(secret) > len("123456")}
    for statement in (looks.SAID, looks.DETAILS):
        for row in seen.looks.rows(statement):
            if any(secret in str(row[1]) for secret in told):
                yield f"a secret stands in {statement.rpartition(' ')[2]} {row.id}"
    for name, log in seen.logs().items():
        found = {number for number in NUMBER.findall(log) if {f"+86{number}", f"+{number}"} & seen.amounts.keys()}
        found |= {secret for secret in told if secret in log}
        yield from (f"the log of {name} has {what}" for what in found)


def unfinished(seen: Evidence) -> Iterator[str]:
    yield from seen.found(looks.UNFINISHED)
    for texts in seen.texts.values():
        yield from (f"{text.gateway_id} was never acknowledged" for text in texts if text.acknowledged is None)
