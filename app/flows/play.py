"""The workbench of one turn: moves a conversation through flows and collects what follows from it.

Mutable, and alive for one turn only; nothing outside `flows` sees it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.flows import offers
from app.flows.library import Catalogue
from app.flows.offered import Replied
from app.flows.reading.meaning import Option, Reading
from app.flows.table import GIVE_UP, Flow, Step
from app.flows.vocabulary import (
    BOT,
    Ask,
    Context,
    Conversation,
    Effect,
    Note,
    Place,
    Say,
    Slots,
    Turn,
)

PROOF_LASTS = timedelta(minutes=10)  # law 10
RESUME_WITHIN = timedelta(hours=2)  # an older interrupted flow would surprise rather than help
DEEPEST = 4  # interrupted flows; the oldest falls off
MOST_HOPS = 24  # steps in one turn; more is a loop in the tables


class Runaway(RuntimeError):
    """One turn went through more steps than any table should: the flows loop without waiting."""


def where(place: Place) -> str:
    """A place in short, for a ticket or the words of a hand-back: `repayment.app_steps.1`."""
    return f"{place.flow}.{place.step}.{place.slots.get('n', '')}".rstrip(".")


class Play:
    def __init__(self, conversation: Conversation, context: Context, catalogue: Catalogue) -> None:
        self.before = conversation
        self.context = context
        self.catalogue = catalogue
        self.place = conversation.place
        self.beneath = list(conversation.beneath)
        self.tries = conversation.tries
        self.owner = conversation.owner
        self.verified_until = conversation.verified_until
        self.silence_at = conversation.silence_at
        self.guard = conversation.guard
        self.flood = conversation.flood
        self.asked = conversation.asked
        self.language = conversation.language
        self.effects: list[Effect] = []
        self.path: list[str] = []
        self.stuck = False
        self.secret: dict[str, str] = {}  # goes with the next question, and into no row
        self.taken: Replied | None = None  # which of our texts this one was taken to answer

    # ---- where we are -------------------------------------------------------------------------------------

    @property
    def flow(self) -> Flow:
        assert self.place is not None
        return self.catalogue.flows[self.place.flow]

    @property
    def step(self) -> Step:
        assert self.place is not None
        return self.flow.steps[self.place.step]

    @property
    def verified(self) -> bool:
        return self.verified_until is not None and self.context.now < self.verified_until

    def turn(self, reading: Reading | None = None) -> Turn:
        after = replace(
            self.before,
            language=self.language,
            place=self.place,
            beneath=tuple(self.beneath),
            tries=self.tries,
            owner=self.owner,
            verified_until=self.verified_until,
            silence_at=self.silence_at,
            turn=self.before.turn + 1,
            asked=self.asked,
            guard=self.guard,
            flood=self.flood,
        )
        return Turn(after, tuple(self.effects), reading, tuple(self.path))

    # ---- what we say --------------------------------------------------------------------------------------

    def values(self, more: Slots | None = None) -> dict[str, str]:
        """Values for placeholders: the bank's, the customer's, the slots of the place, and `more`."""
        known = {
            "customer": self.context.customer,
            "bank": self.context.bank,
            "hotline": self.context.hotline,
            "caller": self.context.caller,
            "info_link": self.context.info_link,
            "callback": self.context.callback,
            "now": self.context.now.isoformat(),
            **({"mails": "yes"} if self.context.mails else {}),
        }
        slots = self.place.slots if self.place else {}
        return {**known, **slots, **(more or {})}

    def say(self, key: str, more: Slots | None = None, *, figures: bool = False) -> None:
        self.effects.append(Say(key, self.values(more), figures=figures))

    def note(self, what: str) -> None:
        self.effects.append(Note(what))

    def options(self) -> tuple[Option, ...]:
        """The answers that the open question offers now."""
        if self.place is None:
            return ()
        return offers.options(self.catalogue, self.language, self.place, self.values())

    # ---- how we move --------------------------------------------------------------------------------------

    def start(self, flow: str, slots: Slots | None = None) -> None:
        """Begins a flow; the one that is open goes beneath."""
        self.interrupt(unless=flow)
        self.begin(Place(flow, slots=dict(slots or {})))

    def begin(self, place: Place) -> None:
        """Enters a flow at its start, or at the step in which the customer was interrupted."""
        flow = self.catalogue.flows[place.flow]
        self.place = replace(place, version=flow.version, left_at=None)
        self.enter(place.step or flow.start, again=bool(place.step))

    def interrupt(self, unless: str = "") -> None:
        """Puts the open flow beneath. One that would now be open twice, or a light or fleeting question, is dropped."""
        self.beneath = [place for place in self.beneath if place.flow != unless]
        if self.place is not None and self.place.flow != unless and not (self.step.lightly or self.step.fleeting):
            left = self.place if self.place.left_at else replace(self.place, left_at=self.context.now)
            self.beneath = [*self.beneath, left][-DEEPEST:]
        self.leave()

    def put_beneath(self, later: Place) -> None:
        """Lets a flow wait until the open one ends. A flow that asked for proof stays right under the proof."""
        if len(self.beneath) < DEEPEST:
            proving = self.place is not None and self.place.flow == "proof"
            self.beneath.insert(len(self.beneath) - (1 if proving else 0), later)

    def leave(self) -> None:
        self.place, self.silence_at, self.tries = None, None, 0

    def fill(self, slots: Slots) -> None:
        assert self.place is not None
        self.place = replace(self.place, slots={**self.place.slots, **slots})

    def move(self, when: str, slots: Slots | None = None) -> None:
        assert self.place is not None
        to = self.flow.move(self.place.step, when)
        self.stuck = when in {"stuck", GIVE_UP}
        self.fill(slots or {})
        self.tries = 0
        self.enter(to)

    def enter(self, name: str, again: bool = False) -> None:
        """Goes into a step and on until one waits or nothing is left. `again`: the customer comes back to it.
        Raises `Runaway`."""
        assert self.place is not None
        self.path.append(f"{self.place.flow}.{name}")
        if len(self.path) > MOST_HOPS:
            raise Runaway(" → ".join(self.path))
        self.place = replace(self.place, step=name)
        step = self.step
        if step.kind in {"ask", "guide"}:
            self._wait_for_words(step, again)
        elif step.kind == "lookup":
            self._wait_for_facts(step)
        elif step.kind == "go":
            self._go(step)
        else:
            self._end(step)

    def prompt(self, again: bool = False) -> None:
        """Says the open question; `again`: in its shorter form for somebody who did not answer it."""
        step, place = self.step, self.place
        assert place is not None
        key = f"{place.flow}.{step.name}"
        if step.kind == "guide":
            key = f"guide.{step.guide}"
        elif again and self.catalogue.texts.has(self.language, f"{key}.again"):
            key = f"{key}.again"
        # A code goes out once, when it is issued: who comes back to the question has it already.
        code = step.code and not again
        choices = offers.choices(self.catalogue, self.language, place, self.values())
        self.effects.append(Say(key, self.values(), choices, figures=step.figures, code=code))

    def wrong_answer(self) -> None:
        """Re-prompts, or gives up when the step's tries are used."""
        if self.tries >= self.step.tries and GIVE_UP in self.flow.triggers(self.step.name):
            self.move(GIVE_UP)
            return
        self.tries += 1
        self.prompt(again=True)

    def resume(self) -> None:
        """Goes back to the flow beneath, if there is a recent one that still exists."""
        while self.beneath:
            place = self.beneath.pop()
            flow = self.catalogue.flows.get(place.flow)
            step = flow.locate(place.step) if flow and place.step else None
            if flow is None or (place.step and step is None):
                self.note(f"gone:{place.flow}.{place.step}")
            elif place.left_at and self.context.now - place.left_at > RESUME_WITHIN:
                self.note(f"stale:{place.flow}.{place.step}")
            elif place.flow == "proof" and not self._is_asked_for_proof():
                self.note(f"unasked:{place.flow}.{place.step}")
            else:
                self.begin(replace(place, step=step.name if step else ""))
                return

    def _is_asked_for_proof(self) -> bool:
        """Whether the flow right beneath waits for a proof; it may have been begun anew, or fallen off, since."""
        if not self.beneath:
            return False
        flow = self.catalogue.flows.get(self.beneath[-1].flow)
        step = flow.locate(self.beneath[-1].step) if flow else None
        return step is not None and step.proof

    def _wait_for_words(self, step: Step, again: bool) -> None:
        assert self.place is not None
        if step.kind == "guide" and "n" not in self.place.slots:
            self.fill({"n": "1", "of": step.guide})
        if step.lightly and self.beneath:
            self.effects.append(Say(f"{self.place.flow}.{step.name}", self.values(), figures=step.figures))
            self.leave()
            self.resume()
            return
        self.prompt(again)
        self.silence_at = self.context.now + step.waits

    def _wait_for_facts(self, step: Step) -> None:
        assert self.place is not None
        if step.proof and not self.verified:
            kept = {k: v for k, v in self.place.slots.items() if k == "last4"}
            self.start("proof", {**kept, "for": self.place.flow})
            return
        self.silence_at = self.context.now + step.waits
        sent = {**self.place.slots, **step.slots, **self.secret}
        if self.beneath:
            sent.setdefault("where", where(self.beneath[-1]))
        self.secret = {}
        self.asked = self.before.turn + 1
        self.effects.append(Ask(step.question, self.asked, sent))

    def _go(self, step: Step) -> None:
        assert self.place is not None
        slots = {**self.place.slots, **step.slots}
        flow = step.flow
        if step.flow_from:
            opener = self.catalogue.named(slots, step.flow_from)
            flow, slots = opener.flow, dict(opener.slots)
        if flow == "human" and self.stuck:
            # The stuck step goes beneath, so that the agent can hand back exactly there.
            self._keep_where_it_stuck()
        self.beneath = [place for place in self.beneath if place.flow != flow]
        self.leave()
        self.begin(Place(flow, slots=slots))

    def _keep_where_it_stuck(self) -> None:
        stood = self.before.place
        if stood is None or self.place is None or stood.flow != self.place.flow or stood.flow == "proof":
            return  # a proof that failed is begun anew by the flow that asked for it
        waits = self.flow.steps.get(stood.step)
        if waits is not None and waits.kind in {"ask", "guide"} and not waits.fleeting:
            self.beneath = [*self.beneath, replace(stood, left_at=self.context.now)][-DEEPEST:]

    def _end(self, step: Step) -> None:
        assert self.place is not None
        if step.proves:
            self.verified_until = self.context.now + PROOF_LASTS
        if not step.quiet:
            self.say(f"{self.place.flow}.{step.name}", figures=step.figures)
        self.leave()
        if self.owner != BOT:
            return  # what the agent asked for is over; the rest is theirs to say
        if step.drops:
            self.beneath.clear()
        elif step.fails and self._is_asked_for_proof():
            asking = self.beneath.pop()
            self.place = replace(asking, left_at=None)
            self.move("unproven")
        else:
            self.resume()
