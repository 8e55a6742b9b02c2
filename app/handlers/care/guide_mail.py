"""A guide by e-mail: asked for by a customer who is in it, or sent beside a text (A13)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from app.companions.email import is_address
from app.companions.guide_letter import Guide, Reader, letter
from app.companions.port import Letter
from app.flows.library import Catalogue
from app.handlers.service import Service
from app.rules.titles import address
from app.store import companions, people
from app.store.companions import NewCompanion

PREFIX = "guide:"
TICKET = "ticket"
"""In the detail of a mail that an agent sent: in which ticket."""
ONCE_IN = timedelta(hours=1)
"""The same guide to the same mailbox."""
MOST_A_DAY = 5
VALID = timedelta(hours=4)
"""A mail that could not be handed in for so long comes too late for whoever stands in a guide."""


def queue(
    connection: Connection,
    *,
    phone: str,
    customer_id: str,
    guide: str,
    language: str,
    now: datetime,
    message_id: int | None = None,
    ticket: int | None = None,
) -> int:
    """A mail with the guide for this customer, due now; its id. `message_id`: the text that it goes beside; `ticket`:
    where an agent sends it. The caller commits and wakes `companions`. The address is read when it is sent."""
    new = NewCompanion(
        phone=phone,
        customer_id=customer_id,
        channel="email",
        subject=f"{PREFIX}{guide}",
        token=secrets.token_urlsafe(24),
        language=language,
        message_id=message_id,
        detail={} if ticket is None else {TICKET: ticket},
        due_at=now,
        expires_at=now + VALID,
    )
    return companions.add(connection, new, now)


def too_many(connection: Connection, phone: str, guide: str, now: datetime) -> Literal["", "again", "often"]:
    """Why no mail with this guide goes to a number now: `again`, it went there within the hour; `often`, the number has
    had its mails of a day. Those that failed do not count."""
    had = companions.mails_since(connection, phone, now - timedelta(days=1))
    if any(row.subject == f"{PREFIX}{guide}" and row.created_at > now - ONCE_IN for row in had):
        return "again"
    return "often" if len(had) >= MOST_A_DAY else ""


def guide_at(catalogue: Catalogue, where: str) -> str:
    """The guide in which a customer stands, by their place (`guide_draw.steps.2`); empty when it is none."""
    flow, _, rest = where.partition(".")
    found = catalogue.flows.get(flow)
    step = found.steps.get(rest.partition(".")[0]) if found else None
    return step.guide if step else ""


def mailbox(connection: Connection, phone: str) -> tuple[str, str]:
    """The one customer of a number who has an address, and the address; both empty when nobody has, or when the number
    has several customers with different ones: a mail must not go to the other."""
    found = [people.customer(connection, row.customer_id) for row in people.bound(connection, phone)]
    boxes = {known["email"]: known["customer_id"] for known in found if known and is_address(known["email"])}
    if len(boxes) != 1:
        return "", ""
    ((box, customer_id),) = boxes.items()
    return customer_id, box


def masked(box: str) -> str:
    """`w***@...cn`: enough for its owner to know it again, and useless to anybody else. ASCII, since another dot would
    double the parts of an English text."""
    return f"{box[0]}***@...{box.rpartition('.')[2]}"


def written(
    service: Service, *, token: str, guide: str, language: str, box: str, name: str, title: str
) -> Letter | None:
    """The mail; None when the release has no such guide any more."""
    texts = service.catalogue.texts
    known = texts.guides.get(guide)
    if known is None or language not in known.steps:
        return None
    values = {"info_link": service.info_link}
    steps = [texts.fill(language, step, values) for step in known.steps[language]]
    return letter(
        token,
        Reader(box, language, address(name, title, language)),
        Guide(known.titles[language], steps),
        bank=service.name(language),
        hotline=service.hotline,
    )
