"""What the bot made of a text, in words: its meaning, what that rests on, which matters it led through, and what else
came of it. Steps and notes have names for programs alone; those that say nothing to people are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.care.programmes import shipped
from app.web.console import names

NOTES: names.Names = {
    "already_refused": _("had refused before: nothing to change"),
    "gone": _("what was put off no longer exists"),
    "stale": _("what was put off is too long ago to come back to"),
    "unasked": _("the code is not needed any more"),
    "stale_answer": _("the bank answered too late: nothing was told of it"),
    "proof_expired": _("the code's time was over before the bank answered"),
    "silent:gateway_stop": _("no answer: the carrier has given one"),
    "silent:gateway_start": _("no answer: the carrier has given one"),
    "silent:gateway_help": _("no answer: the carrier has given one"),
    "silent:looking_up": _("no answer yet: the bank is being asked"),
    "silent:same_text": _("no answer: the same text again and again"),
    "silent:too_many_answers": _("no answer: too many in a short time"),
    "silent:flood": _("no answer: too many texts; a colleague looks at them"),
    "silent": _("no answer was needed"),
}
"""By the whole note, else by what stands before its colon. One that is not here (`interrupt:start`) says no more than
the meaning does."""


ANSWERS: names.Names = {
    "chosen": _("chosen from its menu"),
    "agreed": _("agrees"),
    "asked": _("asks about it"),
    "refused": _("wants no such texts"),
    "complained": _("complains of it"),
    "person": _("wants a person"),
    "other": _("says something else"),
}
"""What a text does with one of ours that began a conversation."""


@dataclass(frozen=True, slots=True)
class Why:
    """What the bot made of a text. `score` in percent, None when nothing was read; `path`: the matters that it led
    through, in order; `answers`: the programme whose text it answers, what it does with it, and how sure
    that is."""

    meaning: str
    score: int | None
    reasons: tuple[str, ...]
    path: tuple[str, ...]
    notes: tuple[str, ...]
    answers: str = ""


def why(detail: Mapping[str, Any], begun: Iterable[Any] = ()) -> Why:
    """From the detail of a turn's trace. `begun`: occasions, among them the one that was answered, if any."""
    score = detail.get("score")
    return Why(
        meaning=names.meaning_name(detail["meaning"]) if detail.get("meaning") else "",
        score=round(score * 100) if score is not None else None,
        reasons=tuple(names.reading_name(reason) for reason in detail.get("reasons", ())),
        path=tuple(_matters(detail.get("path", ()))),
        notes=tuple(dict.fromkeys(_notes(detail.get("notes", ())))),
        answers=_answers(detail.get("answers"), begun),
    )


def programme_name(key: str) -> str:
    """What a programme is called in the language of the page; its key when a release since has dropped it."""
    found = shipped().get(key)
    return (found.title.get(names.language()) if found else None) or key


def origin(row: Any) -> str:
    """Why a text began a conversation: the programme, and the words that it was written from."""
    programme = programme_name(row.programme)
    words = _("Programme %(programme)s, template %(template)s, version %(version)s")
    return str(words) % {"programme": programme, "template": row.template, "version": row.version}


def _answers(told: Mapping[str, Any] | None, begun: Iterable[Any]) -> str:
    row = next((one for one in begun if told and one.id == told["occasion"]), None)
    if told is None or row is None:
        return ""
    what = names.named(ANSWERS, told["meaning"])
    sure = round(told["confidence"] * 100)
    return f"{programme_name(row.programme)}: {what} {sure}%"


def _matters(path: Iterable[str]) -> Iterator[str]:
    """The flows of steps, each once for as long as it is stayed in."""
    before = ""
    for step in path:
        name = names.flow_name(step.partition(".")[0])
        if name and name != before:
            yield name
        before = name


def _notes(notes: Iterable[str]) -> Iterator[str]:
    for note in notes:
        key = note if note in NOTES else note.partition(":")[0]
        if key in NOTES:
            yield str(NOTES[key])
