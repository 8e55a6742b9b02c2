"""A picture guide by e-mail, which an agent sends beside a text (A13): both are queued, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from app.flows.vocabulary import Conversation, Say
from app.handlers.agent_acted.holding import held
from app.handlers.agent_acted.replying import say
from app.handlers.care import guide_mail
from app.handlers.service import Service
from app.store import talks

Why = Literal["no_channel", "no_guide", "no_address", "again", "often"]


class CannotMail(ValueError):
    """No mail can go. `why`: the bank sends none · there is no such guide in the customer's language · there is not
    one address · the guide went there within the hour · five mails went there within a day."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Mailing:
    """What an agent may send. `here`: the guide in which the customer stood, empty when it was none. `box`: the masked
    address, empty when there is none to write to. `words`: of the text, unless the agent has better ones."""

    guides: tuple[str, ...]
    here: str
    box: str
    words: str


def mailing(service: Service, connection: Connection, conversation: Conversation, place: str) -> Mailing | None:
    """None when the bank sends no mail. `place`: where the customer stood when they came (`guide_draw.steps.2`)."""
    if service.mailer is None:
        return None
    guides, here = tuple(_guides(service, conversation.language)), guide_mail.guide_at(service.catalogue, place)
    _, box = guide_mail.mailbox(connection, conversation.phone)
    if not box:
        return Mailing(guides, here, "", "")
    masked = guide_mail.masked(box)
    told = Say("by_mail.sent", {"address": masked, "hotline": service.hotline})
    return Mailing(guides, here, masked, service.catalogue.texts.render(conversation.language, told))


def send_guide(
    service: Service, ticket_id: int, agent: str, guide: str, text: str, *, token: str = "", address: str = ""
) -> int:
    """Queues the mail and the agent's text that tells of it; the message id of the text.

    `token`: as of `reply`. Raises `NotYours`, `CannotMail`, `Refused` by the content gate, and ValueError for a ticket
    that is no conversation.
    """
    with held(service, ticket_id, agent, address) as act:
        if sent := talks.sent_with(act.connection, ticket_id, agent, token):
            return sent
        act.require_mine()
        if not act.is_talk:
            raise ValueError("a flag has no conversation in which a guide could be sent")
        phone, language = act.ticket.phone, act.conversation.language
        if service.mailer is None:
            raise CannotMail("no_channel")
        if guide not in _guides(service, language):
            raise CannotMail("no_guide")
        customer_id, box = guide_mail.mailbox(act.connection, phone)
        if not box:
            raise CannotMail("no_address")
        if why := guide_mail.too_many(act.connection, phone, guide, act.now):
            raise CannotMail(why)
        message_id = say(act, text)
        guide_mail.queue(
            act.connection,
            phone=phone,
            customer_id=customer_id,
            guide=guide,
            language=language,
            now=act.now,
            message_id=message_id,
            ticket=ticket_id,
        )
        told = {"message": message_id, "guide": guide, **({"token": token} if token else {})}
        act.record("ticket.guide", told)
        act.wakes.add("companions")
    return message_id


def _guides(service: Service, language: str) -> list[str]:
    return [name for name, guide in service.catalogue.texts.guides.items() if language in guide.steps]
