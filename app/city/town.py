"""The customers at their phones, and the network that carries what they say until it is acknowledged, or more often."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.city.agenda import Agenda
from app.city.air import INBOUND, TOKEN, Air, inbound_form
from app.city.characters import CODE, OFFER, Line, script
from app.city.clock import FastClock
from app.city.faults import Faults
from app.city.gateway import Gateway
from app.city.ledger import Ledger, Text
from app.city.roster import Customer

REFUSALS = frozenset({"TD", "td", "退订", "STOP"})
AGAIN = 1.0
"""Seconds until a text that was not acknowledged is delivered once more."""
LOOKS_FOR_CODE = 20
LOOK_EVERY = 0.15


@dataclass
class Town:
    """`sending` gives the ids of our messages to a number that are being sent; `advertise` queues an offer for one."""

    seed: int
    agenda: Agenda
    air: Air
    gateway: Gateway
    faults: Faults
    ledger: Ledger
    clock: FastClock
    sending: Callable[[str], frozenset[int]]
    advertise: Callable[[str], None]
    _live: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)

    def live(self, people: Sequence[Customer], texts: int) -> None:
        """Everybody begins; `texts` are shared out evenly, the first ones have one more."""
        each, more = divmod(texts, len(people))
        for one in people:
            lines = script(self.seed, one.number, one.character, each + (one.number < more))
            chance = random.Random(f"{self.seed}:guesses:{one.number}")
            self._live += 1
            self._next(one, iter(lines), chance)

    @property
    def done(self) -> bool:
        """Everybody has said everything, and all of it was delivered."""
        return not self._live and all(text.acknowledged or text.forged for text in list(self.ledger.texts.values()))

    def _next(self, one: Customer, lines: Iterator[Line], chance: random.Random) -> None:
        line = next(lines, None)
        if line is None:
            with self.ledger.lock:
                self._live -= 1
            return
        # The code that the customer has already returned is not what they wait for.
        known = self.gateway.code(one.phones[line.phone])
        self.agenda.later(
            self.clock.real(line.wait), lambda: self._say(one, line, lines, chance, known, LOOKS_FOR_CODE)
        )

    def _say(
        self, one: Customer, line: Line, lines: Iterator[Line], chance: random.Random, known: str, looks: int
    ) -> None:
        phone, body = one.phones[line.phone], line.body
        if body == OFFER:
            self.advertise(phone)
            self._next(one, lines, chance)
            return
        if CODE in body:
            code = self.gateway.code(phone)
            patient = one.character not in {"impatient", "attacker", "auto-responder"}
            if patient and looks and code == known:
                self.agenda.later(LOOK_EVERY, lambda: self._say(one, line, lines, chance, known, looks - 1))
                return
            body = body.replace(CODE, code or f"{chance.randrange(10**6):06d}")
        self._text(phone, body, line.forged)
        self._next(one, lines, chance)

    def _text(self, phone: str, body: str, forged: bool) -> None:
        with self.ledger.lock:
            nth = self._numbers[phone] = self._numbers.get(phone, 0) + 1
            # A number's texts are numbered in the order of the script, so that a seed gives the same ids again.
            sid = f"SM{int(phone[1:]):016x}{nth:016x}"
            text = self.ledger.texts[sid] = Text(sid, phone, body, time.time(), forged=forged)
        # What the network itself heeds, at once, whatever becomes of the webhook.
        if not forged and body.upper() == "STOP":
            self.gateway.blocked.add(phone)
        elif not forged and body.upper() == "START":
            self.gateway.blocked.discard(phone)
        for seconds in self.faults.inbound(phone):
            self.agenda.later(seconds, lambda: self._deliver(text))

    def _deliver(self, text: Text) -> None:
        form = inbound_form(text.gateway_id, text.phone, text.body)
        answer = self.air.post(INBOUND, form, "somebody else's token" if text.forged else TOKEN)
        self.ledger.count(f"inbound: {answer or 'no answer'}")
        if text.forged:
            if answer == 200:
                text.acknowledged = time.time()
            elif answer != 403:
                self.agenda.later(AGAIN, lambda: self._deliver(text))
        elif answer != 200:
            self.agenda.later(AGAIN, lambda: self._deliver(text))
        elif text.acknowledged is None:
            self._acknowledge(text)

    def _acknowledge(self, text: Text) -> None:
        acknowledged = time.time()
        if text.body in REFUSALS:
            # In this order: what had been claimed before and has left meanwhile is older than the look.
            text.in_flight, text.looked = self.sending(text.phone), time.time()
        text.acknowledged = acknowledged
