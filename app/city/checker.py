"""The laws, checked from outside: it knows what was on the air, reads plain SQL, and shares no code with app."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from app.city import looks
from app.city.ledger import Ledger, Text, Try
from app.city.looks import Looks

AMOUNT = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})*\.\d{2}(?!\d)")
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
LIFTED_BY = {"TD": {"HF"}, "td": {"HF"}, "退订": {"HF"}, "STOP": {"START"}}
PROOF_LASTS = timedelta(minutes=10)
AT_LEAST = {"sent": 3, "delivered": 40, "undelivered": 40}
FINAL = 40


@dataclass
class Checker:
    """`clock` gives the service's time at a second of the ledger; `amounts` are the figures that each number may hear.

    `observe` is called while the city lives; `verdict` once, when all work is done.
    """

    looks: Looks
    ledger: Ledger
    clock: Callable[[float], datetime]
    amounts: Mapping[str, frozenset[str]]
    _statuses: dict[int, int] = field(default_factory=dict)
    _fell: list[str] = field(default_factory=list)

    def observe(self) -> None:
        """Delivery statuses: what falls and rises again would not show at the end."""
        for row in self.looks.rows(looks.STATUSES):
            before = self._statuses.get(row.id, -1)
            if row.status != before and _rank(row.status) <= _rank(before):
                self._fell.append(f"message {row.id} went from status {before} to {row.status}")
            self._statuses[row.id] = row.status

    def verdict(self) -> dict[str, list[str]]:
        """Every law with what broke it: nothing, if all is well."""
        self.observe()
        return {law: sorted(set(check(self))) for law, check in LAWS.items()}

    # ---- what was on the air, by number and by message ----------------------------------------------------------

    @cached_property
    def _inbound(self) -> dict[str, Any]:
        return {row.gateway_id: row for row in self.looks.rows(looks.INBOUND)}

    @cached_property
    def _messages(self) -> dict[int, Any]:
        return {row.id: row for row in self.looks.rows(looks.MESSAGES)}

    @cached_property
    def _tries(self) -> dict[int, list[Try]]:
        found: dict[int, list[Try]] = defaultdict(list)
        for one in sorted(self.ledger.tries, key=lambda one: one.at):
            found[one.message].append(one)
        return found

    @cached_property
    def _taken(self) -> dict[str, list[Try]]:
        found: dict[str, list[Try]] = defaultdict(list)
        for one in sorted(self.ledger.tries, key=lambda one: one.at):
            if one.gateway_id:
                found[one.phone].append(one)
        return found

    @cached_property
    def _texts(self) -> dict[str, list[Text]]:
        found: dict[str, list[Text]] = defaultdict(list)
        for one in sorted(self.ledger.texts.values(), key=lambda one: one.posted):
            if not one.forged:
                found[one.phone].append(one)
        return found

    # ---- laws ---------------------------------------------------------------------------------------------------

    def lost(self) -> Iterator[str]:
        heard = {row.inbound_id for row in self.looks.rows(looks.HEARD)}
        places = {row.place for row in self.looks.rows(looks.FAILED_PLACES)}
        for texts in self._texts.values():
            for text in texts:
                row = self._inbound.get(text.gateway_id)
                if text.acknowledged is None:
                    continue
                if row is None:
                    yield f"{text.gateway_id} was acknowledged and is not stored"
                elif row.state == "failed" and f"inbound:{row.id}" not in places:
                    yield f"inbound {row.id} failed and nobody hears of it"
                elif row.state != "failed" and row.id not in heard:
                    yield f"inbound {row.id} was acknowledged and never took effect"

    def twice(self) -> Iterator[str]:
        seen: set[int] = set()
        for row in self.looks.rows(looks.HEARD):
            if row.inbound_id in seen:
                yield f"inbound {row.inbound_id} took effect twice"
            seen.add(row.inbound_id)
        stored: set[str] = set()
        for row in self.looks.rows(looks.INBOUND):
            if row.gateway_id in stored:
                yield f"{row.gateway_id} is stored twice"
            stored.add(row.gateway_id)
        answered: set[int] = set()
        for row in self._messages.values():
            if row.inbound_id in answered:
                yield f"inbound {row.inbound_id} was answered twice"
            if row.inbound_id is not None:
                answered.add(row.inbound_id)

    def disordered(self) -> Iterator[str]:
        last: dict[str, int] = {}
        for row in self.looks.rows(looks.HEARD):
            if row.inbound_id < last.get(row.phone, 0):
                yield f"inbound {row.inbound_id} took effect after {last[row.phone]}"
            last[row.phone] = max(row.inbound_id, last.get(row.phone, 0))
        for texts in self._texts.values():
            yield from self._stored_out_of_order(texts)
        for tries in self._taken.values():
            newest = 0
            for one in tries:
                message = self._messages.get(one.message)
                if message is not None and message.inbound_id is not None:
                    if message.inbound_id < newest:
                        yield f"the answer to inbound {message.inbound_id} left after the one to {newest}"
                    newest = max(newest, message.inbound_id)

    def _stored_out_of_order(self, texts: list[Text]) -> Iterator[str]:
        """One that was acknowledged before another was even said stands before it."""
        done = sorted(
            (text.acknowledged or 0.0, self._inbound[text.gateway_id].id) for text in texts if self._stored(text)
        )
        moments, highest, newest = [moment for moment, _ in done], [0], 0
        for _, inbound in done:
            newest = max(newest, inbound)
            highest.append(newest)
        for text in texts:
            before = highest[bisect_right(moments, text.posted)]
            if self._stored(text) and self._inbound[text.gateway_id].id < before:
                yield f"{text.gateway_id} was stored before inbound {before}, which had been acknowledged by then"

    def _stored(self, text: Text) -> bool:
        return text.acknowledged is not None and text.gateway_id in self._inbound

    def torn(self) -> Iterator[str]:
        yield from self._found(looks.TORN)

    def repeated(self) -> Iterator[str]:
        for message, tries in self._tries.items():
            if sum(bool(one.gateway_id) for one in tries) > 1:
                yield f"message {message} was taken by the gateway more than once"
            if not all(one.told for one in tries[:-1]):
                yield f"message {message} was sent again while nobody knew what had become of it"

    def unknown(self) -> Iterator[str]:
        sids: dict[str, int] = {}
        for message, tries in self._tries.items():
            for one in tries:
                row = self._messages.get(message)
                if one.gateway_id:
                    sids[one.gateway_id] = message
                    if row is None or row.gateway_id is None:
                        yield f"message {message} was taken by the gateway and the service does not know it"
        for row in self._messages.values():
            if row.gateway_id is not None and sids.get(row.gateway_id) != row.id:
                yield f"message {row.id} is said to have left as {row.gateway_id}, which the gateway never took"

    def refused(self) -> Iterator[str]:
        offers: dict[str, list[Try]] = defaultdict(list)
        for message, tries in self._tries.items():
            row = self._messages.get(message)
            if row is not None and row.purpose == "commercial":
                offers[row.phone].extend(tries)
        for phone, tries in offers.items():
            for refusal in self._texts[phone]:
                if refusal.looked is not None:
                    yield from self._despite(refusal, tries)

    def _despite(self, refusal: Text, tries: list[Try]) -> Iterator[str]:
        assert refusal.looked is not None
        excused = set(refusal.in_flight)
        lifts = [text.posted for text in self._texts[refusal.phone] if self._lifts(text, refusal)]
        until = min(lifts, default=float("inf"))
        for one in sorted(tries, key=lambda one: one.at):
            if one.message in excused and one.at >= refusal.posted:
                excused.discard(one.message)  # was under way at that moment: this once
            elif refusal.looked < one.at < until:
                yield f"message {one.message} left after refusal {refusal.gateway_id} was acknowledged"

    def _lifts(self, text: Text, refusal: Text) -> bool:
        """Later in the order in which they were stored; one that was not stored cannot be told, and counts."""
        if text.body not in LIFTED_BY.get(refusal.body, ()):
            return False
        ours, theirs = self._inbound.get(text.gateway_id), self._inbound.get(refusal.gateway_id)
        return ours is None or theirs is None or ours.id > theirs.id

    def told(self) -> Iterator[str]:
        proofs: dict[str, list[datetime]] = defaultdict(list)
        for row in self.looks.rows(looks.PROOFS):
            if "proof.proven" in looks.path(row.detail):
                proofs[row.phone].append(looks.moment(row.at))
        for phone, tries in self._taken.items():
            for one in tries:
                amounts = set(AMOUNT.findall(one.body))
                if not amounts:
                    continue
                at = self.clock(one.at)
                last = max((proof for proof in proofs[phone] if proof <= at), default=None)
                if last is None or at - last > PROOF_LASTS:
                    yield f"message {one.message} told a figure without a code in the last ten minutes"
                if not self._code_came_back(phone, one):
                    yield f"message {one.message} told a figure to a handset that never returned a code"
                for amount in amounts - self.amounts.get(phone, frozenset()):
                    yield f"message {one.message} told {amount}, which is not this customer's"

    def _code_came_back(self, phone: str, told: Try) -> bool:
        sent = [(one.at, code) for one in self._taken[phone] if one.at < told.at for code in CODE.findall(one.body)]
        return any(at < text.posted < told.at and code in text.body for at, code in sent for text in self._texts[phone])

    def backwards(self) -> Iterator[str]:
        yield from self._fell
        for one in self.ledger.told:
            row = self._messages.get(one.message)
            if row is not None and row.gateway_id == one.gateway_id and row.status < AT_LEAST.get(one.status, 0):
                yield f"message {row.id} has status {row.status} although {one.status} was told"

    def owners(self) -> Iterator[str]:
        yield from self._found(looks.TWO_OWNERS)
        holders: dict[int, str] = {}
        for act in sorted((act for act in self.ledger.acts if act.allowed), key=lambda act: act.done):
            holder = holders.get(act.ticket)
            if holder is not None and holder != act.agent:
                yield f"ticket {act.ticket}: {act.agent} could {act.what} while {holder} had it"
            if act.what == "claim":
                holders[act.ticket] = act.agent
            elif act.what in {"release", "close"}:
                holders.pop(act.ticket, None)

    def forged(self) -> Iterator[str]:
        for text in self.ledger.texts.values():
            if text.forged and (text.acknowledged is not None or text.gateway_id in self._inbound):
                yield f"{text.gateway_id} was taken although its signature is wrong"

    def unfinished(self) -> Iterator[str]:
        yield from self._found(looks.UNFINISHED)
        for texts in self._texts.values():
            yield from (f"{text.gateway_id} was never acknowledged" for text in texts if text.acknowledged is None)

    def _found(self, statements: Mapping[str, str]) -> Iterator[str]:
        for what, statement in statements.items():
            yield from (f"{what}: {row[0]}" for row in self.looks.rows(statement))


def _rank(status: int) -> int:
    """Final statuses contradict each other and stand on one rank."""
    return status // 10 * 10 if status >= FINAL else status


LAWS: dict[str, Callable[[Checker], Iterator[str]]] = {
    "texts acknowledged and lost": Checker.lost,
    "turns applied twice": Checker.twice,
    "texts or answers out of order": Checker.disordered,
    "turns torn apart": Checker.torn,
    "commercial texts after a refusal": Checker.refused,
    "conversations with two owners": Checker.owners,
    "sends repeated": Checker.repeated,
    "sends lost from sight": Checker.unknown,
    "statuses gone backwards": Checker.backwards,
    "figures told without proof": Checker.told,
    "forged requests taken": Checker.forged,
    "work left undone": Checker.unfinished,
}
