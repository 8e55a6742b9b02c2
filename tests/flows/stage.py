"""A stage for the pure core: a conversation, a desk and a bank that answer what they are told to, no rows.

The conversation goes through its stored form between any two events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.flows.catalogue import CATALOGUE
from app.flows.check.samples import samples
from app.flows.engine import take_turn
from app.flows.library import Catalogue
from app.flows.questions import FACTS, QUESTIONS
from app.flows.table import Step
from app.flows.vocabulary import (
    Answered,
    Ask,
    Consent,
    Context,
    Conversation,
    Effect,
    Event,
    Heard,
    Note,
    Place,
    Relay,
    Say,
    Turn,
)

NOW = datetime(2026, 6, 10, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE = "+8613800138000"
CUSTOMER = "王先生"

USUAL = {
    "customer.identify": "one",
    "code.issue": "sent",
    "code.check": "right",
    "consent.refuse": "done",
    "number.disown": "done",
    "ticket.open": "queued",
    "ticket.flag": "done",
    "callback.slots": "offered",
    "callback.book": "booked",
    "callback.cancel": "done",
    "promise.note": "noted",
    "bank.quota": "found",
    "bank.repayment": "due",
}
"""What the desk and the bank say on a good day."""

Outcomes = Callable[[str], str]


def facts_of(
    question: str, outcome: str, language: str = "zh-CN", without: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Made-up facts of an outcome. `without`: optional ones that are missing this time."""
    values = samples(CATALOGUE, language)
    told = FACTS.get(question, {}).get(outcome, "").split()
    return {n.rstrip("?"): values[n.rstrip("?")] for n in told if not (n.endswith("?") and n.rstrip("?") in without)}


def waiting_steps(catalogue: Catalogue = CATALOGUE, *kinds: str) -> list[tuple[str, str]]:
    """Every step in which a customer can be when a text comes: (flow, step). The desk answers within the turn, so only
    the bank is waited for."""
    wanted = kinds or ("ask", "guide", "lookup")
    return [
        (flow.name, step.name)
        for flow in catalogue.flows.values()
        for step in flow.steps.values()
        if step.kind in wanted and (step.kind != "lookup" or step.question.startswith("bank."))
    ]


class Stage:
    """`outcomes` maps questions to outcomes, over `USUAL`. What is said, asked and noted collects in `effects`."""

    def __init__(
        self,
        conversation: Conversation | None = None,
        *,
        outcomes: Mapping[str, str] | Outcomes | None = None,
        context: Context | None = None,
        catalogue: Catalogue = CATALOGUE,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.conversation = conversation or Conversation(PHONE)
        self.context = context or Context(NOW, CUSTOMER, bank="示例银行", hotline="95500", caller="95500")
        self.catalogue = catalogue
        self.without = without
        told = outcomes if callable(outcomes) else {**USUAL, **(outcomes or {})}.__getitem__
        self.outcome: Outcomes = told
        self.effects: list[Effect] = []
        self.bank: list[Ask] = []
        self.turns: list[Turn] = []

    # ---- what happens -----------------------------------------------------------------------------------

    def hears(self, text: str, **more: object) -> list[Effect]:
        return self.takes(Heard(text, **more))  # type: ignore[arg-type]

    def takes(self, event: Event) -> list[Effect]:
        """One event with everything that the desk says to it; the effects that it led to. The bank waits."""
        before = len(self.effects)
        pending: Event | None = event
        for _ in range(20):
            if pending is None:
                return self.effects[before:]
            turn = take_turn(self.conversation, pending, self.context, self.catalogue)
            self.turns.append(turn)
            self.conversation = turn.conversation
            self.effects.extend(turn.effects)
            self._remember(turn)
            pending = self._desk(turn)
        raise AssertionError("the flows and the desk never come to an end")

    def bank_answers(self, outcome: str | None = None) -> list[Effect]:
        """The bank answers its oldest open question, late or not."""
        asked = self.bank.pop(0)
        told = outcome or self.outcome(asked.question)
        found = facts_of(asked.question, told, self.conversation.language, self.without)
        return self.takes(Answered(asked.question, asked.token, told, found))

    def passes(self, **span: float) -> None:
        self.context = replace(self.context, now=self.context.now + timedelta(**span))

    def _desk(self, turn: Turn) -> Event | None:
        answer: Event | None = None
        for effect in turn.effects:
            if isinstance(effect, Ask) and effect.question.startswith("bank."):
                self.bank.append(effect)
            elif isinstance(effect, Ask):
                outcome = self.outcome(effect.question)
                found = facts_of(effect.question, outcome, self.conversation.language, self.without)
                answer = Answered(effect.question, effect.token, outcome, found)
        return answer

    def _remember(self, turn: Turn) -> None:
        """Brings the facts of later turns up to date, as the store would."""
        refused, told = set(self.context.refused), set(self.context.told)
        for effect in turn.effects:
            if isinstance(effect, Consent):
                (refused.add if effect.verdict == "refused" else refused.discard)(effect.scope)
                told.discard(effect.scope)
        self.context = replace(self.context, refused=frozenset(refused), told=frozenset(told))

    # ---- what is to be seen -----------------------------------------------------------------------------

    @property
    def where(self) -> str:
        place = self.conversation.place
        return f"{place.flow}.{place.step}" if place else ""

    @property
    def step(self) -> Step:
        place = self.conversation.place
        assert place is not None
        return self.catalogue.flows[place.flow].steps[place.step]

    def words(self, effects: list[Effect]) -> list[str]:
        texts = self.catalogue.texts
        return [texts.render(self.conversation.language, effect) for effect in effects if isinstance(effect, Say)]


def keys(effects: list[Effect]) -> list[str]:
    return [effect.key for effect in effects if isinstance(effect, Say)]


def asked(effects: list[Effect]) -> list[str]:
    return [effect.question for effect in effects if isinstance(effect, Ask)]


def notes(effects: list[Effect]) -> list[str]:
    return [effect.what for effect in effects if isinstance(effect, Note)]


def relayed(effects: list[Effect]) -> bool:
    return any(isinstance(effect, Relay) for effect in effects)


def standing_at(flow: str, step: str, *, language: str = "zh-CN", **more: object) -> Conversation:
    """A conversation that waits in that step, with every slot that the way there could have filled."""
    slots = {**samples(CATALOGUE, language), "likely": "quota_query,repayment_how"}
    for name in ("now", "customer", "bank", "hotline", "caller", "info_link", "callback", "where"):
        slots.pop(name, None)
    if flow in {"proof", "handback"}:
        more.setdefault(
            "beneath",
            (
                Place(
                    "quota" if flow == "proof" else "repayment", "asking" if flow == "proof" else "channel", left_at=NOW
                ),
            ),
        )
    if flow == "handback":
        slots["where"] = "repayment.channel"
    found = CATALOGUE.flows[flow].steps[step]
    if found.kind == "lookup":
        more.setdefault("asked", 1)
    return replace(
        Conversation(PHONE, language=language, turn=1),
        place=Place(flow, step, CATALOGUE.flows[flow].version, slots),
        silence_at=NOW + found.waits,
        **more,
    )


__all__ = ["CATALOGUE", "QUESTIONS", "Stage", "asked", "keys", "notes", "relayed", "standing_at", "waiting_steps"]
