"""Which text of ours a customer's text answers, whatever it has led into: one effect, which becomes a row."""

from __future__ import annotations

from app.flows import which_text
from app.flows.offered import Candidate, Match, Meant, Replied, ReplyMeaning, meant
from app.flows.play import Play
from app.flows.reading.lexicon import REQUESTS
from app.flows.reading.meaning import SURE, Meaning, Reading
from app.flows.vocabulary import BOT, Ask, Consent

ABOUT: frozenset[Meaning] = frozenset({"rate_question", "campaign_interest", "who_are_you", "fraud_suspect"})
PERSONS: frozenset[Meaning] = frozenset({"human_agent", "callback_request"})
COMPLAINTS: frozenset[Meaning] = frozenset({"complaint", "wrong_person"})
MACHINES: frozenset[Meaning] = frozenset({"auto_reply", "echo"})
LOOPS = frozenset({"silent:flood", "silent:same_text", "silent:too_many_answers"})


def attribute(play: Play, reading: Reading, keyword: str | None = None) -> None:
    """Adds the effect that tells which of our texts this one answers, if any. `keyword`: the gateway's own."""
    if not play.context.offered or keyword in {"start", "help"}:
        return
    found = _asked_which(play) or _refused(play, reading, keyword) or play.taken or _otherwise(play, reading)
    if found is not None:
        play.effects.append(found)


def _asked_which(play: Play) -> Replied | None:
    stood = play.before.place
    if stood is None or stood.flow != which_text.FLOW.name:
        return None
    for name in which_text.NAMES:
        occasion = stood.slots.get(f"{name}:occasion")
        if occasion and f"{stood.flow}.to_{name}" in play.path:
            return Replied(int(occasion), "chosen", stood.slots[f"{name}:key"], 1.0, ("asked which",))
    return None


def _refused(play: Play, reading: Reading, keyword: str | None) -> Replied | None:
    """A refusal counts against the last text that it can mean, however long ago: offers before all others."""
    refuses = reading.meaning == "opt_out" and reading.score >= SURE and _took_effect(play)
    if keyword != "stop" and not refuses and not any(_ends_texts(effect) for effect in play.effects):
        return None
    offers = [one for one in play.context.offered if one.commercial] or list(play.context.offered)
    found = meant([Candidate(one, None, "refused") for one in offers])
    return replied(found, "refused", "gateway" if keyword == "stop" else reading.values.scope) if found else None


def _took_effect(play: Play) -> bool:
    """Also the second TD of the same number: it says again what the first has said."""
    return any(getattr(effect, "what", "") == "interrupt:opt_out" for effect in play.effects)


def _ends_texts(effect: object) -> bool:
    if isinstance(effect, Consent):
        return effect.verdict == "refused"
    return isinstance(effect, Ask) and effect.question == "consent.refuse"


def _otherwise(play: Play, reading: Reading) -> Replied | None:
    """What no offer led anywhere: it still is an answer to one, unless it belongs to an open talk, or to no person."""
    if reading.meaning in MACHINES or play.before.owner != BOT:
        return None
    if any(getattr(effect, "what", "") in LOOPS for effect in play.effects):
        return None
    sure, open_talk = reading.score >= SURE, play.before.place is not None
    meaning: ReplyMeaning = "other"
    match: Match = "rest"
    if sure and reading.meaning in COMPLAINTS:
        meaning, match = "complained", "called"
    elif sure and reading.meaning in PERSONS:
        meaning, match = "person", "called"
    elif open_talk:
        return None
    elif sure and reading.meaning in ABOUT:
        meaning, match = "asked", "about"
    elif sure and reading.meaning in REQUESTS:
        meaning, match = "asked", "asked"
    found = meant([Candidate(one, None, match) for one in play.context.offered], in_a_talk=open_talk)
    return replied(found, meaning, reading.meaning) if found and found.holds else None


def replied(found: Meant, meaning: ReplyMeaning, choice: str) -> Replied:
    return Replied(found.candidate.offered.id, meaning, choice, found.confidence, found.reasons)
