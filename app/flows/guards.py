"""Loop guards: when the best answer is none (`gateways.md` §8, A3)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from app.flows.play import Play
from app.flows.reading.meaning import SURE, Reading
from app.flows.vocabulary import BOT, UNAWAITED, Ask, Relay

SAME_TEXT_MOST = 3  # the third time the same text comes in a row, nobody is typing any more
WINDOW = timedelta(minutes=2)
ENOUGH = 40  # in a window; a machine that answers ours passes this within seconds, a hasty customer does not
WEIGHT_UNDERSTOOD = 1
WEIGHT_OTHER = 8  # texts that neither answer our question nor mean anything to us: what an unknown machine sends


def remember(play: Play, reading: Reading, answers_question: bool) -> None:
    """Counts the same text in a row. An answer that moves an open question on is progress, not a loop.

    The digest is kept in a row and could be undone for short secrets: so it is of the masked text, and never of a code.
    """
    said = "code" if reading.values.code else reading.values.said.strip().casefold()
    digest = hashlib.blake2s(said.encode("utf-8", "replace"), digest_size=8).hexdigest()
    guard, now = play.guard, play.context.now
    again = digest == guard.digest and not answers_question
    # A window that lies ahead was begun by a clock that went back since.
    fresh = guard.window is None or not timedelta(0) <= now - guard.window <= WINDOW
    understood = answers_question or (reading.score >= SURE and reading.meaning != "out_of_scope")
    weight = WEIGHT_UNDERSTOOD if understood else WEIGHT_OTHER
    play.guard = replace(
        guard,
        digest=digest,
        times=guard.times + 1 if again else 1,
        window=now if fresh else guard.window,
        answers=weight if fresh else guard.answers + weight,
    )
    play.flood = play.flood.with_text(now)


def reason_for_silence(play: Play, reading: Reading) -> str | None:
    """Why this text gets no answer, or None. Refusals are never asked: they take effect whatever the guards say."""
    if reading.meaning in {"auto_reply", "echo"}:
        return reading.meaning
    if play.owner == BOT and play.flood.over:
        return "flood"
    if play.guard.times >= SAME_TEXT_MOST:
        return "same_text"
    if play.guard.answers > ENOUGH:
        return "too_many_answers"
    return None


def stop_answering(play: Play) -> None:
    """After too many texts: the customer hears it once, and a queue is told. Who waits for a person still does."""
    if play.flood.must_tell(play.context.now):
        play.flood = play.flood.told_at(play.context.now)
        play.say("guard.flood")
        play.effects.append(Ask("ticket.flag", UNAWAITED, {"topic": "flood"}))
    if play.context.ticket:
        play.effects.append(Relay())
