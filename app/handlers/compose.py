"""From what a turn says to one text for the outbox: signed, counted, and lawful to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from app.flows.code_place import CODE
from app.flows.vocabulary import Conversation, Say
from app.handlers.service import Service
from app.rules.purpose import Purpose, hold_until, lane, validity
from app.store.outbox import NewMessage


class Untold(RuntimeError):
    """A turn would tell a figure to a number that has not proven itself: a bug, and nothing is said (law 10)."""


def compose(
    service: Service,
    conversation: Conversation,
    said: Sequence[Say],
    *,
    now: datetime,
    code_id: int | None,
    inbound_id: int | None,
    purpose: Purpose = "answer",
    own: Mapping[str, str] = MappingProxyType({}),
) -> NewMessage | None:
    """One text per turn, since two can overtake each other on the way. None when nothing is said. Raises `Untold`.

    `own`: the operator's words by key (`options.wording`)."""
    if not said:
        return None
    figures = any(say.figures for say in said)
    if figures and not (conversation.verified_until and now < conversation.verified_until):
        raise Untold("+".join(say.key for say in said))
    words = [service.catalogue.texts.render(conversation.language, say, own.get(say.key, "")) for say in said]
    if purpose == "answer" and any(say.code for say in said):
        purpose = "code"
    message = written(
        service,
        phone=conversation.phone,
        purpose=purpose,
        language=conversation.language,
        template="+".join(say.key for say in said),
        words="\n".join(word for word in words if word),
        now=now,
        code_id=code_id if purpose == "code" else None,
        figures=figures,
        inbound_id=inbound_id,
    )
    if figures and conversation.verified_until:
        # A busy gateway or a handset that is off must not tell a figure after the proof is over (law 10).
        message = replace(message, expires_at=min(message.expires_at, conversation.verified_until))
    return message


def written(
    service: Service,
    *,
    phone: str,
    purpose: Purpose,
    template: str,
    words: str,
    now: datetime,
    code_id: int | None = None,
    figures: bool = False,
    inbound_id: int | None = None,
    author: str = "bot",
    language: str = "zh-CN",
) -> NewMessage:
    """A text with the bank's signature in front, its parts counted, its times by its purpose."""
    body = f"{service.signature(language)}{words}"
    due = hold_until(purpose, now.astimezone(service.zone)) or now
    return NewMessage(
        phone=phone,
        purpose=purpose,
        lane=lane(purpose),
        template=template[:120],
        body=body,
        parts=service.gateway.count_parts(body.replace(CODE, "0" * service.code_digits)),
        due_at=due,
        expires_at=due + validity(purpose, due.astimezone(service.zone)),
        code_id=code_id,
        figures=figures,
        inbound_id=inbound_id,
        author=author,
    )
