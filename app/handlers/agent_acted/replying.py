"""Replying: an agent's words, judged by the content gate before they are queued (B6)."""

from __future__ import annotations

from dataclasses import replace

from app.flows.reading.masking import secrets_in
from app.handlers.agent_acted.claiming import ALIVE
from app.handlers.agent_acted.holding import Held, held, owner
from app.handlers.compose import written
from app.handlers.desk.numbers import proven
from app.handlers.service import Service
from app.rules.gate import CODES, Draft, Verdict
from app.rules.gate import judge as judged
from app.rules.purpose import Purpose
from app.rules.refusal_words import refusal_words
from app.store import codes, facts, outbox, people, staffing, talks

FIGURES = "figures_unverified"


class Refused(ValueError):
    """The content gate lets the text not leave. `verdict` has every reason with its code; the message says them."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(" ".join(dict.fromkeys(CODES[reason.code].sentence for reason in verdict.refusals)))
        self.verdict = verdict


def judge(service: Service, ticket_id: int, agent: str, text: str, *, offer: bool = False) -> Verdict:
    """What the gate says of a text before it is sent. `offer`: it is commercial. Raises `NotYours`."""
    with held(service, ticket_id, agent, "") as act:
        act.wakes.clear()
        act.require_mine()
        return judged(_draft(act, text, offer))


def reply(
    service: Service,
    ticket_id: int,
    agent: str,
    text: str,
    *,
    offer: bool = False,
    token: str = "",
    address: str = "",
) -> int:
    """Queues an agent's text to the customer; its message id. Raises `NotYours`, and `Refused` by the content gate.

    `token`: the same one again (a double click, a page that was sent once more) queues nothing, and gives the same id.
    """
    with held(service, ticket_id, agent, address) as act:
        if sent := talks.sent_with(act.connection, ticket_id, agent, token):
            return sent
        act.require_mine()
        message_id = say(act, text, offer=offer)
        act.record("ticket.reply", {"message": message_id, "offer": offer, **({"token": token} if token else {})})
    return message_id


def say(act: Held, text: str, *, offer: bool = False) -> int:
    """Queues an agent's text as part of an act of theirs; its message id. The gate's word is the last: raises
    `Refused`."""
    service, draft = act.service, _draft(act, text, offer)
    verdict = judged(draft)
    if not verdict.allowed:
        raise Refused(verdict)
    message = written(
        service,
        phone=act.ticket.phone,
        purpose=draft.purpose,
        language=act.conversation.language,
        template="agent",
        words=draft.words,
        now=act.now,
        author=owner(act.agent),
        figures=_tells_figures(draft),
    )
    if message.figures and act.conversation.verified_until:
        message = replace(message, expires_at=min(message.expires_at, act.conversation.verified_until))
    message_id = outbox.queue(act.connection, message, act.now)
    staffing.alive(act.connection, [act.agent], act.now + ALIVE)
    act.tell()
    act.wakes.add("outbox")
    return message_id


def _draft(act: Held, text: str, offer: bool) -> Draft:
    service, connection, phone = act.service, act.connection, act.ticket.phone
    purpose: Purpose = "commercial" if offer else "answer"
    known = facts.gather(connection, phone, act.now)
    code = codes.latest(connection, phone)
    owners = [people.customer(connection, row.customer_id) or {} for row in people.bound(connection, phone)]
    return Draft(
        words=_with_refusal(service, text.strip(), act.conversation.language) if offer else text.strip(),
        language=act.conversation.language,
        purpose=purpose,
        count_parts=service.gateway.count_parts,
        signature=service.signature(act.conversation.language),
        verified=proven(connection, act.conversation, act.now) is not None,
        code_open=code is not None and code.state == "open" and act.now < code.expires_at,
        refused=known.refused,
        domains=service.domains,
        hotline=service.hotline,
        phones=frozenset(filter(None, (service.caller, *(one.get("manager_phone", "") for one in owners)))),
        names=frozenset(filter(None, (one.get("name", "") for one in owners))),
        secrets_in=secrets_in,
    )


def _with_refusal(service: Service, words: str, language: str) -> str:
    """An offer says at its end how to refuse: an agent need not remember that."""
    if not words or refusal_words(words):
        return words
    return f"{words}{' ' if language == 'en' else ''}{service.catalogue.texts.word(language, 'agent.refusal')}"


def _tells_figures(draft: Draft) -> bool:
    """A text with figures must not leave after the proof is over (law 10)."""
    return any(reason.code == FIGURES for reason in judged(replace(draft, verified=False)).reasons)
