"""A callback that is moved or dropped in the customer's own words, beside G and Q."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from app.flows.answers import on_that_day
from app.flows.play import Play
from app.flows.reading import rules
from app.flows.reading.days import days_named
from app.flows.reading.hours import hours_named
from app.flows.reading.meaning import Reading
from app.flows.reading.times import find_when

ARRANGING = frozenset({"callback", "callback_move"})


def call_word(text: str) -> tuple[str, str]:
    """A normalised text as one word ("取消吧，谢谢" is 取消), and what it does to a call: `moves`, `cancels` or ""."""
    words, manners = _call_words()
    said = manners.sub("", text)
    return said, words.get(said, "")


@cache
def _call_words() -> tuple[Mapping[str, str], re.Pattern[str]]:
    told = rules.table("calls")
    return {word: does for does, words in told["words"].items() for word in words}, re.compile(told["manners"])


def is_dropped(play: Play, reading: Reading) -> bool:
    """Whether the customer does not want the call that is booked, or being booked."""
    said = reading.values.plain
    arranging = play.place is not None and play.place.flow in ARRANGING
    if arranging and call_word(said)[1] == "cancels":
        return True
    return (arranging or bool(play.context.callback)) and rules.says("calls", "dropped", said)


def rearrange(play: Play, reading: Reading) -> bool:
    """True when the text moves or drops a call, or asks when it comes. A time beside an open question is for that."""
    if is_dropped(play, reading):
        if play.context.callback:
            play.start("callback_cancel")
        else:
            play.leave()
            play.say("callback.dropped")
            play.resume()
        return True
    said = reading.values.plain
    idle = play.place is None or play.step.lightly or play.step.fleeting
    if not idle or not play.context.callback:
        return False
    if rules.says("calls", "asked", said):
        play.start("callback")  # which tells of the one that is booked
        return True
    if not rules.says("calls", "moved", said):
        return False
    when = find_when(said, play.context.now)
    named = days_named(said, play.context.now.date()).said or hours_named(said) is not None
    if when is None or not named:  # "晚点再打" is no time
        play.start("callback_move")
        return True
    window = {"from": when.start.isoformat(), "to": when.end.isoformat(), **on_that_day(when, play.context.callback)}
    play.start("callback", {**window, "exact": "yes" if when.exact else "no"})
    return True
