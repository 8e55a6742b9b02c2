"""Text to meaning: one pure function, built of small stages that are asked in a fixed order.

read("ＴＤ", Hearing(now=now))  ->  Reading("opt_out", 1.0, …)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.flows.reading.amounts import find_amount, find_last4, find_phone
from app.flows.reading.answers import answer, choice_number, emoji, yes_or_no
from app.flows.reading.codes import bare_code
from app.flows.reading.commands import command
from app.flows.reading.lexicon import whole_text
from app.flows.reading.machines import auto_reply, own_words
from app.flows.reading.masking import MARK, Masked, mask
from app.flows.reading.meaning import SURE, Hearing, Meaning, Option, Reading, Values, When
from app.flows.reading.normalise import normalise, visible
from app.flows.reading.refusals import PLAIN, UNSURE, refusal, scope_of
from app.flows.reading.times import find_day, find_when

__all__ = ["SURE", "Hearing", "Masked", "Meaning", "Option", "Reading", "Values", "When", "mask", "normalise", "read"]

LEAST_WITH_A_REFUSAL = 6
"""Characters from which a text may say more than "TD" or "别再发了"."""


def read(text: str, hearing: Hearing) -> Reading:
    """What `text`, as received, means to the service at the moment that `hearing` describes. Never raises.

    The order is: nothing at all; our own words or a machine; a refusal; a secret; the answer to the open
    question; a bank command; free text. A refusal beside a secret is still a refusal. `values.said` is always
    the text without secrets and invisible characters.
    """
    masked = mask(visible(text))
    plain = normalise(masked.text)
    reading = _meaning(text, plain, masked, hearing)
    also = tuple(_timed(other, plain, hearing) for other in reading.also)
    return replace(reading, values=_values(reading, plain, masked, hearing), also=also)


def _timed(other: Reading, plain: str, hearing: Hearing) -> Reading:
    """A call that was asked for beside something else, with the time that the text names for it."""
    if other.meaning != "callback_request":
        return other
    return replace(other, values=replace(other.values, when=find_when(plain, hearing.now)))


def _meaning(raw: str, plain: str, masked: Masked, hearing: Hearing) -> Reading:
    if not any(char.isalnum() for char in plain) and plain != "?":
        return (hearing.expects == "yes_no" and yes_or_no(plain)) or _wordless(plain)
    rest = own_words(raw, plain, hearing.last_said)
    if rest is not None:
        if not rest:
            return Reading("echo", 1.0, ("our own words",))
        plain = rest
    if auto_reply(plain):
        return Reading("auto_reply", 0.95, ("auto-responder",))
    refused = _weighed(plain, refusal(plain, hearing))
    if refused is not None and refused.score >= SURE:
        return replace(refused, also=_beside(plain, hearing))
    if masked.found or MARK in masked.text:
        if hearing.expects == "code" and (code := answer(normalise(raw), hearing)):
            return code  # "密码4821": the code that we have just asked for, by another name
        return Reading("secret_sent", 1.0, tuple(f"masked:{kind}" for kind in masked.kinds))
    found = answer(plain, hearing)
    if found is not None:
        return found
    if (found := _bare(plain)) is None:
        found = _understood(plain, hearing, refused)
    return _with_doubt(found, refused, plain, hearing)


def _understood(plain: str, hearing: Hearing, refused: Reading | None) -> Reading:
    # Not before free text comes: numpy takes 10 MB, and a process that is told commands and digits needs none of it.
    from app.flows.reading.reader import understand

    return understand(plain, hearing, refused)


def _beside(plain: str, hearing: Hearing) -> tuple[Reading, ...]:
    if len(plain) < LEAST_WITH_A_REFUSAL:
        return ()
    from app.flows.reading.beside import beside

    return beside(plain, hearing)


def _weighed(plain: str, refused: Reading | None) -> Reading | None:
    """A refusal as its rule found it, unless the rule leaves room for doubt: then the model is asked too."""
    if refused is None or not SURE <= refused.score < PLAIN:
        return refused
    from app.flows.reading.reader import weighed

    return weighed(plain, refused)


def _bare(plain: str) -> Reading | None:
    """Texts that are one word to us: a command, a number, a code, yes or no."""
    stages: tuple[Callable[[str], Reading | None], ...] = (command, _number, bare_code)
    for stage in stages:
        if found := stage(plain):
            return found
    # A whole-text word of the lexicon goes before yes and no: 好的 is an acknowledgement when nothing was asked.
    return whole_text(plain) or yes_or_no(plain)


def _number(plain: str) -> Reading | None:
    if (number := choice_number(plain)) is not None:
        return Reading("number_choice", 0.9, ("number",), Values(number=number))
    if len(plain) == 1 and plain.isascii() and plain.isalpha() and plain not in "yntrk":
        return Reading("number_choice", 0.75, ("letter",))
    return None


def _wordless(plain: str) -> Reading:
    return yes_or_no(plain) or emoji(plain) or Reading("empty", 1.0, ("no words",))


def _with_doubt(found: Reading, refused: Reading | None, plain: str, hearing: Hearing) -> Reading:
    """A text that may be a refusal is asked about, unless it clearly is something else."""
    if refused is None:
        return found
    if refused.score > UNSURE:  # a rule's refusal that the model doubts: never dropped, asked about
        likely = {"opt_out": refused.score, found.meaning: found.score, **found.likely}
        return replace(refused, likely=likely, also=_beside(plain, hearing))
    if refused.score < UNSURE:  # "does TD affect my limit?" asks about refusing
        return replace(found, likely={"opt_out": refused.score, **found.likely})
    if found.score >= SURE and found.meaning not in ("no", "number_choice"):
        return found
    likely = {"opt_out": refused.score, **found.likely}
    if found.score >= SURE:
        likely[found.meaning] = refused.score
    return replace(refused, likely=likely, also=_beside(plain, hearing))


def _values(reading: Reading, plain: str, masked: Masked, hearing: Hearing) -> Values:
    """Everything the text carries; what a stage has found stands."""
    values = reading.values
    found: dict[str, Any] = {"said": masked.text, "plain": plain}
    if "card" in masked.kinds and values.last4 is None:
        found["last4"] = _tail(masked.text)
    if reading.meaning == "opt_in":
        found["scope"] = scope_of(plain)
    if not plain.isascii() or len(plain) >= 4 or any(map(str.isdigit, plain)):
        asked = hearing.expects in ("choice", "yes_no") and (reading.score < SURE or reading.meaning in _POLITE)
        if (asked or reading.meaning in _CARRIES_TIME) and values.when is None:
            found["when"] = find_when(plain, hearing.now)
        if reading.meaning in _CARRIES_DAY and values.day is None:
            found["day"] = find_day(plain, hearing.now)
        if reading.meaning not in _NO_FIGURES or hearing.expects == "free":
            found["amount"] = values.amount or find_amount(plain)
            found["phone"] = values.phone or find_phone(plain)
            found["last4"] = values.last4 or found.get("last4") or find_last4(plain)
    return replace(values, **found)


_NO_FIGURES: frozenset[Meaning] = frozenset({
    "number_choice", "otp_code", "yes", "no", "thanks_ack", "greeting", "opt_out", "echo", "auto_reply", "empty",
    "secret_sent", "help",
})  # fmt: skip
_CARRIES_TIME: frozenset[Meaning] = frozenset({
    "callback_request", "human_agent", "promise_to_pay", "yes", "no", "out_of_scope",
})  # fmt: skip
_POLITE: frozenset[Meaning] = frozenset({"thanks_ack", "greeting"})
"""Beside a question that lists times these are only the manners of a time ("ok sunday then", "monday morning")."""
_CARRIES_DAY: frozenset[Meaning] = frozenset({"promise_to_pay", "overdue_negotiate", "already_paid", "repayment_date"})


def _tail(masked: str) -> str | None:
    at = masked.find("****")
    tail = masked[at + 4 : at + 8]
    return tail if tail.isdigit() and len(tail) == 4 else None
