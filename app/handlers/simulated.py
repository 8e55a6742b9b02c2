"""A handset on the simulated network, with what the bank knows of its texts beside what the handset knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from app.flows.code_place import CODE
from app.flows.play import Play
from app.flows.vocabulary import Context, Conversation
from app.gateways.faults import Fault, Kind
from app.gateways.network import HandsetOff, Network
from app.gateways.network_file import HandsetText
from app.gateways.parts import Size, measure
from app.gateways.port import Status
from app.gateways.simulator import SimulatorGateway
from app.handlers.service import Service
from app.store import conversations, threads

Tick = Literal["none", "waiting", "sent", "delivered", "failed"]
"""How far the bank knows one of its texts to have come; `none` for a text that is not the bank's."""

MOST_TEXTS = 80
ON_ITS_WAY = timedelta(seconds=2)
"""A text of ours younger than this is about to reach the network, and is shown when it does."""

FAULTS: dict[str, Fault] = {
    "reversed": Fault(Kind.CALLBACKS_REVERSED),
    "never": Fault(Kind.CALLBACKS_NEVER),
    "repeated": Fault(Kind.CALLBACKS_TWICE),
    "silent": Fault(Kind.SILENT),
}
"""What the bank's next text to a handset can meet, by the name that the page uses."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One text. `ours`: from the bank. `arrived`: the handset has it. `reason`: why it stopped, with `code` if the
    network gave one."""

    id: str
    ours: bool
    body: str
    at: datetime
    parts: int
    units: int
    tick: Tick
    reason: str
    code: str
    arrived: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """`revision` changes with whatever is shown. `answers`: what the customer may reply now, (what to send, label)."""

    revision: str
    texts: tuple[Shown, ...]
    switched_on: bool
    blocked: bool
    language: str
    answers: tuple[tuple[str, str], ...]


def thread(service: Service, phone: str) -> Thread:
    """The last texts of a handset, oldest first."""
    network = network_of(service)
    handset, on_air = network.handset(phone), network.texts(phone)[-MOST_TEXTS:]
    with service.database.begin() as connection:
        sent = threads.messages(connection, phone, MOST_TEXTS)
        conversation = conversations.read(connection, phone)
    by_gateway = {row.gateway_id: row for row in sent if row.gateway_id}
    shown = [_shown(text, by_gateway.get(text.gateway_id)) for text in on_air]
    shown += [_never_left(row) for row in sent if _stays_behind(row, service.clock())]
    shown.sort(key=lambda text: text.at)
    answers = _code(service, on_air, by_gateway) + _answers(service, conversation)
    language = conversation.language if conversation else ""
    seen = (tuple(shown), handset, answers, language)
    return Thread(
        f"{hash(seen) & 0xFFFFFFFFFFFF:x}", tuple(shown), handset.switched_on, handset.blocked, language, answers
    )


def text_in(service: Service, phone: str, bodies: Sequence[str], *, copies: int = 1, then_off: bool = False) -> None:
    """The customer sends `bodies` at one moment, and the network delivers each `copies` times. With `then_off` the
    handset is switched off before any answer can reach it. Raises `HandsetOff`."""
    network = network_of(service)
    for body in bodies:
        sid = network.text_in(phone, body)
        for _ in range(copies - 1):
            network.text_in(phone, body, sid=sid)
    if then_off:
        network.switch(phone, False)
    service.wake("network")  # after all of them, so that they are under way together


def meet(service: Service, phone: str, fault: str) -> None:
    """The bank's next text to this number meets a fault of `FAULTS`. Raises KeyError for another name."""
    network_of(service).plan(FAULTS[fault], phone)


def switch(service: Service, phone: str, on: bool) -> None:
    """The customer's handset goes off, or on: then what waited for it arrives."""
    network_of(service).switch(phone, on)
    service.wake("network")


def block(service: Service, phone: str) -> None:
    """The network refuses every text to the number (21610) until the customer texts START."""
    network_of(service).block(phone)


def size(body: str) -> Size:
    """Parts and units of a text on the air."""
    return measure(body)


def network_of(service: Service) -> Network:
    """Raises TypeError when the service sends through a real network."""
    if not isinstance(service.gateway, SimulatorGateway):
        raise TypeError(f"{service.gateway.name} has a network of its own")
    return service.gateway.network


def _shown(text: HandsetText, row: Any) -> Shown:
    tick, reason, code = _tick(row) if row is not None else ("none", "", "")
    return Shown(
        id=f"t{text.id}",
        ours=text.to_handset,
        body=text.body,
        at=text.at,
        parts=text.parts,
        units=measure(text.body).units,
        tick=tick,
        reason=reason,
        code=code,
        arrived=text.status in {Status.DELIVERED, Status.READ},
    )


def _never_left(row: Any) -> Shown:
    body = row.body.replace(CODE, "••••••")
    tick, reason, code = _tick(row)
    return Shown(f"m{row.id}", True, body, row.created_at, row.parts, measure(body).units, tick, reason, code, False)


def _stays_behind(row: Any, now: datetime) -> bool:
    """A text of ours that the network does not have, and not only because it is just leaving."""
    if row.gateway_id:
        return False
    return row.state in {"failed", "withheld", "withdrawn"} or now - row.created_at > ON_ITS_WAY


def _tick(row: Any) -> tuple[Tick, str, str]:
    """What the bank's own row says, not the network: so a page shows law 8 at work."""
    code = row.error_code or ""
    if row.state in {"failed", "withheld", "withdrawn"}:
        return "failed", row.reason or row.state, code
    if row.status >= Status.READ or row.status == Status.DELIVERED:
        return "delivered", "", ""
    if row.status >= Status.UNDELIVERED:
        return "failed", "undelivered", code
    if row.status >= Status.SENT:
        return "sent", "", ""
    return "waiting", "unsettled" if row.state == "unsettled" else "", ""


def _code(service: Service, on_air: Sequence[HandsetText], by_gateway: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The one-time code of the last text that arrived, as a real handset offers it above its keyboard."""
    arrived = [text for text in on_air if text.to_handset and text.status is Status.DELIVERED]
    row = by_gateway.get(arrived[-1].gateway_id) if arrived else None
    if row is None or not row.code_id:
        return ()
    found = re.search(rf"(?<!\d)\d{{{service.code_digits}}}(?!\d)", arrived[-1].body)
    return ((found[0], ""),) if found else ()


def _answers(service: Service, conversation: Conversation | None) -> tuple[tuple[str, str], ...]:
    """The options of the open question, from the flow itself rather than from the words of its text."""
    if conversation is None or conversation.place is None:
        return ()
    if conversation.place.flow not in service.catalogue.flows:
        return ()
    context = Context(now=service.clock().astimezone(service.zone), hotline=service.hotline, caller=service.caller)
    play = Play(conversation, context, service.catalogue)
    if conversation.place.step not in play.flow.steps:
        return ()
    return tuple((option.key, option.words[0] if option.words else "") for option in play.options())


__all__ = ["FAULTS", "HandsetOff", "Shown", "Thread", "block", "meet", "size", "switch", "text_in", "thread"]
