"""`take_turn`: one event, one conversation, and the decision of what follows. Pure."""

from __future__ import annotations

from dataclasses import replace

from app.flows import attributed, guards, invitations
from app.flows.answers import outcome_of, slots_of
from app.flows.besides import queue
from app.flows.catalogue import CATALOGUE
from app.flows.interrupts import interrupt
from app.flows.library import Catalogue
from app.flows.play import Play, where
from app.flows.reading import read
from app.flows.reading.answers import acknowledged, yes_or_no
from app.flows.reading.meaning import SURE, Hearing, Reading
from app.flows.rearranged import ARRANGING
from app.flows.table import GIVE_UP, SILENCE
from app.flows.vocabulary import (
    BOT,
    UNAWAITED,
    Answered,
    Claimed,
    Closed,
    Consent,
    Context,
    Conversation,
    Event,
    Heard,
    Opened,
    Place,
    ProofWanted,
    Relay,
    Released,
    Requeued,
    Silence,
    Turn,
    Unanswered,
)

QUEUE = "human"
"""The flow in which a customer waits for a person."""
NOISE = frozenset({"thanks_ack", "no"})
"""Meanings that need no answer when no question is open."""


def take_turn(conversation: Conversation, event: Event, context: Context, catalogue: Catalogue = CATALOGUE) -> Turn:
    """Decides what follows from `event`. Nothing is done: the caller turns the effects into rows.

    Raises `Runaway` when the tables loop, and whatever a bug raises: the caller keeps the text either way (law 1).
    """
    play = Play(conversation, context, catalogue)
    reading: Reading | None = None
    _move_over(play)
    if isinstance(event, Heard):
        reading = _heard(play, event)
        attributed.attribute(play, reading, event.keyword)
    elif isinstance(event, Answered):
        _answered(play, event)
    elif isinstance(event, Silence):
        _silence(play)
    elif isinstance(event, Unanswered):
        if play.owner == BOT and play.place is not None and "unanswered" in play.flow.triggers(play.place.step):
            play.move("unanswered")
    elif isinstance(event, Claimed):
        play.interrupt(unless=QUEUE)
        play.owner = event.agent
    elif isinstance(event, Released):
        _released(play, event)
    elif isinstance(event, Requeued):
        _requeued(play, event)
    elif isinstance(event, ProofWanted) and play.owner != BOT:
        play.leave()
        play.begin(Place("check"))
    elif isinstance(event, Closed):
        _closed(play, event)
    elif isinstance(event, Opened) and play.owner == BOT:
        play.start(event.flow, event.slots)
    return play.turn(reading)


def _move_over(play: Play) -> None:
    """A step that this version of its flow no longer has moves to its successor, or the flow starts afresh."""
    place = play.place
    if place is None:
        return
    flow = play.catalogue.flows.get(place.flow)
    if flow is None:
        play.note(f"gone:{place.flow}")
        play.leave()
        return
    step = flow.locate(place.step)
    if step is None or step.name != place.step:
        play.note(f"moved:{place.flow}.{place.step}")
        play.place = Place(place.flow, step.name if step else flow.start, flow.version, place.slots)


def _heard(play: Play, event: Heard) -> Reading:
    open_step = play.step if play.place is not None else None
    reading = read(
        event.text,
        Hearing(
            now=play.context.now,
            language=play.language,
            expects=open_step.reads if open_step else "nothing",
            options=play.options(),
            refusal_words=play.context.refusal_words,
            last_said=play.context.last_said,
            code_digits=play.context.code_digits,
        ),
    )
    answer = outcome_of(play, reading)
    guards.remember(play, reading, answer is not None)
    if event.keyword is not None:
        _gateway_keyword(play, event.keyword)
        return reading
    silent = guards.reason_for_silence(play, reading)
    # Two machines may say TD and HF to each other for ever: in a flood only the refusal counts, and nothing beside it.
    if silent and reading.meaning not in ({"opt_out"} if silent == "flood" else {"opt_out", "opt_in"}):
        if play.owner != BOT:
            play.effects.append(Relay())
        if silent == "flood":
            guards.stop_answering(play)
        play.note(f"silent:{silent}")
        return reading
    if interrupt(play, replace(reading, also=()) if silent else reading):
        return reading
    if answer is not None:
        play.secret = answer.secret
        if answer.page:
            _turn_page(play, answer.page)
        else:
            play.move(answer.when, answer.slots)
        queue(play, reading.also)
        return reading
    if reading.meaning == "empty" and event.media:
        play.say("guard.picture")
        return reading
    if invitations.accept(play, reading):
        queue(play, reading.also)
    else:
        _free_text(play, reading)
    return reading


def _gateway_keyword(play: Play, keyword: str) -> None:
    """The gateway has answered this text itself, and sends nothing of ours after a stop (rule 1)."""
    if keyword == "stop":
        play.effects.append(Consent("gateway", "refused", "gateway_keyword"))
        play.effects.append(Consent("commercial", "refused", "gateway_keyword"))
    elif keyword == "start":
        # It lifts the gateway's own block; a refusal of offers stands until the customer lifts it (rule 3).
        play.effects.append(Consent("gateway", "granted", "gateway_keyword"))
    if play.owner != BOT:
        play.effects.append(Relay())
    play.note(f"silent:gateway_{keyword}")


def _turn_page(play: Play, to: str) -> None:
    play.fill({"n": to})
    play.tries = 0
    play.enter(play.step.name)


def _free_text(play: Play, reading: Reading) -> None:
    """No interrupt, and no answer to an open question: another wish, noise, or not understood."""
    if play.place is not None and play.step.kind == "ask" and play.step.reads == "nothing":
        # Waiting for a person, who was announced as the reader of whatever comes now.
        play.effects.append(Relay())
        if reading.meaning == "human_agent":
            play.prompt(again=True)
        return
    opener = play.catalogue.openers.get(reading.meaning)
    if opener is not None and reading.score >= SURE:
        play.start(opener.flow, {**opener.slots, **slots_of(reading)})
        queue(play, reading.also)
    elif play.place is not None and not play.step.lightly:
        if reading.meaning == "thanks_ack" and not _agrees_to_times(play, reading):
            play.note("silent:thanks")
        elif play.step.kind == "lookup":
            play.note("silent:looking_up")
        else:
            play.wrong_answer()
    elif reading.score >= SURE and (reading.meaning in NOISE or _only_acknowledges(reading)):
        play.note(f"silent:{reading.meaning}")
    else:
        likely = [meaning for meaning in reading.likely if meaning in play.catalogue.openers][:3]
        play.leave()
        play.start("unclear", {"likely": ",".join(likely), "said": reading.values.said})


def _agrees_to_times(play: Play, reading: Reading) -> bool:
    """好的 to several times leaves open which: who gets no answer would wait for a call."""
    if play.place is None or play.place.flow not in ARRANGING:
        return False
    said = yes_or_no(reading.values.plain)
    return said is not None and said.meaning == "yes"


def _only_acknowledges(reading: Reading) -> bool:
    """ "好" and 👍 to what asked nothing: the customer has read it, or says goodbye."""
    return reading.meaning in {"yes", "out_of_scope"} and acknowledged(reading.values.plain)


def _answered(play: Play, event: Answered) -> None:
    if event.token == UNAWAITED:
        return
    waits = play.place is not None and play.step.kind == "lookup"
    if not waits or play.step.question != event.question or event.token != play.asked:
        play.note(f"stale_answer:{event.question}")
        return
    if play.step.proof and not play.verified:
        play.note("proof_expired")  # the bank was slow, and law 10 counts the minute in which we tell
        play.enter(play.step.name)
        return
    known = play.flow.triggers(play.step.name)
    play.move(event.outcome if event.outcome in known else "failed", event.facts)


def _silence(play: Play) -> None:
    if play.place is None:
        play.silence_at = None
        return
    step = play.step.name
    play.move(SILENCE if SILENCE in play.flow.triggers(step) else GIVE_UP)


def _released(play: Play, event: Released) -> None:
    play.owner = BOT
    play.leave()
    if event.flow:
        play.start(event.flow, event.slots)
        return
    play.begin(Place("handback", slots={"where": where(play.beneath[-1])} if play.beneath else {}))


def _requeued(play: Play, event: Requeued) -> None:
    """Back to waiting for a person, without a word: what was said when they were queued still holds."""
    play.owner = BOT
    play.interrupt(unless=QUEUE)
    flow = play.catalogue.flows[QUEUE]
    play.place = Place(QUEUE, "waiting", flow.version, {"topic": event.topic})
    play.silence_at = play.context.now + play.step.waits


def _closed(play: Play, event: Closed) -> None:
    play.owner = BOT
    play.leave()
    play.beneath.clear()
    if event.ticket:
        play.start("survey", {"ticket": event.ticket})
