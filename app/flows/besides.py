"""Further wishes of one text: they wait beneath, and beside a refusal the gravest of them goes first."""

from __future__ import annotations

from collections.abc import Sequence

from app.flows.answers import slots_of
from app.flows.play import Play
from app.flows.reading.meaning import Meaning, Reading
from app.flows.vocabulary import BOT, Place, Relay

URGENT: tuple[Meaning, ...] = ("wrong_person", "fraud_suspect", "complaint", "human_agent")
"""What waits for no open question, in this order."""


def queue(play: Play, also: Sequence[Reading]) -> None:
    """Further requests of the same text wait beneath, and are served in order when the open flow ends."""
    for other in reversed(also):
        opener = play.catalogue.openers.get(other.meaning)
        if opener is None or any(place.flow == opener.flow for place in play.beneath):
            continue
        later = Place(opener.flow, slots={**opener.slots, **slots_of(other)})
        if play.place is None:
            play.begin(later)
        else:
            play.put_beneath(later)


def is_stranger(reading: Reading) -> bool:
    """Whether the text also says that the number is somebody else's."""
    return any(other.meaning == "wrong_person" for other in reading.also)


def forget(play: Play) -> None:
    """Nothing of what was open is resumed, nor is a proof good any more: it may concern somebody else."""
    play.leave()
    play.beneath.clear()
    play.verified_until = None


def serve_the_rest(play: Play, reading: Reading) -> None:
    """What was said beside a refusal. An agent who holds the conversation sees to it themselves."""
    if play.owner != BOT:
        if reading.also:
            play.effects.append(Relay())
        return
    heard = {other.meaning for other in reading.also}
    gravest = next((meaning for meaning in URGENT if meaning in heard), None)
    if gravest is None:
        awaited = play.flow.triggers(play.step.name) if play.place is not None else frozenset()
        answer = next((other for other in reading.also if other.meaning in awaited), None)
        if answer is not None:
            play.move(answer.meaning, slots_of(answer))
        queue(play, [other for other in reading.also if other is not answer])
        return
    flow = play.catalogue.openers[gravest].flow
    if gravest == "wrong_person":
        forget(play)
    if play.place is None or play.place.flow != flow:
        play.start(flow, {"said": reading.values.said})
