"""Answers to texts of ours that began conversations: what they lead into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from app.flows import which_text
from app.flows.answers import slots_of
from app.flows.attributed import replied
from app.flows.offered import Candidate, Invited, Match, Meant, Offered, meant
from app.flows.play import Play
from app.flows.reading import rules
from app.flows.reading.answers import answer
from app.flows.reading.meaning import SURE, Hearing, Meaning, Option, Reading
from app.flows.reading.normalise import bare, normalise
from app.flows.vocabulary import Slots

PRODUCTS = frozenset({"product", "activity"})
INTEREST = "interest"
"""Where questions about an offer lead, and who agrees to one without a menu."""
TIMED = frozenset({"callback"})
"""Flows that begin with a time."""
ACCEPTS: frozenset[Meaning] = frozenset({"yes", "campaign_interest"})
BESIDE: frozenset[Meaning] = ACCEPTS | {"thanks_ack", "greeting", "number_choice", "out_of_scope", "empty", "no"}
"""Meanings that a word of a menu among others does not contradict."""
MISHEARD: frozenset[Meaning] = frozenset({"repayment_date", "campaign_interest", "already_paid", "out_of_scope", "no"})
"""What the reader makes of 什么时候截止, 点不开 and 已经办了 where no offer is in sight."""


def accept(play: Play, reading: Reading) -> bool:
    """True when the text is taken as an answer to one of ours, and has led where that said. An open question has had
    its chance before, and while one is open only a word of a menu counts: digits and a yes are for the question."""
    offered = play.context.offered
    if not offered or (play.place is not None and play.step.reads == "nothing" and play.step.kind == "ask"):
        return False  # a person has been announced, who reads whatever comes
    number = reading.values.number  # what is left when the customer quotes us
    plain = reading.values.plain if number is None else str(number)
    found = meant(_from_menus(play, offered, plain, reading))
    if found is None and play.place is None and not _is_of_it(offered[0], plain, reading, "about"):
        found = meant(_agreed(offered, plain, reading))
    if found is not None and found.holds:
        return _lead(play, found, {} if number is not None else slots_of(reading))
    if _asked_about(play, offered, plain, reading):
        return True
    return play.place is None and _rest(play, offered, plain, reading)


def _from_menus(play: Play, offered: Sequence[Offered], plain: str, reading: Reading) -> list[Candidate]:
    found = []
    for one in offered:
        option, match = _chosen(play, one, plain, reading)
        if option is None:
            continue
        reply = one.replies[int(option)]
        if play.place is not None and (match != "key" or len(bare(plain)) < 2 or plain.isdigit()):
            continue
        if match == "word" and reading.meaning not in BESIDE and _opens(play, reading) != reply.flow:
            continue
        found.append(Candidate(one, reply, match))
    return found


def _chosen(play: Play, one: Offered, plain: str, reading: Reading) -> tuple[str | None, Match]:
    """Which answer of the text's menu this is, by its place there."""
    options = tuple(Option(str(n), reply.key, reply.words) for n, reply in enumerate(one.replies))
    if not options:
        return None, "key"
    found = answer(plain, Hearing(play.context.now, play.language, options=options))
    if found is not None and found.values.option is not None:
        return found.values.option, "key" if found.score >= 0.95 else "word"
    timed = play.place is None and reading.values.when is not None
    for option, reply in zip(options, one.replies, strict=True):
        key = normalise(option.key)
        behind = plain[len(key) :] if plain.startswith(key) else ""
        if _pattern("behind_a_key").fullmatch(behind):
            return option.name, "key"
        if timed and reply.flow in TIMED and _pattern("time_behind_a_key").fullmatch(behind):
            return option.name, "key"
    return None, "key"


def _agreed(offered: Sequence[Offered], plain: str, reading: Reading) -> list[Candidate]:
    """Those that can be agreed to: each with the first answer of its menu, or with interest when it has none."""
    said_so = bare(plain) in _words("agrees")
    if not said_so and (reading.meaning not in ACCEPTS or reading.score < SURE or _is_about(plain, reading)):
        return []
    if _is_of_it(offered[0], plain, reading, "done"):
        return []
    said_yes = reading.meaning == "yes"
    found = []
    for one in offered:
        if one.kind_words:
            continue  # its menu is for questions
        if said_yes and one.answered and not _pattern("wants").search(plain):
            continue  # "好" after other words of ours is about those
        if not (said_yes or said_so or one.kind in PRODUCTS):
            continue  # "我想贷款" is for an offer, and no answer to "please update your details"
        if one.replies or one.kind in PRODUCTS:
            reply = one.replies[0] if one.replies else Invited("", INTEREST)
            found.append(Candidate(one, reply, "agreed"))
    return found


def _is_about(plain: str, reading: Reading) -> bool:
    if reading.meaning == "rate_question":
        return reading.score >= SURE
    asks = reading.meaning == "campaign_interest" and reading.score >= SURE
    return asks and bare(plain) not in _words("agrees") and bool(_pattern("asks").search(plain))


def _is_of_it(last: Offered, plain: str, reading: Reading, words: str) -> bool:
    """Words that are about the offer only because it is the last that we said."""
    heard = reading.meaning in MISHEARD or reading.score < SURE
    return heard and last.kind in PRODUCTS and not last.answered and bool(_pattern(words).search(plain))


def _lead(play: Play, found: Meant, said: Slots) -> bool:
    """`said`: what the text carries beside its choice, such as the time at which to call."""
    one = found.candidate
    assert one.reply is not None
    if found.rivals:
        _ask_which(play, (one, *found.rivals))
        play.taken = replied(found, "other", one.reply.key)
        return True
    play.taken = replied(found, "agreed" if one.match == "agreed" else "chosen", one.reply.key)
    play.start(_flow(play, one.reply), {**said, **_context(one.offered), **one.reply.slots})
    return True


def _ask_which(play: Play, candidates: Iterable[Candidate]) -> None:
    slots: dict[str, str] = {}
    newest_first = sorted(candidates, key=lambda one: one.offered.ago)
    for name, one in zip(which_text.NAMES, newest_first, strict=False):
        assert one.reply is not None
        slots[name] = _flow(play, one.reply)
        slots[f"{name}_day"] = one.offered.day
        along = {**_context(one.offered), "key": one.reply.key, **one.reply.slots}
        slots |= {f"{name}:{key}": value for key, value in along.items()}
    play.start(which_text.FLOW.name, slots)


def _asked_about(play: Play, offered: Sequence[Offered], plain: str, reading: Reading) -> bool:
    """Questions about an offer, and links that do not open: rates with the offer in mind, all else where such questions
    are answered."""
    led_there = play.place is not None and play.step.lightly and "offered" in play.place.slots
    if not (_is_about(plain, reading) or _is_of_it(offered[0], plain, reading, "about")):
        return False
    found = meant([Candidate(one, None, "about") for one in offered if one.kind in PRODUCTS])
    if found is None or not found.holds or not (play.place is None or led_there):
        return False
    play.taken = replied(found, "asked", "about" if reading.meaning in MISHEARD else reading.meaning)
    play.start("rates" if reading.meaning == "rate_question" else INTEREST, _context(found.candidate.offered))
    return True


def _rest(play: Play, offered: Sequence[Offered], plain: str, reading: Reading) -> bool:
    """A no that may mean our texts, and kindness, which is returned once."""
    last, word = offered[0], bare(plain)
    if reading.meaning == "empty" and reading.values.said.strip():
        play.note("silent:emoji")
    elif word in _words("declines") and not last.answered:
        if not last.commercial or "commercial" in play.context.refused or any(one.declined for one in offered):
            return False  # nobody is asked twice for the same consent (rules of sending 3)
        play.start("optout")
    elif _is_of_it(last, plain, reading, "done"):
        found = meant([Candidate(last, None, "about")])
        play.taken = replied(found, "other", "done") if found else None
        play.start("courtesy")
    elif (reading.meaning == "yes" and reading.score >= SURE) or (last.kind_words and _pattern("wishes").search(plain)):
        if last.answered and not last.kind_words:
            return False
        if last.answered or reading.meaning == "thanks_ack":
            play.note("silent:courtesy")
        else:
            play.start("courtesy")
    else:
        return False
    return True


def _flow(play: Play, reply: Invited) -> str:
    """A flow that a release since has dropped is replaced by what most texts are about."""
    return reply.flow if reply.flow in play.catalogue.flows else INTEREST


def _opens(play: Play, reading: Reading) -> str:
    opener = play.catalogue.openers.get(reading.meaning)
    return opener.flow if opener is not None and reading.score >= SURE else ""


def _context(one: Offered) -> dict[str, str]:
    """What every flow that such a text leads into knows of it."""
    return {"occasion": str(one.id), "programme": one.programme, "offered": one.day}


@cache
def _words(section: str) -> frozenset[str]:
    return frozenset(bare(normalise(word)) for word in rules.table("offers")[section])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rules.table("offers")[name])
