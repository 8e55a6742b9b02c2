"""Texts of ours that began conversations, and which of them an answer means, with a figure that can be explained.

The tables below are the whole rule; `docs/programmes.md`, Replies, has them for people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Invited:
    """What a text told the customer to send: `key` (`1`, `办理`), other `words` for it, and where it leads."""

    key: str
    flow: str
    words: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A text that began a conversation. `id`: its occasion. `kind`: care · festival · product · activity · service.
    `day`: when it went, ISO, in the bank's zone. `ago`: how long before the answer. `answered`: since then we have
    said something else, an answer most often. `declined`: the customer said no to it before."""

    id: int
    programme: str
    kind: str
    day: str
    ago: timedelta
    purpose: str = "commercial"
    replies: tuple[Invited, ...] = ()
    answered: bool = False
    declined: bool = False

    @property
    def commercial(self) -> bool:
        return self.purpose == "commercial"

    @property
    def kind_words(self) -> bool:
        """A greeting or a reminder: a yes to it is a kindness returned, and orders nothing."""
        return self.kind in {"care", "festival"} or self.purpose == "reminder"


ReplyMeaning = Literal["chosen", "agreed", "asked", "refused", "complained", "person", "other"]


@dataclass(frozen=True, slots=True)
class Replied:
    """The customer's text answers one of ours: a row of `responses`. `choice`: the key that was chosen, else what the
    reader heard. `confidence` 0..1, and what it rests on."""

    occasion: int
    meaning: ReplyMeaning
    choice: str
    confidence: float
    reasons: tuple[str, ...]


Match = Literal["key", "word", "agreed", "about", "asked", "called", "refused", "rest"]
MATCHES: Mapping[Match, float] = {
    "key": 1.0,  # the key of its menu, or another word for it, and nothing else
    "word": 0.9,  # a word of its menu among others
    "agreed": 0.9,  # 办理, 好的 我要, yes please
    "about": 0.8,  # asks about it: 这是什么活动, 利息多少
    "asked": 0.5,  # asks for something else that we know
    "called": 0.8,  # complains, says that we have the wrong person, wants one of ours
    "refused": 1.0,  # wants no more of them
    "rest": 0.4,  # anything else
}
AGES: Sequence[tuple[timedelta, float]] = (
    (timedelta(hours=1), 1.0),
    (timedelta(days=1), 0.95),
    (timedelta(days=3), 0.85),
    (timedelta(days=7), 0.7),
)
OLDEST = 0.5  # up to the thirty days after which a text is not looked at any more
ANSWERED = 0.5  # we have said something else since
OVERTAKEN = 0.5  # for each later text that could be meant as well
IN_A_TALK = 0.5  # another matter is open
LEADS = 0.3
"""Below it the text is not taken for an answer: it is read as if nothing had been offered. Refusals always count."""
CLEAR = 0.7
"""Share of all that could be meant, from which one is clearly meant: below it we ask once which."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that could be meant, and with which of its answers; None with none of them."""

    offered: Offered
    reply: Invited | None
    match: Match


@dataclass(frozen=True, slots=True)
class Weighed:
    candidate: Candidate
    weight: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """The likeliest. `weight`: how likely it is that it, or one like it, is answered at all; `confidence`: that it is
    this one. `rivals`: others that lead elsewhere, when none is clearly meant."""

    candidate: Candidate
    weight: float
    confidence: float
    reasons: tuple[str, ...]
    rivals: tuple[Candidate, ...] = ()

    @property
    def holds(self) -> bool:
        return self.weight >= LEADS


def meant(candidates: Sequence[Candidate], *, in_a_talk: bool = False) -> Meant | None:
    """Which one is meant. `candidates`: the newest first; `in_a_talk`: another matter is open. None without any."""
    weighed = [_weigh(candidate, place, in_a_talk) for place, candidate in enumerate(candidates)]
    if not weighed:
        return None
    best = max(weighed, key=lambda one: one.weight)  # of equals the newest
    share = best.weight / sum(one.weight for one in weighed)
    reasons = (*best.reasons, *((f"share:{share:.2f}",) if len(weighed) > 1 else ()))
    elsewhere = [one for one in weighed if _differ(one.candidate, best.candidate)]
    against = best.weight / (best.weight + sum(one.weight for one in elsewhere))
    rivals = tuple(one.candidate for one in elsewhere) if against < CLEAR else ()
    return Meant(best.candidate, round(best.weight, 3), round(best.weight * share, 3), reasons, rivals)


def _weigh(candidate: Candidate, later: int, in_a_talk: bool) -> Weighed:
    """`later`: how many newer texts could be meant as well."""
    offered = candidate.offered
    fresh = next((weight for age, weight in AGES if offered.ago <= age), OLDEST)
    weight = MATCHES[candidate.match] * fresh * OVERTAKEN**later
    reasons = [f"{candidate.match}:{MATCHES[candidate.match]:.2g}", f"age:{fresh:.2g}"]
    if later:
        reasons.append(f"overtaken:{OVERTAKEN**later:.2g}")
    if offered.answered:
        weight *= ANSWERED
        reasons.append(f"answered:{ANSWERED:.2g}")
    if in_a_talk:
        weight *= IN_A_TALK
        reasons.append(f"in_a_talk:{IN_A_TALK:.2g}")
    return Weighed(candidate, weight, tuple(reasons))


def _differ(one: Candidate, other: Candidate) -> bool:
    if one.reply is None or other.reply is None:
        return False
    return (one.reply.flow, dict(one.reply.slots)) != (other.reply.flow, dict(other.reply.slots))
