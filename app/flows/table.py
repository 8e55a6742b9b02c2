"""A flow is a literal table: its steps, and the moves between them, run by one shared `transitions` machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from transitions import Machine

from app.flows.reading.meaning import Expects

Kind = Literal["ask", "guide", "lookup", "go", "end"]

SILENCE, GIVE_UP = "silence", "give_up"


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Build it with `ask`, `guide`, `lookup`, `go`, `agent` or `end`; each says what its fields mean."""

    name: str
    kind: Kind
    reads: Expects = "nothing"
    options: tuple[tuple[str, str], ...] = ()
    options_from: str = ""
    fills: str = ""
    waits: timedelta = timedelta(0)
    tries: int = 2
    lightly: bool = False
    fleeting: bool = False
    question: str = ""
    proof: bool = False
    guide: str = ""
    flow: str = ""
    flow_from: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False
    figures: bool = False
    code: bool = False
    proves: bool = False
    fails: bool = False
    drops: bool = False

    @property
    def waiting(self) -> bool:
        return self.kind in {"ask", "guide", "lookup"}


def ask(
    name: str,
    reads: Expects,
    *options: str | tuple[str, str],
    options_from: str = "",
    fills: str = "",
    waits: timedelta = minutes(30),
    tries: int = 2,
    lightly: bool = False,
    fleeting: bool = False,
    figures: bool = False,
    code: bool = False,
) -> Step:
    """Says its text and waits for an answer.

    `options`: names for `reads="choice"`, numbered 1, 2, … in the order given, or `(key, name)` for a key of its own.
    An option whose label has a placeholder without a value is not offered. `options_from` names a slot with a comma
    list of meanings instead; the answer is then `chosen`. `fills`: the slot that the answer goes into. `tries`: wrong
    answers before `give_up`. `lightly`: the question need not be answered, and is left out when the customer was
    interrupted in something else. `fleeting`: not asked again after an interruption. `figures`, `code`: see `Say`.
    """
    keyed = tuple(option if isinstance(option, tuple) else (str(n), option) for n, option in enumerate(options, 1))
    return Step(
        name,
        "ask",
        reads=reads,
        options=keyed,
        options_from=options_from,
        fills=fills,
        waits=waits,
        tries=tries,
        lightly=lightly,
        fleeting=fleeting,
        figures=figures,
        code=code,
    )


def guide(name: str, of: str, *, waits: timedelta = hours(2), tries: int = 2) -> Step:
    """Leads through the guide `of` (`texts/guides/`), a step a text: 1 next, 0 back, 2 again, 3 stuck, 停 stop.

    Moves on `done`, `stopped`, `stuck`. The slot `n` holds the step, so a hand-over knows where it stuck.
    """
    return Step(name, "guide", reads="choice", guide=of, waits=waits, tries=tries)


def lookup(name: str, asks: str, *, waits: timedelta = minutes(2), proof: bool = False, **slots: str) -> Step:
    """Asks the desk (answered in the same turn) or, for `bank.*`, the bank (answered later, or `failed`).

    Moves on the answer's outcome. `proof`: only with a one-time code passed in the last ten minutes (law 10); else the
    flow `proof` runs first, and its failure moves on `unproven`. `slots` go along with the question.
    """
    return Step(name, "lookup", question=asks, waits=waits, proof=proof, slots=slots)


def go(name: str, flow: str = "", *, flow_from: str = "", **slots: str) -> Step:
    """Goes on in another flow, named here or (`flow_from`) by a slot: a meaning, or a flow that gets the slots
    `<that slot>:…` without this prefix. `slots` go along."""
    return Step(name, "go", flow=flow, flow_from=flow_from, slots=slots)


def agent(name: str, topic: str) -> Step:
    """Calls a person: the flow `human` with this topic. Where the customer stood is kept for the hand-back."""
    return Step(name, "go", flow="human", slots={"topic": topic})


def end(
    name: str,
    *,
    quiet: bool = False,
    figures: bool = False,
    proves: bool = False,
    aloud: bool = False,
    fails: bool = False,
    drops: bool = False,
) -> Step:
    """Ends the flow and resumes the one it interrupted. `quiet`: says nothing. `proves`: the number is verified from
    here on, quietly unless `aloud`. `fails`: the flow beneath asked for proof and does not get it. `drops`: nothing
    beneath is resumed."""
    quiet = quiet or (proves and not aloud)
    return Step(name, "end", quiet=quiet, figures=figures, proves=proves, fails=fails, drops=drops)


class BadFlow(ValueError):
    """A flow's table contradicts itself; the message names flow, step and fix."""


class _Cursor:
    """The model that a shared machine moves: one per turn, nothing but a state."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class Flow:
    """A named table of steps and moves `(from, when, to)`. The first step is the start.

    `successors` maps steps of earlier versions that are gone to steps of this one, so that customers who wait in them
    move over. Raises `BadFlow` for a destination, a source or a name that does not exist.
    """

    def __init__(
        self,
        name: str,
        *steps: Step,
        moves: list[tuple[str, str, str]],
        version: int = 1,
        successors: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.steps = {step.name: step for step in steps}
        self.start = steps[0].name
        self.moves = tuple(moves)
        self.successors = dict(successors or {})
        self._refuse_unknown_names(steps)
        self._triggers: dict[str, frozenset[str]] = {
            name: frozenset(when for source, when, _ in moves if source == name) for name in self.steps
        }
        # One machine per flow for the life of the process: a machine per message costs a fifth of the throughput.
        self._machine = Machine(
            model=None,
            states=list(self.steps),
            initial=self.start,
            transitions=[[when, source, to] for source, when, to in moves],
            auto_transitions=False,
        )

    def _refuse_unknown_names(self, steps: tuple[Step, ...]) -> None:
        if len(self.steps) != len(steps):
            raise BadFlow(f"{self.name}: two steps have the same name")
        for source, when, to in self.moves:
            for step in (source, to):
                if step not in self.steps:
                    raise BadFlow(f"{self.name}: the move {source} –{when}→ {to} names {step}, which is no step")
        for old, new in self.successors.items():
            if new not in self.steps:
                raise BadFlow(f"{self.name}: the successor of {old} is {new}, which is no step")

    def triggers(self, step: str) -> frozenset[str]:
        """The words on which this step can be left."""
        return self._triggers[step]

    def move(self, step: str, when: str) -> str:
        """The step that follows. Raises `transitions.MachineError` when the table has no such move."""
        cursor = _Cursor(step)
        self._machine.events[when].trigger(cursor)
        return cursor.state

    def locate(self, step: str) -> Step | None:
        """The step of that name, or its successor when a newer version renamed it; None when it is gone."""
        return self.steps.get(step) or self.steps.get(self.successors.get(step, ""))
