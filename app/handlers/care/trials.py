"""Comparisons of the arms of a programme: somebody says what counts and how many texts it takes, then waits (B8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.care.programme import Programme
from app.care.programmes import shipped
from app.care.trial import DAYS, BadTrial, Outcome, Share, Verdict, needed, verdicts
from app.handlers.care.switches import UnknownProgramme
from app.handlers.service import Service
from app.store import audit, events, options, results

NAME = "trial:"
"""Options that hold the trial of a programme begin so."""


@dataclass(frozen=True, slots=True)
class Trial:
    """As it was declared, before its first text. `outcome`: what counts · `baseline`: the share that is expected ·
    `least`: the smallest difference worth knowing (both from 0 to 1) · `each`: texts of each arm that it takes."""

    outcome: Outcome
    baseline: float
    least: float
    each: int
    arms: tuple[str, ...]
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ArmStands:
    """`texts` of `each` have been queued; `ripe`: the time that answers to the last of them have is over."""

    name: str
    texts: int
    ripe: bool
    share: Share


@dataclass(frozen=True, slots=True)
class Standing:
    """`verdicts` is empty until every arm has its texts and each of these its time. Nothing is said of the arms before
    that, and it says the same ever after."""

    trial: Trial
    arms: Sequence[ArmStands]
    verdicts: Sequence[Verdict]
    changed: bool
    """The programme's arms are no longer those of the trial: it has ended without a verdict."""

    @property
    def missing(self) -> int:
        """Texts that it still takes, over all arms."""
        return sum(self.trial.each - arm.texts for arm in self.arms)


def declare(
    service: Service, agent_name: str, key: str, outcome: str, baseline: float, least: float, *, address: str = ""
) -> Trial:
    """Begins a trial: texts that are queued from now on count. One that was there ends; the audit keeps what was
    declared. Raises `UnknownProgramme`, and `BadTrial` that names the field."""
    programme = shipped().get(key)
    if programme is None:
        raise UnknownProgramme(key)
    if outcome not in DAYS:
        raise BadTrial(f"outcome: what counts is one of {', '.join(DAYS)}")
    if outcome == "converted" and not programme.converted_by:
        raise BadTrial("outcome: the programme does not say which events are its success (converted_by)")
    if len(programme.arms) < 2:
        raise BadTrial("programme: it has one text and no arms to compare")
    each = needed(baseline, least, len(programme.arms))
    now = service.clock()
    value = {
        "outcome": outcome,
        "baseline": baseline,
        "least": least,
        "each": each,
        "arms": [arm.name for arm in programme.arms],
        "since": now.isoformat(),
    }
    with service.database.begin() as connection:
        options.one_at_a_time(connection)
        options.write(connection, NAME + key, value, agent_name, now)
        audit.add(connection, agent_name, "trial.declare", f"programme:{key}", now, detail=value, address=address)
        events.tell(connection, "settings", now)
    service.wake("console")
    return _trial(value, agent_name)


def standing(service: Service, key: str) -> Standing | None:
    """How the programme's trial stands; None when nobody declared one."""
    with service.database.reading() as connection:
        found = [row for row in options.rows(connection, NAME + key) if row.name == NAME + key]
        if not found:
            return None
        trial = _trial(found[0].value, found[0].set_by)
        programme = shipped()[key]
        arms = [_arm(connection, programme, trial, name, service.clock()) for name in trial.arms]
    # An arm whose answers still come would look worse than it is: all wait for the last.
    ripe = all(arm.ripe for arm in arms)
    told = verdicts([(arm.name, arm.share) for arm in arms], trial.each) if ripe else []
    return Standing(trial, arms, told, not ripe and trial.arms != tuple(arm.name for arm in programme.arms))


def _arm(connection: Connection, programme: Programme, trial: Trial, name: str, now: datetime) -> ArmStands:
    days = DAYS[trial.outcome]
    texts, hits, last = results.first_texts(
        connection, (programme.key, name), trial.since, trial.each, trial.outcome, days, programme.converted_by
    )
    ripe = texts == trial.each and last is not None and now - last >= timedelta(days=days)
    return ArmStands(name, texts, ripe, Share(hits, texts))


def _trial(value: dict[str, Any], by: str) -> Trial:
    return Trial(
        outcome=value["outcome"],
        baseline=value["baseline"],
        least=value["least"],
        each=value["each"],
        arms=tuple(value["arms"]),
        since=datetime.fromisoformat(value["since"]),
        by=by,
    )
