"""Faults of the tables: what a step hears without a move, what it can never hear, and where customers get stuck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from app.flows.check.fault import Fault
from app.flows.library import Catalogue
from app.flows.questions import QUESTIONS
from app.flows.reading.meaning import Meaning
from app.flows.table import GIVE_UP, SILENCE, Flow, Step

MEANINGS = frozenset(get_args(Meaning))

ANSWERS: dict[str, frozenset[str]] = {
    "yes_no": frozenset({"yes", "no"}),
    "code": frozenset({"digits"}),
    "last4": frozenset({"digits"}),
    "when": frozenset({"when"}),
    "date": frozenset({"date"}),
    "free": frozenset({"said"}),
    "nothing": frozenset(),
}
"""What an answer of each kind is called in the tables (`answers.py`). A choice has the names of its options."""

Node = tuple[str, str]


def faults(catalogue: Catalogue) -> Iterator[Fault]:
    for flow in catalogue.flows.values():
        for step in flow.steps.values():
            yield from _hearing(flow, step)
            yield from _targets(catalogue, flow, step)
            if step.kind in {"ask", "guide"} and _may_give_up(step):
                yield from _ends_with_a_person(catalogue, flow, step)
        yield from _reach(flow)
        yield from _unproven_figures(flow)
    for meaning, opener in catalogue.openers.items():
        if opener.flow not in catalogue.flows:
            yield Fault(opener.flow, "", f"the meaning {meaning} opens it, but there is no such flow")
    yield from _loops(catalogue)


def must_hear(step: Step) -> frozenset[str]:
    """The words that a step needs moves for."""
    if step.kind == "lookup":
        proof = {"unproven"} if step.proof else set()
        return QUESTIONS.get(step.question, frozenset()) | proof | {"failed", SILENCE}
    if step.kind == "guide":
        return frozenset({"done", "stuck", "stopped", GIVE_UP, SILENCE})
    if step.kind == "ask":
        give_up = {GIVE_UP} if _may_give_up(step) else set()
        return _answers(step) | give_up | {SILENCE}
    return frozenset()


def may_hear(step: Step) -> frozenset[str]:
    """The words that a step can hear at all: those, and at a question any meaning of a text, or a time in it."""
    if step.kind in {"ask", "guide"}:
        unanswered = {"unanswered"} if step.reads == "nothing" else set()
        return must_hear(step) | MEANINGS | {"when"} | unanswered
    return must_hear(step)


def _answers(step: Step) -> frozenset[str]:
    if step.reads != "choice":
        return ANSWERS[step.reads]
    return frozenset({"chosen"}) if step.options_from else frozenset(name for _, name in step.options)


def _may_give_up(step: Step) -> bool:
    return not step.lightly and step.reads != "nothing"


def _hearing(flow: Flow, step: Step) -> Iterator[Fault]:
    triggers = flow.triggers(step.name)
    if step.kind == "lookup" and step.question not in QUESTIONS:
        yield Fault(flow.name, step.name, f"asks {step.question}, which is not in questions.py")
        return
    if step.reads == "choice" and step.kind == "ask" and not (step.options or step.options_from):
        yield Fault(flow.name, step.name, "reads a choice but offers no options")
    for word in sorted(must_hear(step) - triggers):
        yield Fault(flow.name, step.name, _missing(step, word))
    for word in sorted(triggers - may_hear(step)):
        yield Fault(flow.name, step.name, f"has a move on {word}, which it can never hear")
    for word in sorted(triggers):
        if sum(1 for source, when, _ in flow.moves if (source, when) == (step.name, word)) > 1:
            yield Fault(flow.name, step.name, f"has two moves on {word}; only the first would be taken")


def _missing(step: Step, word: str) -> str:
    if word == SILENCE:
        return "waits but has no move for silence"
    if word == GIVE_UP:
        return "asks again but has no move for give_up; end with a person, or ask lightly"
    if word == "unproven":
        return "needs proof but has no move for unproven"
    kind = "outcome" if step.kind == "lookup" else "answer"
    return f"has no move for the {kind} {word}"


def _targets(catalogue: Catalogue, flow: Flow, step: Step) -> Iterator[Fault]:
    if step.kind == "go" and not step.flow_from and step.flow not in catalogue.flows:
        yield Fault(flow.name, step.name, f"goes to {step.flow}, which is no flow")
    if step.kind == "guide" and step.guide not in catalogue.texts.guides:
        yield Fault(flow.name, step.name, f"leads through {step.guide}, which is no guide in texts/guides/")
    if step.proof:
        proof = catalogue.flows.get("proof")
        if proof is None or not any(s.proves for s in proof.steps.values()):
            yield Fault(flow.name, step.name, "needs proof, but no flow proof has an end that proves")


# ---- where customers get to ---------------------------------------------------------------------------------


def _after(flow: Flow, step: str) -> frozenset[str]:
    return frozenset(to for source, _, to in flow.moves if source == step)


def _spread(start: Iterable[str], flow: Flow) -> set[str]:
    seen, edge = set(start), list(start)
    while edge:
        new = _after(flow, edge.pop()) - seen
        seen |= new
        edge.extend(new)
    return seen


def _reach(flow: Flow) -> Iterator[Fault]:
    reached = _spread([flow.start, *flow.successors.values()], flow)
    for name, step in flow.steps.items():
        if name not in reached:
            yield Fault(flow.name, name, "is never reached; no move leads to it")
        elif not any(flow.steps[to].kind in {"end", "go"} for to in _spread([name], flow)):
            yield Fault(flow.name, name, "can reach neither an end nor another flow")
        if not step.waiting and flow.triggers(name):
            yield Fault(flow.name, name, f"has moves, but a step of kind {step.kind} is never left by one")


def _unproven_figures(flow: Flow) -> Iterator[Fault]:
    """Law 10 in the table: a figure is told only behind a lookup that asked for proof, and had its answer."""
    seen, edge = {flow.start}, [flow.start]
    while edge:
        step = flow.steps[edge.pop()]
        for source, when, to in flow.moves:
            behind = step.proof and when not in {"unproven", "failed", SILENCE}
            if source == step.name and not behind and to not in seen:
                seen.add(to)
                edge.append(to)
    for name in seen:
        if flow.steps[name].figures:
            yield Fault(flow.name, name, "tells a figure but can be reached without a lookup that needs proof")


def _ends_with_a_person(catalogue: Catalogue, flow: Flow, step: Step) -> Iterator[Fault]:
    if GIVE_UP in flow.triggers(step.name):
        to = flow.move(step.name, GIVE_UP)
        if not _leads_to_a_person(catalogue, (flow.name, to), frozenset({(flow.name, step.name)})):
            yield Fault(flow.name, step.name, f"gives up to {to}, which does not end with a person")


def _leads_to_a_person(catalogue: Catalogue, node: Node, seen: frozenset[Node]) -> bool:
    """Follows giving up, and giving up again, to the flow `human`."""
    if node in seen:
        return False
    flow = catalogue.flows[node[0]]
    step, seen = flow.steps[node[1]], seen | {node}
    if step.kind == "go":
        target = catalogue.flows.get(step.flow)
        if step.flow == "human" or target is None:
            return step.flow == "human"
        return _leads_to_a_person(catalogue, (target.name, target.start), seen)
    if step.kind == "lookup":
        after = _after(flow, step.name)
        return bool(after) and all(_leads_to_a_person(catalogue, (flow.name, to), seen) for to in after)
    if step.kind in {"ask", "guide"} and GIVE_UP in flow.triggers(step.name):
        return _leads_to_a_person(catalogue, (flow.name, flow.move(step.name, GIVE_UP)), seen)
    return False


def _loops(catalogue: Catalogue) -> Iterator[Fault]:
    """Steps that lead on to each other without ever waiting for the customer would run away in one turn."""
    follow: dict[Node, list[Node]] = {}
    for flow in catalogue.flows.values():
        for step in flow.steps.values():
            if step.kind == "lookup":
                follow[flow.name, step.name] = [(flow.name, to) for to in sorted(_after(flow, step.name))]
            elif step.kind == "go" and step.flow in catalogue.flows:
                follow[flow.name, step.name] = [(step.flow, catalogue.flows[step.flow].start)]
    for node in follow:
        seen: set[Node] = set()
        edge = list(follow[node])
        while edge:
            here = edge.pop()
            if here not in seen and here in follow:
                seen.add(here)
                edge.extend(follow[here])
        if node in seen:
            yield Fault(*node, "can come back to itself without waiting for the customer")
