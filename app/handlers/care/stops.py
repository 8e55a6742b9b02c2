"""A programme that annoys stops itself: refusals and complaints among the delivered pass its limit (B8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.care.trial import Share, most_at, surely_above
from app.handlers.care import switches
from app.handlers.service import Service
from app.store import events, options, results_refusals
from app.store.results_refusals import Annoyed

log = structlog.get_logger()

LOOKED = "care:looked"
EVERY = timedelta(minutes=1)
LOOKS_BACK = timedelta(days=30)
"""What was queued earlier, or before somebody last switched the programme on, counts no more."""
FEWEST = 50
"""Texts that must have arrived before a share is a share."""
AT_ONCE = 5
"""So many annoyed customers are enough, however few texts have arrived yet."""
REFUSALS = "refusals"
SHORTEST_REASON, LONGEST_REASON = 4, 200  # characters


class NoReason(ValueError):
    """Nobody said why, or at too great length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`annoyed` of `reached` texts were refused or complained of, and surely more than `limit` would be. `template`:
    the one that did it, by whatever programme; empty when it is the programme as a whole."""

    limit: float
    annoyed: int
    reached: int
    refused: int
    complained: int
    template: str = ""


def stop_if_refused(service: Service) -> list[str]:
    """Stops what passed its limit; the keys of the programmes that were stopped now. Looks once a minute, whichever
    process asks. Rows that are planned are held by the switch, and the page of results says why until somebody switches
    the programme on again."""
    now = service.clock()
    with service.database.reading() as connection:
        looked = options.one(connection, LOOKED)
        if looked and timedelta(0) <= now - datetime.fromisoformat(looked["at"]) < EVERY:
            return []
        judged = dict(looked["judged"]) if looked else {}
        found = dict(_guilty(connection, now, judged))
    with service.database.begin() as connection:
        options.write(connection, LOOKED, {"at": now.isoformat(), "judged": judged}, "huifu", now)
    return [key for key, evidence in found.items() if _stop(service, key, evidence)]


def resume(service: Service, agent_name: str, key: str, because: str, *, expected: int | None = None) -> bool:
    """Somebody switches on again what stopped itself, and says why; what was refused before counts no more. False when
    it is on already. Raises `NoReason`, and what `switches.switch` raises."""
    because = " ".join(because.split())
    if not SHORTEST_REASON <= len(because) <= LONGEST_REASON:
        raise NoReason(f"because: say in {SHORTEST_REASON} to {LONGEST_REASON} characters why it may go on")
    return switches.switch(service, agent_name, key, True, expected=expected, told={"because": because})


def _stop(service: Service, key: str, evidence: Evidence) -> bool:
    told = {name: value for name, value in asdict(evidence).items() if value != ""}
    if not switches.switch(service, "huifu", key, False, stopped=REFUSALS, told=told):
        return False
    log.error("programme_stopped", programme=key, **told)
    with service.database.begin() as connection:
        events.tell(connection, "settings", service.clock())
    service.wake("console")
    return True


def _guilty(connection: Connection, now: datetime, judged: dict[str, int]) -> Iterator[tuple[str, Evidence]]:
    """The programmes that pass their limit, as a whole or with one of their templates. `judged`: how many were annoyed
    when each was judged last; brought up to date but for the guilty: whoever dies before they are switched off leaves
    them to be judged again."""
    programmes, states = switches.active(connection), switches.states(connection)
    since = {key: max(states[key].at or now, now - LOOKS_BACK) for key in programmes}
    found = results_refusals.annoyed(connection, since)
    for key, programme in programmes.items():
        mine, name = [one for one in found if one.programme == key], f"programme:{key}"
        if _grown(judged, name, mine) and (evidence := _judged(connection, mine, {key: since[key]}, programme.stop_at)):
            del judged[name]
            yield key, evidence
    for template in sorted({one.template for one in found}):
        mine = [one for one in found if one.template == template]
        users = sorted({one.programme for one in mine})
        limit, name = min(programmes[key].stop_at for key in users), f"template:{template}"
        if _grown(judged, name, mine) and (evidence := _judged(connection, mine, since, limit, template)):
            del judged[name]
            yield from ((key, evidence) for key in users)


def _grown(judged: dict[str, int], name: str, found: list[Annoyed]) -> bool:
    """Whether more were annoyed since it was judged last, by a fiftieth when they are many: without that, nothing gets
    worse, and a million texts are not counted every minute."""
    now, before = sum(one.delivered + one.handed for one in found), judged.get(name, 0)
    if before <= now < before + max(1, before // 50):
        return False
    judged[name] = now
    return True


def _judged(
    connection: Connection, found: list[Annoyed], since: Mapping[str, datetime], limit: float, template: str = ""
) -> Evidence | None:
    """The evidence, when there is enough of it."""
    # A way to the handset that sends no receipts at all is judged by what the gateway took.
    told = results_refusals.reached(connection, since, template, 1, told=True) > 0
    bad = sum(one.delivered if told else one.handed for one in found)
    most = most_at(bad, limit) if bad else 0
    if not most:
        return None
    reached = results_refusals.reached(connection, since, template, most + 1, told=told)
    enough = reached >= FEWEST or bad >= AT_ONCE
    if not enough or not surely_above(Share(bad, reached), limit):
        return None
    return Evidence(
        limit=limit,
        annoyed=bad,
        reached=reached,
        refused=sum(one.refused for one in found),
        complained=sum(one.complained for one in found),
        template=template,
    )
