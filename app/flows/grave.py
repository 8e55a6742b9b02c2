"""What no menu may answer (A14): kind words first, and a person at once."""

from __future__ import annotations

from app.flows.play import Play
from app.flows.reading.grave import Grave, grave
from app.flows.reading.meaning import SURE, Reading
from app.flows.vocabulary import BOT, UNAWAITED, Ask, Relay

TOPICS: dict[Grave, str] = {"despair": "despair", "bereaved": "bereaved", "robbed": "fraud"}
"""Which people hear of it: topics of `rules/urgency.py`."""


def grave_words(play: Play, reading: Reading) -> bool:
    """Says what belongs first, and calls a person. Whose number it is not gets no personal text any more either."""
    found = grave(reading.values.plain) if play.owner == BOT else None
    if found is None:
        return False
    play.say(f"guard.{found}")
    if reading.meaning == "wrong_person" and reading.score >= SURE:
        play.effects.append(Ask("number.disown", UNAWAITED, {"said": reading.values.said}))
    if play.place is not None and play.place.flow == "human" and play.step.reads == "nothing":
        play.effects.append(Relay())  # somebody is on the way already
    else:
        play.start("human", {"topic": TOPICS[found], "said": reading.values.said})
    return True
