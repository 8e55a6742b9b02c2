"""The picture guide by e-mail, as a customer asks for it (A13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.handlers.care import guide_mail

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]


def mail_guide(done: Round, slots: Mapping[str, str]) -> Found:
    """sent · again (it went a short while ago) · nowhere (no address) · which (no guide is open) · unable."""
    service, connection, phone = done.service, done.connection, done.conversation.phone
    guide = guide_mail.guide_at(service.catalogue, slots.get("where", ""))
    if not guide:
        return "which", {}
    if service.mailer is None:
        return "unable", {}
    customer_id, box = guide_mail.mailbox(connection, phone)
    if not box:
        return "nowhere", {}
    address = {"address": guide_mail.masked(box)}
    match guide_mail.too_many(connection, phone, guide, done.now):
        case "again":
            return "again", address
        case "often":
            return "unable", {}
    guide_mail.queue(
        connection,
        phone=phone,
        customer_id=customer_id,
        guide=guide,
        language=done.conversation.language,
        now=done.now,
    )
    done.wakes.add("companions")
    return "sent", address
