"""Free text to a meaning: the trained model and the lexicon, weighed together as `model/weights.json` says.

Asked only after everything exact (refusals, secrets, answers, commands, codes, yes and no). It abstains rather than
guess: below `SURE` the engine asks with the two or three likeliest meanings, which stand in `likely`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from app.flows.reading import lexicon, model
from app.flows.reading.answering import SHORT, leaning
from app.flows.reading.meaning import SURE, Hearing, Meaning, Reading
from app.flows.reading.normalise import has_han

LOST = 0.3
"""Score of "I did not understand": far below `SURE`."""
GUESSED = 0.25
"""Probability of the likeliest meaning under which it is not worth naming: such a text is most often about nothing
that the service knows."""
SUSPECTED = 0.25
"""Probability of a refusal from which it is asked about. The model never refuses by itself: the words of
`refusals.toml` do, so that a refusal is neither missed nor invented by a figure."""
CONFIRMED = 0.05
"""Probability of a refusal under which a pattern of refusal may be doubted: to act is the rule."""
PLAIN = 0.95
"""Score of the rules whose words leave no doubt (退订, TD, STOP)."""
DOUBTED = 0.6
WORTH_OFFERING = 0.04

_NO_OFFER: frozenset[Meaning] = frozenset({
    "out_of_scope", "greeting", "thanks_ack", "yes", "no", "number_choice", "otp_code", "help", "who_are_you",
})  # fmt: skip
_GOES_WITH_REFUSING: frozenset[Meaning] = frozenset({
    "opt_out", "complaint", "wrong_person", "who_are_you", "fraud_suspect", "no", "greeting", "thanks_ack",
})  # fmt: skip
"""What people say while they refuse: none of these is a reason to doubt the words of a refusal."""
_CLAUSE = re.compile(r"[。!?;\n]+|,(?=.{4})|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff]{3})")

_ASKS = re.compile(
    r"[吗么嘛]|多少|怎么|咋|如何|几[号点天时]|什么|啥|哪|能不能|可不可以|可以|能否|帮我|给我|请|麻烦|转人工|我要|我想"
    r"|\b(?:how|what|when|where|why|which|can|could|please|pls|i want|i need|call me)\b"
)


def understand(text: str, hearing: Hearing, refused: Reading | None = None) -> Reading:
    """The meaning of a normalised text. Never raises. `also` holds further requests, in the order of the text.

    `refused`: what the refusal rules made of the text.
    """
    if (exact := _unlearnt(text)) is not None:
        return exact
    chances, reason = _chances(text, hearing.last_said, refused)
    best = max(chances, key=lambda meaning: chances[meaning])
    likely = _likely(chances)
    if best == "opt_out":
        if chances["opt_out"] >= SUSPECTED:
            return Reading("opt_out", min(_score(chances["opt_out"], text), 0.6), (reason,), likely=likely)
        return Reading("out_of_scope", LOST, (reason,), likely=likely)
    if best == "opt_in" and not _asked_in(text, refused):
        return Reading("opt_in", min(_score(chances["opt_in"], text), DOUBTED), (reason,), likely=likely)
    if chances[best] < GUESSED:
        return Reading("out_of_scope", LOST, (reason,), likely=likely)
    wanted = _requests(text) if best in lexicon.REQUESTS else ()
    if len(wanted) > 1 and any(part.meaning == best for part in wanted):
        return Reading(wanted[0].meaning, wanted[0].score, wanted[0].reasons, also=wanted[1:], likely=likely)
    if _answers_badly(best, text, hearing) and best not in votes(text, refused)[0]:
        return Reading("out_of_scope", LOST, (reason,), likely=likely)
    score = _score(chances[best], text)
    if score >= SURE:
        likely = {meaning: chance for meaning, chance in likely.items() if meaning != best}
    return Reading(best, score, (reason,), likely=likely)


def _asked_in(text: str, refused: Reading | None = None) -> bool:
    """Whether words of the text ask for texts again. The model alone lifts no refusal: only an explicit wish does
    (rules of sending 3), and "又给我发短信" has all the words of one but the wish."""
    return "opt_in" in votes(text, refused)[0]


def _answers_badly(best: Meaning, text: str, hearing: Hearing) -> bool:
    """Whether a short text rather is a poor answer to the open question ("周日上午") than a new request."""
    if hearing.expects in ("nothing", "free") or (hearing.expects, best) == ("code", "code_not_received"):
        return False
    return best in lexicon.REQUESTS and len(text) <= SHORT[has_han(text)]


def _unlearnt(text: str) -> Reading | None:
    """What the lexicon puts first, where the model has not learnt it: a code within words ("验证码是482913")."""
    found, names = lexicon.scores(text)
    first = max(found, key=lambda meaning: found[meaning], default=None)
    if first is None or first in model.meanings():
        return None
    return Reading(first, found[first], (names[first],))


def weighed(text: str, refused: Reading | None) -> Reading | None:
    """A refusal as the rules found it, or, where its words are a pattern's and the model doubts it, one to ask about.

    "别再打了，我今晚一定还" has the words of a refusal and is a promise.
    """
    if refused is None or not SURE <= refused.score < PLAIN:
        return refused
    chances, reason = _chances(text, refused=refused)
    if chances["opt_out"] >= CONFIRMED or max(chances, key=lambda it: chances[it]) in _GOES_WITH_REFUSING:
        return refused
    return replace(refused, score=DOUBTED, reasons=(*refused.reasons, reason))


def votes(text: str, refused: Reading | None) -> tuple[dict[Meaning, float], dict[Meaning, str]]:
    """What the rules say of a normalised text: the score of each meaning that one matched, and the rule's name."""
    scores, names = lexicon.scores(text)
    if refused is not None and refused.score > scores.get("opt_out", 0.0):
        scores, names = {**scores, "opt_out": refused.score}, {**names, "opt_out": refused.reasons[0]}
    return scores, names


def _chances(text: str, last_said: str = "", refused: Reading | None = None) -> tuple[Mapping[Meaning, float], str]:
    """The probability of every meaning, and why: the rule that the lexicon puts first, and the model's say."""
    script = model.script_of(text)
    weighing = model.head(script)
    meanings = model.meanings()
    logits = weighing.scale * model.tally(text, script).astype(np.float64)
    scores, names = votes(text, refused)
    for at, meaning in enumerate(meanings):
        logits[at] += weighing.lexicon * scores.get(meaning, 0.0)
    if scores:
        first = max(scores, key=lambda meaning: scores[meaning])
        if first in meanings:
            at = meanings.index(first)
            logits[at] += weighing.first[at]
    for meaning, lean in leaning(text, last_said).items():
        if meaning in meanings:
            logits[meanings.index(meaning)] += lean
    grown = np.exp(logits - logits.max())
    chances = dict(zip(meanings, (grown / grown.sum()).tolist(), strict=True))
    best = max(chances, key=lambda meaning: chances[meaning])
    return chances, f"model:{chances[best]:.2f}" + (f" {names[best]}" if best in names else "")


def _score(chance: float, text: str) -> float:
    """A probability on the scale of `Reading.score`: what suffices for this script becomes `SURE`."""
    sure = model.head(model.script_of(text)).sure
    if chance >= sure:
        return round(SURE + (1.0 - SURE) * (chance - sure) / max(1.0 - sure, 1e-6), 4)
    return round(min(SURE * chance / sure, SURE - 0.0001), 4)


def _likely(chances: Mapping[Meaning, float]) -> dict[Meaning, float]:
    """The two or three meanings that are worth asking about, the likeliest first."""
    offered = sorted((m for m in chances if m not in _NO_OFFER), key=lambda meaning: -chances[meaning])
    return {m: round(chances[m], 4) for m in offered[:3] if chances[m] >= WORTH_OFFERING}


def _requests(text: str) -> tuple[Reading, ...]:
    """The different requests that the parts of one text make, each clear by itself, in their order.

    Parts are what "顺便" and the like join, else the sentences that ask: what a customer tells before the question
    ("前天提前还完了") is no request.
    """
    joined = len(lexicon.AND_ALSO.split(text)) > 1
    parts = [part.strip() for whole in lexicon.AND_ALSO.split(text) for part in _CLAUSE.split(whole)]
    parts = [part for part in parts if len(part) > 2 and (joined or _ASKS.search(part))][:6]
    found: dict[Meaning, Reading] = {}
    for part in parts if len(parts) > 1 else ():
        chances, reason = _chances(part)
        best = max(chances, key=lambda meaning: chances[meaning])
        score = _score(chances[best], part)
        if best in lexicon.REQUESTS and score >= 0.9 and (best != "opt_in" or _asked_in(part)):
            found.setdefault(best, Reading(best, score, (reason,)))
    return tuple(found.values())
