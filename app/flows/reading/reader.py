"""Free text to a meaning: the trained model and the lexicon, weighed together as `model/weights.json` says.

Asked only after everything exact (refusals, secrets, answers, commands, codes, yes and no). It abstains rather than
guess: below `SURE` the engine asks with the two or three likeliest meanings, which stand in `likely`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from app.flows.reading import lexicon, model, rules
from app.flows.reading.answering import SHORT, leaning, names_paying, topic_of
from app.flows.reading.meaning import SURE, Hearing, Meaning, Reading
from app.flows.reading.normalise import has_han
from app.flows.reading.remembered import remembered
from app.flows.reading.times import find_day

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
DOUBTED = 0.6
WORTH_OFFERING = 0.04
CLEAR = 0.9
"""Score from which a part of a text counts as a request of its own."""

Chances = tuple[Mapping[Meaning, float], str]

_NO_OFFER: frozenset[Meaning] = frozenset({
    "out_of_scope", "greeting", "thanks_ack", "yes", "no", "number_choice", "otp_code", "help", "who_are_you",
})  # fmt: skip
_GOES_WITH_REFUSING: frozenset[Meaning] = frozenset({
    "opt_out", "complaint", "wrong_person", "who_are_you", "fraud_suspect", "no", "greeting", "thanks_ack",
})  # fmt: skip
"""What people say while they refuse: none of these is a reason to doubt the words of a refusal."""
_BY_WORDS: frozenset[Meaning] = frozenset({"opt_in", "wrong_person"})
"""What the model alone never decides: only an explicit wish lifts a refusal (rules of sending 3), and "又给我发短信"
has all the words of one but the wish; and whose number is unbound by mistake gets no text any more."""
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
    if _moves_promise(text, hearing):
        return Reading("promise_to_pay", CLEAR, ("promise moved",))
    chances, reason = _chances(text, hearing.last_said, refused)
    best = max(chances, key=lambda meaning: chances[meaning])
    likely = _likely(chances)
    if best == "opt_out":
        if chances["opt_out"] >= SUSPECTED:
            return Reading("opt_out", min(_score(chances["opt_out"], text), 0.6), (reason,), likely=likely)
        return Reading("out_of_scope", LOST, (reason,), likely=likely)
    if best in _BY_WORDS and best not in votes(text, refused)[0]:
        return Reading(best, min(_score(chances[best], text), DOUBTED), (reason,), likely=likely)
    if best == "promise_to_pay" and not names_paying(text, hearing.last_said):
        return Reading(best, min(_score(chances[best], text), DOUBTED), (reason,), likely=likely)
    if chances[best] < GUESSED:
        return Reading("out_of_scope", LOST, (reason,), likely=likely)
    wanted = _requests(text) if best in lexicon.REQUESTS else ()
    if best == "callback_request" and wanted and rules.says("calls", "dropped", text):
        return wanted[0]  # "别打电话给我，发短信就行，我的额度是多少"
    if len(wanted) > 1 and any(part.meaning == best for part in wanted):
        return Reading(wanted[0].meaning, wanted[0].score, wanted[0].reasons, also=wanted[1:], likely=likely)
    if _answers_badly(best, text, hearing) and best not in votes(text, refused)[0]:
        return Reading("out_of_scope", LOST, (reason,), likely=likely)
    score = _score(chances[best], text)
    if score >= SURE:
        likely = {meaning: chance for meaning, chance in likely.items() if meaning != best}
    return Reading(best, score, (reason,), likely=likely)


def _moves_promise(text: str, hearing: Hearing) -> bool:
    """Whether a text names another day for the promise that was just noted ("改成6月15日吧")."""
    moves = topic_of(hearing.last_said) == "promise" and rules.says("calls", "moved", text)
    return moves and find_day(text, hearing.now) is not None


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


def weighed(text: str, refused: Reading) -> Reading:
    """A refusal that the words of a pattern made, or, where the model doubts it, one to ask about.

    "别再打了，我今晚一定还" has the words of a refusal and is a promise.
    """
    chances, reason = _chances(text, refused=refused)
    if chances["opt_out"] >= CONFIRMED or max(chances, key=lambda it: chances[it]) in _GOES_WITH_REFUSING:
        return refused
    return replace(refused, score=DOUBTED, reasons=(*refused.reasons, reason))


def votes(text: str, refused: Reading | None) -> tuple[Mapping[Meaning, float], Mapping[Meaning, str]]:
    """What the rules say of a normalised text: the score of each meaning that one matched, and the rule's name."""
    scores, names = lexicon.scores(text)
    if refused is not None and refused.score > scores.get("opt_out", 0.0):
        scores, names = {**scores, "opt_out": refused.score}, {**names, "opt_out": refused.reasons[0]}
    return scores, names


def _chances(text: str, last_said: str = "", refused: Reading | None = None) -> Chances:
    """The probability of every meaning, and why: the rule that the lexicon puts first, and the model's say."""
    lean = leaning(text, last_said)
    return _weighed_alone(text) if not lean and refused is None else _weighed_with(text, lean, refused)


@remembered
def _weighed_alone(text: str) -> Chances:
    return _weighed_with(text, {}, None)


def _weighed_with(text: str, lean: Mapping[Meaning, float], refused: Reading | None) -> Chances:
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
    for meaning, more in lean.items():
        if meaning in meanings:
            logits[meanings.index(meaning)] += more
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
    parts = [part for part in parts if len(part) > 2 and (joined or asks(part))][:6]
    found: dict[Meaning, Reading] = {}
    for part in parts if len(parts) > 1 else ():
        said = alone(part)
        dropped = said.meaning == "callback_request" and rules.says("calls", "dropped", part)
        if said.meaning in lexicon.REQUESTS and said.score >= CLEAR and not dropped:
            found.setdefault(said.meaning, said)
    return tuple(found.values())


def asks(part: str) -> bool:
    """Whether a part has words of asking. What a customer tells beside a wish ("利息太高不借了") is none."""
    return _ASKS.search(part) is not None


def alone(part: str) -> Reading:
    """The likeliest meaning of a part of a text, whatever stands around it."""
    chances, reason = _chances(part)
    best = max(chances, key=lambda meaning: chances[meaning])
    score = _score(chances[best], part)
    unsaid = best in _BY_WORDS and best not in votes(part, None)[0]
    return Reading(best, min(score, DOUBTED) if unsaid else score, (reason,))
