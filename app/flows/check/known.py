"""Which values a text can count on when its step is reached."""

from __future__ import annotations

from app.flows.questions import FACTS, QUESTIONS
from app.flows.table import Flow, Step

ALWAYS = frozenset({"customer", "bank", "hotline", "caller", "now", "code"})
"""Filled in every turn (`Play.values`). `customer` may be empty: it falls away with its comma."""

BY_THE_ENGINE: dict[str, frozenset[str]] = {
    "proof": frozenset({"for"}),
    "which_text": frozenset({"first", "first_day", "second", "second_day"}),
}
"""Slots with which the engine itself begins a flow."""

SAID_OUTSIDE: dict[str, frozenset[str]] = {
    "optout.all": ALWAYS,
    "optout.stranger": ALWAYS,
    "optout.reminders": ALWAYS,
    "optout.about": ALWAYS,
    "optin.done": ALWAYS,
    "guard.secret": ALWAYS,
    "guard.picture": ALWAYS,
    "guard.flood": ALWAYS,
    "guard.another": ALWAYS,
    "guard.despair": ALWAYS,
    "guard.bereaved": ALWAYS,
    "guard.robbed": ALWAYS,
    "callback.reminder": ALWAYS | {"start", "tail"},
    "callback.retry": ALWAYS | {"start"},
    "callback.failed": ALWAYS | {"tail"},
    "by_mail.failed": ALWAYS | {"address"},
    "guide.first": ALWAYS | {"n", "size", "step"},
    "guide.first_mail": ALWAYS | {"n", "size", "step"},
    "guide.middle": ALWAYS | {"n", "size", "step"},
    "guide.last": ALWAYS | {"n", "size", "step"},
}
"""Texts that no step says, and what is known when they are said."""

FROM_ANSWERS: dict[str, frozenset[str]] = {
    "last4": frozenset({"last4"}),
    "when": frozenset({"from", "to"}),
    "date": frozenset({"day"}),
    "free": frozenset({"said"}),
}


def _facts(question: str, outcome: str) -> tuple[frozenset[str], frozenset[str]]:
    told = FACTS.get(question, {}).get(outcome, "").split()
    return frozenset(n for n in told if not n.endswith("?")), frozenset(n.rstrip("?") for n in told)


NAMES = (
    ALWAYS
    | frozenset().union(*BY_THE_ENGINE.values(), *SAID_OUTSIDE.values(), *FROM_ANSWERS.values())
    | frozenset().union(*(_facts(q, outcome)[1] for q, outcomes in QUESTIONS.items() for outcome in outcomes))
    | {"options", "topic", "where", "info_link", "callback", "exact", "amount", "phone", "likely", "chosen"}
    | {"third", "third_day", "offered"}
)
"""Every name that a placeholder may have."""


def _gained(step: Step, when: str) -> frozenset[str]:
    if step.kind == "lookup":
        return _facts(step.question, when)[0]
    return FROM_ANSWERS.get(step.reads, frozenset()) if when in {"digits", "when", "date", "said"} else frozenset()


def sure_at(flow: Flow) -> dict[str, frozenset[str]]:
    """By step, the names that have a value on every way that leads there. Any flow may be opened from outside with
    nothing known, so what another flow would bring along does not count."""
    sure = {flow.start: ALWAYS | BY_THE_ENGINE.get(flow.name, frozenset())}
    edge = [flow.start]
    while edge:
        name = edge.pop()
        step = flow.steps[name]
        for source, when, to in flow.moves:
            if source != name:
                continue
            brought = sure[name] | _gained(step, when)
            met = brought if to not in sure else sure[to] & brought
            if sure.get(to) != met:
                sure[to] = met
                edge.append(to)
    return sure
