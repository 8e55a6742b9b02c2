"""What audit rows say to people: what was done, to what, and what matters of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.store.tables.agents import ROLES
from app.web.console import console, names
from app.web.console.navigation import role_name

DEEDS = {
    "account.factor": _l("set up the second factor"),
    "account.factor_dropped": _l("took the second factor away"),
    "account.interface": _l("chose a language"),
    "account.password": _l("changed the password"),
    "account.theme": _l("chose an appearance"),
    "agent.add": _l("added a person"),
    "agent.disable": _l("closed an account"),
    "agent.enable": _l("opened an account again"),
    "agent.end_sessions": _l("signed somebody out everywhere"),
    "agent.reset": _l("gave a new one-time password"),
    "agent.role": _l("changed a role"),
    "agent.status": _l("set available or away"),
    "agent.unlock": _l("ended a lock"),
    "agent.work": _l("changed what somebody takes on"),
    "audit.export": _l("took the audit away as a file"),
    "callback.failed": _l("called twice in vain"),
    "callback.lost": _l("left a call open too long"),
    "callback.moved": _l("moved a callback"),
    "callback.no_answer": _l("called and reached nobody"),
    "callback.reached": _l("reached the customer"),
    "callback.rebook": _l("booked another time"),
    "callback.retry": _l("reached nobody; there is a second try"),
    "callback.start": _l("started a call and saw the number"),
    "callback.wrong_number": _l("called a wrong number"),
    "closures.set": _l("changed the bank's own dates"),
    "code.ask": _l("asked the customer for a code"),
    "customer.reveal": _l("looked at a masked fact"),
    "note.add": _l("wrote a note"),
    "plan.start": _l("started a run of the planner"),
    "programme.off": _l("switched a programme off"),
    "programme.on": _l("switched a programme on"),
    "reply.add": _l("wrote a canned reply"),
    "reply.edit": _l("changed a canned reply"),
    "reply.remove": _l("took a canned reply out"),
    "reply.restore": _l("gave a shipped reply back"),
    "retention.drop": _l("dropped what was past its time"),
    "routing.set": _l("changed who gets conversations"),
    "search.look": _l("searched for a customer"),
    "second_factor.set": _l("changed who needs a second factor"),
    "self_check.run": _l("ran a self-check"),
    "sender.file": _l("put a sender number on file"),
    "sender.remove": _l("took a sender number off the file"),
    "session.begin": _l("signed in"),
    "session.end": _l("signed out"),
    "session.end_others": _l("ended the other sessions"),
    "session.lock": _l("was locked after wrong tries"),
    "session.refuse": _l("could not sign in"),
    "sessions.set": _l("changed how long sessions last"),
    "survey.set": _l("changed the question after closing"),
    "template.approve": _l("approved a text"),
    "template.draft": _l("wrote a new version of a text"),
    "template.reject": _l("rejected a text"),
    "template.retire": _l("retired a text"),
    "ticket.claim": _l("claimed a conversation"),
    "ticket.close": _l("closed a conversation"),
    "ticket.flag": _l("raised a flag"),
    "ticket.guide": _l("sent a picture guide by e-mail"),
    "ticket.offer": _l("offered a conversation"),
    "ticket.read": _l("read a conversation"),
    "ticket.reassign": _l("gave a conversation to somebody"),
    "ticket.release": _l("handed a conversation back to the bot"),
    "ticket.reply": _l("wrote to the customer"),
    "ticket.return": _l("put a left conversation back into the queue"),
    "ticket.take_over": _l("took a conversation over"),
    "ticket.transfer": _l("handed a conversation on"),
    "trial.declare": _l("began a comparison of arms"),
    "wording.set": _l("changed the words when nobody is there"),
    "working_hours.set": _l("changed the working hours"),
}
THINGS = {
    "ticket": _l("Conversations"),
    "callback": _l("Callbacks"),
    "customer": _l("Facts of customers"),
    "search": _l("Searches"),
    "session": _l("Signing in"),
    "agent": _l("People"),
    "account": _l("Own accounts"),
    "reply": _l("Canned replies"),
    "template": _l("Templates"),
    "programme": _l("Programmes"),
    "plan": _l("Plans"),
    "working_hours": _l("Working hours"),
    "audit": _l("The audit"),
}
KEYS = {
    "to": _l("to"),
    "from": _l("from"),
    "fact": _l("fact"),
    "outcome": _l("outcome"),
    "role": _l("role"),
    "by": _l("by"),
    "why": _l("why"),
    "tries": _l("tries"),
    "kind": _l("kind"),
    "found": _l("found"),
    "topic": _l("topic"),
    "flow": _l("flow"),
    "offer": _l("offer"),
    "survey": _l("survey"),
    "message": _l("text"),
    "guide": _l("guide"),
}
"""What stands beside the sentence; all else is behind a click."""
VALUES: dict[str, Mapping[str, object]] = {
    "outcome": names.OUTCOMES,
    "fact": names.FACTS,
    "kind": {
        "number": _l("by the end of the number"),
        "customer": _l("by customer id"),
        "words": _l("by words of texts"),
    },
    "why": {
        "password": _l("wrong password"),
        "code": _l("wrong code"),
        "locked": _l("locked"),
        "disabled": _l("account closed"),
    },
    "by": {"password": _l("with a password"), "code": _l("with a code")},
    "to": {"away": _l("away"), "available": _l("available"), "dark": _l("dark"), "light": _l("light")},
}
"""Names of values, by key."""


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """What the filter offers, by thing: all of it first, then its single deeds. The last group holds the rest."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    left = dict(DEEDS)
    for thing, name in THINGS.items():
        single = [(deed, str(left.pop(deed))) for deed in DEEDS if deed.partition(".")[0] == thing]
        groups.append((str(name), [(thing, _("%(thing)s: everything", thing=name)), *single]))
    return [*groups, (_("Settings"), [(deed, str(said)) for deed, said in left.items()])]


def subject_meant(typed: str, people: Mapping[int, str]) -> str:
    """What an auditor types for a subject, as rows have it: `Ticket 17`, `工单17` and `ticket:17` are the same, and a
    person goes by name."""
    typed = "".join(typed.split())
    for thing, said in (("ticket", _("Ticket %(n)s", n="")), ("callback", _("Callback %(n)s", n=""))):
        for word in (thing, "".join(said.split())):
            rest = typed[len(word) :].lstrip(":：#")
            if typed.lower().startswith(word.lower()) and rest.isdecimal():
                return f"{thing}:{rest}"
    return next((f"agent:{number}" for number, name in people.items() if name == typed), typed)


@console.app_template_filter("deed")
def deed(action: str) -> str:
    """`ticket.claim` as a sentence without its subject; itself, made legible, when nobody has said it."""
    return str(DEEDS[action]) if action in DEEDS else action.replace(".", " ").replace("_", " ")


@console.app_template_filter("subject_said")
def subject_said(subject: str, people: Mapping[int, str]) -> str:
    """`ticket:17` -> Ticket 17; a person by name."""
    thing, _colon, rest = subject.partition(":")
    if thing == "agent" and rest.isdecimal():
        return people.get(int(rest), subject)
    if thing == "ticket":
        return _("Ticket %(n)s", n=rest)
    if thing == "callback":
        return _("Callback %(n)s", n=rest)
    if thing == "reply":
        language, _colon, shortcut = rest.partition(":")
        return f"/{shortcut} {names.language_name(language)}"
    if thing == "template":
        language, _colon, key = rest.partition(":")
        return f"{key} {names.language_name(language)}"
    if thing in {"programme", "plan"}:
        return rest
    return "" if thing in {"option", "audit", "search"} else subject


@console.app_template_filter("beside")
def beside(detail: Mapping[str, Any]) -> str:
    """What matters of the detail, in a line."""
    told = []
    for key, name in KEYS.items():
        value = detail.get(key)
        if value in (None, "", False) or isinstance(value, (dict, list)):
            continue
        if key == "topic":
            value = names.topic_name(str(value))
        elif key == "flow":
            value = names.flow_name(str(value)) or value
        elif key == "role" or value in ROLES:
            value = role_name(str(value))
        elif value is True:
            value = _("yes")
        else:
            value = VALUES.get(key, {}).get(str(value), value)
        told.append(_("%(name)s: %(value)s", name=name, value=value))
    return " · ".join(told)
