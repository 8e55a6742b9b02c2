"""The ordered table of words that work anywhere, ahead of every flow.

The first row whose meaning was heard and whose condition holds acts; a row that answers False lets the next one look.
"""

from __future__ import annotations

from collections.abc import Callable

from app.flows.answers import outcome_of
from app.flows.play import Play
from app.flows.reading.meaning import SURE, Reading
from app.flows.vocabulary import BOT, Consent, Note, Relay, Scope

ANYTHING = "anything"
MOVES_CALLBACK = frozenset({"g", "改时间", "改约", "改期", "换时间", "reschedule"})
CANCELS_CALLBACK = frozenset({"q", "取消", "取消回电", "取消预约", "取消电话", "cancel"})
REVOCABLE: tuple[Scope, ...] = ("commercial", "reminders")
"""What a customer's reply refuses and lifts; the block of `gateway` is the gateway's own."""
Condition = Callable[[Play], bool]
Action = Callable[[Play, Reading], bool]


def always(_: Play) -> bool:
    return True


def with_agent(play: Play) -> bool:
    return play.owner != BOT


def has_callback(play: Play) -> bool:
    return bool(play.context.callback)


def opt_out(play: Play, reading: Reading) -> bool:
    """Law 5 and rule 1: takes effect at once, in any state; confirmed once; nothing is said if it already holds."""
    if reading.score < SURE:
        return not _is_for_callback(play, reading) and _ask_about_refusal(play)
    wanted = REVOCABLE if reading.values.scope == "all" else REVOCABLE[:1]
    new = [scope for scope in wanted if scope not in play.context.refused]
    if not new:
        play.note("already_refused")
        return True
    for scope in new:
        play.effects.append(Consent(scope, "refused", "reply"))
    if play.place is not None and play.place.flow == "optout":
        play.leave()
    play.say("optout.all" if reading.values.scope == "all" else "optout.done")
    return True


def _is_for_callback(play: Play, reading: Reading) -> bool:
    """A bare 取消 of somebody who has a callback booked, and no question open, is about that."""
    return has_callback(play) and play.place is None and reading.values.said.strip().casefold() in CANCELS_CALLBACK


def _ask_about_refusal(play: Play) -> bool:
    if play.owner != BOT or "commercial" in play.context.refused:
        return False
    if play.place is not None and play.place.flow == "optout":
        return False  # asked once already: the open question reads the answer
    play.start("optout")
    return True


def opt_in(play: Play, reading: Reading) -> bool:
    """Only an explicit wish lifts a refusal (rule 3)."""
    if reading.score < SURE:
        return False
    held = [scope for scope in REVOCABLE if scope in play.context.refused]
    for scope in held:
        play.effects.append(Consent(scope, "granted", "reply"))
    if not held:
        play.effects.append(Consent("commercial", "granted", "reply"))
    play.say("optin.done")
    return True


def relay(play: Play, _: Reading) -> bool:
    play.effects.append(Relay())
    return True


def warn_of_secrets(play: Play, _: Reading) -> bool:
    play.say("guard.secret")
    if play.place is not None and play.step.kind in {"ask", "guide"} and (play.verified or not play.step.figures):
        play.prompt(again=True)  # a figure is not told again once its proof is over (law 10); the question stays open
    return True


def change_callback(play: Play, reading: Reading) -> bool:
    """G and Q under a booking's confirmation work until the call, unless the open question offers them itself."""
    said = reading.values.said.strip().casefold()
    if any(option.key.casefold() == said for option in play.options()):
        return False
    if said in MOVES_CALLBACK:
        play.start("callback_move")
    elif said in CANCELS_CALLBACK:
        play.start("callback_cancel")
    else:
        return False
    return True


def starts(flow: str, *, forget: bool = False) -> Action:
    """Leads into a flow. `forget`: whatever was open is not resumed, since it may concern somebody else."""

    def start(play: Play, reading: Reading) -> bool:
        if reading.score < SURE or (play.place is not None and play.place.flow == flow):
            return False
        if forget:
            play.leave()
            play.beneath.clear()
            play.verified_until = None
        play.start(flow, {"said": reading.values.said})
        return True

    return start


def answer_the_agents_code(play: Play, reading: Reading) -> bool:
    """While an agent holds the conversation only the code that they asked for is read; all else is for the agent."""
    given = outcome_of(play, reading)
    if given is None or not given.when:
        return False
    play.effects.append(Relay())
    play.secret = given.secret
    play.move(given.when, given.slots)
    return True


INTERRUPTS: list[tuple[str, Condition, Action]] = [
    # heard           while          do
    ("opt_out",       always,        opt_out),  # outranks agents
    ("opt_in",        always,        opt_in),
    (ANYTHING,        with_agent,    answer_the_agents_code),
    (ANYTHING,        with_agent,    relay),
    ("secret_sent",   always,        warn_of_secrets),
    (ANYTHING,        has_callback,  change_callback),
    ("wrong_person",  always,        starts("wrong_person", forget=True)),
    ("fraud_suspect", always,        starts("fraud")),
    ("complaint",     always,        starts("complaint")),
    ("human_agent",   always,        starts("human")),
    ("help",          always,        starts("menu")),
]  # fmt: skip

# Words that must keep their meaning everywhere: no flow may offer one of them as an answer (`flows check`).
RESERVED = frozenset({"td", "退订", "stop", "hf", "恢复", "人工", "rg", "帮助", "bz", "?", "help", "agent"})


def interrupt(play: Play, reading: Reading) -> bool:
    """True when a row of the table acted on the text."""
    for heard, holds, act in INTERRUPTS:
        if heard in (ANYTHING, reading.meaning) and holds(play) and act(play, reading):
            play.effects.append(Note(f"interrupt:{act.__name__}"))
            return True
    return False
