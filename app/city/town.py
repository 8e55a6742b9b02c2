"""The customers at their phones, and the network that carries what they say until it is acknowledged, or more often."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from app.city.agenda import Agenda
from app.city.air import INBOUND, TOKEN, Air, inbound_form
from app.city.characters import CODE, OFFER, SAID, Line, script
from app.city.clock import FastClock
from app.city.faults import Faults
from app.city.gateway import Gateway
from app.city.ledger import Ledger, Text, Try
from app.city.replies import reply
from app.city.roster import LISTENER, Customer

REFUSALS = frozenset({"TD", "td", "退订", "STOP"})
AGAIN = 1.0
"""Seconds until a text that was not acknowledged is delivered once more."""
LOOKS_FOR_CODE = 20
LOOK_EVERY = 0.15
CROWDED = 0.2
"""Seconds after which somebody looks again whether the network has room for one more text."""
ANSWERS_AFTER = 0.05
"""Seconds that a machine takes to answer a text of ours."""
BESIDE = 1 << 32
"""Answers to programmes are numbered from here on, so that the script's own texts keep their ids."""


@dataclass(slots=True)
class Talker:
    """A customer who is at it: what they will say, their chance for guesses."""

    one: Customer
    lines: Iterator[Line]
    chance: random.Random


@dataclass
class Town:
    """`sending` gives the ids of our messages to a number that are being sent; `advertise` queues an offer for one.

    At most `crowd` customers text in the same while; when one has said everything, the next begins. While `crowded`,
    nobody says anything: a machine that is busy with other things gets the same city more slowly.
    """

    seed: int
    agenda: Agenda
    air: Air
    gateway: Gateway
    faults: Faults
    ledger: Ledger
    clock: FastClock
    sending: Callable[[str], frozenset[int]]
    advertise: Callable[[str], None]
    crowd: int = 100
    crowded: bool = False
    _live: int = 0
    _people: dict[str, Customer] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _waiting: deque[Talker] = field(default_factory=deque)
    _listening: dict[str, Callable[[], None]] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def live(self, people: Sequence[Customer], texts: int) -> None:
        """`texts` are shared out evenly, the first ones have one more. Who takes long begins early."""
        self._people = {phone: one for one in people for phone in one.phones}
        texting = [one for one in people if one.character != LISTENER]
        each, more = divmod(texts, len(texting))
        turns = random.Random(f"{self.seed}:turns")
        for one in sorted(texting, key=lambda one: (one.character != "slow") + turns.random()):
            lines = script(self.seed, one.number, one.character, each + (one.number < more))
            self._waiting.append(Talker(one, iter(lines), random.Random(f"{self.seed}:guesses:{one.number}")))
        self._live = len(self._waiting)
        for _ in range(min(self.crowd, self._live)):
            self._next(self._waiting.popleft())

    @property
    def done(self) -> bool:
        """Everybody has said everything, and all of it was delivered."""
        return not self._live and not self._open

    @property
    def unheard(self) -> int:
        """How many texts were said and are not acknowledged yet."""
        return len(self._open)

    def heard(self, ours: Try) -> None:
        """A text of ours reached a handset: a machine that answers texts does so now, a person answers a programme's
        when they have read it."""
        with self.ledger.lock:
            answer = self._listening.pop(ours.phone, None)
        if answer is not None:
            self.agenda.later(ANSWERS_AFTER, answer)
        one = self._people[ours.phone]
        if said := reply(self.seed, one.number, one.character, ours.body):
            body, wait = said
            answer = partial(self._text, ours.phone, body, Line(body, wait), answers=ours.message)
            self.agenda.later(self.clock.real(wait), answer)

    def _next(self, who: Talker) -> None:
        line = next(who.lines, None)
        if line is None:
            with self.ledger.lock:
                self._live -= 1
                following = self._waiting.popleft() if self._waiting else None
            if following is not None:
                self._next(following)
            return
        phone = who.one.phones[line.phone]
        # The code that the customer has already returned is not what they wait for.
        say = _Once(partial(self._say, who, line, self.gateway.code(phone), LOOKS_FOR_CODE))
        if line.reacts:
            with self.ledger.lock:
                self._listening[phone] = say
        self.agenda.later(self.clock.real(line.wait), say)

    def _say(self, who: Talker, line: Line, known: str, looks: int) -> None:
        phone, body = who.one.phones[line.phone], line.body
        if self.crowded:
            self.agenda.later(CROWDED, partial(self._say, who, line, known, looks))
            return
        if body == OFFER:
            self.advertise(phone)
            self._next(who)
            return
        if CODE in body:
            code = self.gateway.code(phone)
            patient = who.one.character not in {"impatient", "attacker", "auto-responder"}
            if patient and looks and code == known:
                self.agenda.later(LOOK_EVERY, partial(self._say, who, line, known, looks - 1))
                return
            body = body.replace(CODE, code or f"{who.chance.randrange(10**6):06d}")
        body = body.replace(SAID, self.gateway.last(phone) or "【示例银行】您好")
        self._text(phone, body, line, who.one.character if line.reacts else "")
        self._next(who)

    def _text(self, phone: str, body: str, line: Line, machine: str = "", answers: int = 0) -> None:
        with self.ledger.lock:
            name = f"{phone} {bool(answers)}"
            nth = self._numbers[name] = self._numbers.get(name, BESIDE if answers else 0) + 1
            # A number's texts are numbered in the order of the script, so that a seed gives the same ids again.
            sid = f"SM{int(phone[1:]):016x}{nth:016x}"
            text = self.ledger.texts[sid] = Text(
                sid, phone, body, time.time(), line.forged, line.media, machine, line.secret, answers
            )
            if not line.forged:
                self._open.add(sid)
        # What the network itself heeds, at once, whatever becomes of the webhook.
        if not line.forged and body.upper() == "STOP":
            self.gateway.blocked.add(phone)
        elif not line.forged and body.upper() == "START":
            self.gateway.blocked.discard(phone)
        for seconds in self.faults.inbound(phone):
            self.agenda.later(seconds, partial(self._deliver, text))

    def _deliver(self, text: Text) -> None:
        form = inbound_form(text.gateway_id, text.phone, text.body, text.media)
        answer = self.air.post(INBOUND, form, "somebody else's token" if text.forged else TOKEN)
        self.ledger.count(f"inbound: {answer or 'no answer'}")
        if text.forged:
            if answer == 200:
                text.acknowledged = time.time()
            elif answer != 403:
                self.agenda.later(AGAIN, partial(self._deliver, text))
        elif answer != 200:
            self.agenda.later(AGAIN, partial(self._deliver, text))
        elif text.acknowledged is None:
            text.acknowledged = time.time()
            self._heeded(text)

    def _heeded(self, text: Text) -> None:
        if text.body in REFUSALS:
            try:
                # In this order: what had been claimed before and has left meanwhile is older than the look.
                text.in_flight, text.looked = self.sending(text.phone), time.time()
            except SQLAlchemyError:
                self.agenda.later(LOOK_EVERY, partial(self._heeded, text))  # the database has just been restarted
                return
        with self.ledger.lock:
            self._open.discard(text.gateway_id)


class _Once:
    """An act that happens once, whoever asks for it first."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._acts = [act]

    def __call__(self) -> None:
        try:
            act = self._acts.pop()
        except IndexError:
            return
        act()
