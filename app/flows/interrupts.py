"""The ordered table of words that work anywhere, ahead of every flow.

The first row whose meaning was heard and whose condition holds acts; a row that answers False lets the next one look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.flows.answers import outcome_of
from app.flows.besides import forget, is_stranger, queue, serve_the_rest
from app.flows.grave import grave_words
from app.flows.play import Play
from app.flows.reading import rules
from app.flows.reading.grave import grave
from app.flows.reading.meaning import SURE, Meaning, Reading, Wanted
from app.flows.reading.refusals import asked_about, denied
from app.flows.rearranged import call_word, is_dropped, rearrange
from app.flows.vocabulary import BOT, Consent, Note, Relay, Scope

ANYTHING = "anything"
REVOCABLE: Mapping[Wanted, tuple[Scope, ...]] = {
    "commercial": ("commercial",),
    "reminders": ("reminders",),
    "all": ("commercial", "reminders"),
}
"""What a customer's reply refuses, by what it names, and lifts; the block of `gateway` is the gateway's own."""
SAID: Mapping[Wanted, str] = {"commercial": "optout.done", "reminders": "optout.reminders", "all": "optout.all"}
FIGURES: frozenset[Meaning] = frozenset({"quota_query", "repayment_amount", "repayment_date"})
Condition = Callable[[Play], bool]
Action = Callable[[Play, Reading], bool]


def always(_: Play) -> bool:
    return True


def with_agent(play: Play) -> bool:
    return play.owner != BOT


def has_callback(play: Play) -> bool:
    return bool(play.context.callback)


def opt_out(play: Play, reading: Reading) -> bool:
    """Law 5 and rule 1: takes effect at once, in any state, and is confirmed once. To whom the bank's file refuses
    already it is news that we know."""
    if reading.score < SURE:
        return grave_words(play, reading) or (not _is_for_callback(play, reading) and _may_refuse(play, reading))
    found = grave(reading.values.plain)
    stranger = found is None and play.owner == BOT and is_stranger(reading)
    wanted: Wanted = "all" if stranger or found == "bereaved" else reading.values.scope
    new = [scope for scope in REVOCABLE[wanted] if scope not in play.context.refused - play.context.told]
    if not new:
        play.note("already_refused")
    for scope in new:
        play.effects.append(Consent(scope, "refused", "reply"))
    if new and play.place is not None and play.place.flow == "optout":
        play.leave()
    if new:
        play.say("optout.stranger" if stranger else SAID[wanted])
    if not grave_words(play, reading):
        serve_the_rest(play, reading)
    return True


def _is_for_callback(play: Play, reading: Reading) -> bool:
    """A bare 取消 of somebody who has a callback booked, and no question open, is about that; and so is 不用打了."""
    if is_dropped(play, reading):
        return True
    return has_callback(play) and play.place is None and call_word(reading.values.plain)[1] == "cancels"


def _may_refuse(play: Play, reading: Reading) -> bool:
    """Asks about it, once; what else was said waits for the answer. A stranger is asked nothing: the number is nobody's
    then, which stops all that could be refused."""
    if play.owner != BOT:
        return False
    refused = "commercial" in play.context.refused
    if is_stranger(reading) or (refused and reading.also):
        serve_the_rest(play, reading)
        return True
    if refused or (play.place is not None and play.place.flow == "optout"):
        return False  # the open question reads the answer
    play.start("optout")
    queue(play, reading.also)
    return True


def opt_in(play: Play, reading: Reading) -> bool:
    """Only an explicit wish lifts a refusal (rule 3)."""
    if reading.score < SURE:
        return False
    held = [scope for scope in REVOCABLE["all"] if scope in play.context.refused]
    if not held and denied(reading.values.plain):
        play.say("optout.kept")  # "我不是要退订" is no agreement to offers
        return True
    for scope in held:
        play.effects.append(Consent(scope, "granted", "reply"))
    if not held:
        play.effects.append(Consent("commercial", "granted", "reply"))
    play.say("optin.done")
    return True


def tell_of_refusing(play: Play, reading: Reading) -> bool:
    """What refusing does, for who asks and refuses nothing. An open question stays open."""
    if (reading.meaning != "out_of_scope" and reading.score >= SURE) or not asked_about(reading.values.plain):
        return False
    play.say("optout.about")
    _ask_again(play)
    return True


def tell_owners_only(play: Play, reading: Reading) -> bool:
    """Law 10: a figure of somebody else's is not told, nor one's own in its place."""
    if reading.score >= SURE and reading.meaning not in FIGURES:
        return False
    if play.place is not None and play.step.kind == "ask" and play.step.reads in ("free", "nothing"):
        return False  # who asked to be told, or waits with the customer, reads it
    if not rules.says("whose", "another", reading.values.plain):
        return False
    play.say("guard.another")
    _ask_again(play)
    return True


def _ask_again(play: Play) -> None:
    if play.place is not None and play.step.kind == "ask" and not play.step.lightly:
        play.prompt(again=True)


def relay(play: Play, _: Reading) -> bool:
    play.effects.append(Relay())
    return True


def warn_of_secrets(play: Play, reading: Reading) -> bool:
    play.say("guard.secret")
    if grave_words(play, reading):
        return True
    if play.place is not None and play.step.kind in {"ask", "guide"} and (play.verified or not play.step.figures):
        play.prompt(again=True)  # a figure is not told again once its proof is over (law 10); the question stays open
    return True


def change_callback(play: Play, reading: Reading) -> bool:
    """G and Q under a booking's confirmation work until the call, unless the open question offers them itself."""
    said, does = call_word(reading.values.plain)
    if not does or any(option.key.casefold() == said for option in play.options()):
        return False
    play.start("callback_move" if does == "moves" else "callback_cancel")
    return True


def starts(flow: str, *, afresh: bool = False) -> Action:
    """Leads into a flow. `afresh`: whatever was open is not resumed, since it may concern somebody else."""

    def start(play: Play, reading: Reading) -> bool:
        if reading.score < SURE or (play.place is not None and play.place.flow == flow):
            return False
        if afresh:
            forget(play)
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
    (ANYTHING,        always,        grave_words),
    (ANYTHING,        has_callback,  change_callback),
    ("wrong_person",  always,        starts("wrong_person", afresh=True)),
    ("fraud_suspect", always,        starts("fraud")),
    ("complaint",     always,        starts("complaint")),
    ("human_agent",   always,        starts("human")),
    ("help",          always,        starts("menu")),
    (ANYTHING,        always,        tell_owners_only),
    (ANYTHING,        always,        tell_of_refusing),
    (ANYTHING,        always,        rearrange),  # "别打了，我要投诉" is a complaint
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
