"""The laws, checked from outside: it shares no code with app/, and reads only the network's file and plain SQL.

`acknowledged` and `observe` are called while things happen, since some breaches leave no trace in the end state;
`faults` gives everything that was found, `at_rest` also what must be true once all work is done.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.laws import sql
from tests.laws.sight import Sight, detail_of, moment, path_of

AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})*\.\d{2}(?=元| yuan|\b)")
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
REFUSALS, GRANTS = frozenset({"TD", "td", "退订", "ＴＤ"}), frozenset({"HF", "恢复"})
PROOFS = frozenset({"proof.proven", "check.passed"})
"""Steps at which a code was right: one that a flow asked for, one that an agent asked for."""
PROOF_LASTS, A_SECOND = timedelta(minutes=10), timedelta(seconds=1)
FINAL, READ = 40, 50
SCOPES = {"commercial": {"commercial", "gateway"}, "reminder": {"reminders", "gateway"}}


@dataclass(frozen=True, order=True)
class Fault:
    law: int
    what: str


@dataclass
class Refusal:
    """Nothing commercial may be taken by the network for `phone` after its row `after`, until the customer lifts it
    with a text later than `text`. `claimed`: messages that were under way already."""

    phone: str
    text: int
    after: int
    claimed: frozenset[int]


@dataclass
class Checker:
    """`url` and `network` are the database and the simulated network's file. `figures`: amount -> customer id."""

    url: str
    network: Path
    figures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sight = Sight(self.url, self.network)
        self._lock = threading.Lock()
        self._seen: set[Fault] = set()
        self._acknowledged: set[str] = set()
        self._refusals: list[Refusal] = []
        self._statuses: dict[int, int] = {}
        self._turns: dict[str, tuple[int, int]] = {}
        self._ledger: dict[int, int] = {}

    def close(self) -> None:
        self._sight.close()

    # ---- what the world tells us --------------------------------------------------------------------------

    def acknowledged(self, gateway_id: str) -> None:
        """Our webhook said yes to this text of the network's."""
        with self._lock:
            if gateway_id in self._acknowledged:
                return
            self._acknowledged.add(gateway_id)
            heard = self._sight.network("SELECT id, phone, body FROM text WHERE gateway_id = ?", gateway_id)
            if heard and heard[0]["body"] in REFUSALS:
                # In this order: what was claimed and has left in between is no newer than the newest.
                claimed = frozenset(row.id for row in self._sight.rows(sql.CLAIMED, phone=heard[0]["phone"]))
                refusal = Refusal(heard[0]["phone"], heard[0]["id"], self._sight.newest(), claimed)
                self._refusals.append(refusal)

    def observe(self) -> None:
        """Looks at what may be different a moment later: delivery status, turns, the ledger."""
        with self._lock:
            self._observe_statuses()
            self._observe_turns()
            newest = self._sight.newest()
            for row in self._sight.rows("SELECT id FROM consents"):
                self._ledger.setdefault(row.id, newest)

    def faults(self) -> list[Fault]:
        """What is wrong now, whatever is still to be done."""
        self.observe()
        found = [
            _texts(self._sight.rows),
            _parts(self._sight.rows),
            self._lost(),
            self._refused(),
            self._twice(),
            self._told(),
        ]
        return sorted(self._seen.union(*found))

    def at_rest(self) -> list[Fault]:
        """What is wrong once all work is done and enough time has passed for every lease and retry."""
        return sorted({*self.faults(), *_unfinished(self._sight.rows), *self._unanswered(), *self._unknown()})

    # ---- law 1 and 2 --------------------------------------------------------------------------------------

    def _lost(self) -> Iterator[Fault]:
        stored = {row.gateway_id for row in self._sight.rows("SELECT gateway_id FROM inbound")}
        for gateway_id in self._acknowledged - stored:
            yield Fault(1, f"{gateway_id} was acknowledged and is not stored")

    def _unanswered(self) -> Iterator[Fault]:
        """Acknowledged texts took effect, or a ticket with its reason says that they could not."""
        turned = {row.inbound_id for row in self._sight.rows("SELECT inbound_id FROM trace WHERE event = 'heard'")}
        tickets = {row.place for row in self._sight.rows("SELECT place FROM tickets WHERE reason <> ''")}
        for row in self._sight.rows("SELECT id, gateway_id, phone, state FROM inbound"):
            if row.gateway_id not in self._acknowledged or not NUMBER.fullmatch(row.phone):
                continue
            if row.state == "failed" and f"inbound:{row.id}" not in tickets:
                yield Fault(1, f"inbound {row.id} failed and nobody hears of it")
            elif row.state != "failed" and row.id not in turned:
                yield Fault(1, f"inbound {row.id} was acknowledged and never took effect")

    # ---- law 4, as it shows from one moment to the next ------------------------------------------------------

    def _observe_turns(self) -> None:
        for row in self._sight.rows(sql.TURNS):
            version, traces = self._turns.get(row.phone, (0, 0))
            if (row.version != version) != (row.traces != traces):
                moved = f"version {version} to {row.version}, traces {traces} to {row.traces}"
                self._seen.add(Fault(4, f"{row.phone}: state and trace went apart: {moved}"))
            self._turns[row.phone] = (row.version, row.traces)

    # ---- law 5 ----------------------------------------------------------------------------------------------

    def _refused(self) -> Iterator[Fault]:
        purposes = {row.id: row.purpose for row in self._sight.rows("SELECT id, purpose FROM messages")}
        consents = self._sight.rows("SELECT id, phone, scope, verdict FROM consents ORDER BY id")
        for sent in self._sight.outbound():
            purpose = purposes.get(sent["message"], "")
            for refusal in self._refusals if purpose == "commercial" else ():
                if self._holds(refusal, sent):
                    yield Fault(5, f"message {sent['message']} left after its refusal was acknowledged")
            verdicts = {
                row.scope: row.verdict
                for row in consents
                if row.phone == sent["phone"] and self._ledger.get(row.id, sent["id"]) < sent["id"]
            }
            if any(verdicts.get(scope) == "refused" for scope in SCOPES.get(purpose, ())):
                yield Fault(5, f"message {sent['message']} left although the ledger refused it")

    def _holds(self, refusal: Refusal, sent: Mapping[str, Any]) -> bool:
        if refusal.phone != sent["phone"] or sent["id"] <= refusal.after or sent["message"] in refusal.claimed:
            return False
        later = self._sight.network(sql.FROM_HANDSET, refusal.phone, refusal.text, sent["id"])
        return not any(row["body"] in GRANTS for row in later)

    # ---- law 7 ----------------------------------------------------------------------------------------------

    def _twice(self) -> Iterator[Fault]:
        taken: dict[int, list[str]] = defaultdict(list)
        for sent in self._sight.outbound():
            taken[sent["message"]].append(sent["gateway_id"])
        for message, ids in taken.items():
            if len(ids) > 1:
                yield Fault(7, f"message {message} was taken by the network {len(ids)} times")

    def _unknown(self) -> Iterator[Fault]:
        """What the network took is known to have left, and what it never took is not believed to have left."""
        taken = {sent["gateway_id"]: sent for sent in self._sight.outbound()}
        owners = {row.gateway_id: row for row in self._sight.rows(sql.OWNERS)}
        for gateway_id, sent in taken.items():
            if gateway_id not in owners:
                yield Fault(7, f"message {sent['message']} was taken by the network and we do not know it")
        for gateway_id, row in owners.items():
            if gateway_id not in taken or taken[gateway_id]["phone"] != row.phone:
                yield Fault(7, f"message {row.id} was never taken by the network as {gateway_id}")

    # ---- law 8 ----------------------------------------------------------------------------------------------

    def _observe_statuses(self) -> None:
        for row in self._sight.rows("SELECT id, status FROM messages"):
            before = self._statuses.get(row.id, -1)
            if row.status != before and (_rank(row.status) <= _rank(before)):
                self._seen.add(Fault(8, f"message {row.id} went from status {before} to {row.status}"))
            self._statuses[row.id] = row.status

    # ---- law 10 ---------------------------------------------------------------------------------------------

    def _told(self) -> Iterator[Fault]:
        bindings = self._sight.rows("SELECT phone, customer_id, bound_at, ended_at FROM phone_bindings")
        proofs = self._sight.rows("SELECT phone, at, detail FROM trace ORDER BY id")
        for sent in self._sight.outbound():
            amounts = AMOUNT.findall(sent["body"])
            if not amounts:
                continue
            phone, at, label = sent["phone"], moment(sent["at"]), f"message {sent['message']}"
            passed = [moment(row.at) for row in proofs if row.phone == phone and PROOFS & set(path_of(row.detail))]
            lasts = max((proof for proof in passed if proof <= at), default=None)
            if lasts is None or at - lasts > PROOF_LASTS:
                yield Fault(10, f"{label} told a figure without a code in the last ten minutes")
            elif moment(sent["valid_until"]) - lasts > PROOF_LASTS + A_SECOND:
                yield Fault(10, f"{label} may arrive when the proof is over")
            if not self._proved_on_the_air(sent):
                yield Fault(10, f"{label} told a figure to a handset that never returned a code of ours")
            live = {
                row.customer_id
                for row in bindings
                if row.phone == phone
                and moment(row.bound_at) <= at
                and (row.ended_at is None or moment(row.ended_at) > at)
            }
            for amount in amounts:
                if self.figures.get(amount, "") not in live:
                    yield Fault(10, f"{label} told {amount}, which belongs to somebody else")

    def _proved_on_the_air(self, sent: Mapping[str, Any]) -> bool:
        said: set[str] = set()
        for row in self._sight.network(
            "SELECT * FROM text WHERE phone = ? AND id < ? ORDER BY id", sent["phone"], sent["id"]
        ):
            found = set(CODE.findall(row["body"]))
            if row["to_handset"]:
                said |= found
            elif found & said:
                return True
        return False


Read = Callable[..., Sequence[Any]]


def _texts(read: Read) -> Iterator[Fault]:
    """Laws 2 and 3: each text once, in stored order, and none overtakes one that waits."""
    last: dict[str, int] = {}
    seen: set[int] = set()
    for row in read("SELECT phone, inbound_id FROM trace WHERE event = 'heard' ORDER BY id"):
        if row.inbound_id in seen:
            yield Fault(2, f"inbound {row.inbound_id} took effect twice")
        elif row.inbound_id < last.get(row.phone, 0):
            yield Fault(3, f"inbound {row.inbound_id} took effect after {last[row.phone]}")
        seen.add(row.inbound_id)
        last[row.phone] = max(row.inbound_id, last.get(row.phone, 0))
    for row in read(sql.OVERTAKEN):
        yield Fault(3, f"inbound {row.taken} took effect while {row.waiting} waits")
    for row in read(sql.STORED_TWICE):
        yield Fault(2, f"{row.gateway_id} is stored {row.times} times")


def _parts(read: Read) -> Iterator[Fault]:
    """Law 4: no part of a turn without the others."""
    for what, statement in sql.PARTIAL.items():
        for row in read(statement):
            yield Fault(4, f"{what}: {row[0]}")
    traced: dict[int, int] = defaultdict(int)
    for row in read("SELECT detail FROM trace"):
        detail = detail_of(row.detail)
        if detail.get("message") is not None:
            traced[detail["message"]] += 1
    for row in read(sql.OF_TURNS):
        if traced.pop(row.id, 0) != 1:
            yield Fault(4, f"message without its trace: {row.id}")
    queued = {row.id for row in read("SELECT id FROM messages")}
    for message in traced.keys() - queued:
        yield Fault(4, f"trace of a message that does not exist: {message}")


def _unfinished(read: Read) -> Iterator[Fault]:
    for law, what, statement in sql.UNFINISHED:
        for row in read(statement):
            yield Fault(law, f"{what}: {row[0]}")


def _rank(status: int) -> int:
    return status // 10 * 10 if status >= FINAL else status
