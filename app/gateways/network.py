"""A mobile network on one's own machine: handsets, delays, refusals, and every way a callback can go wrong.

It adds what the independent stand-ins for Twilio lack (`gateways.md` §7) and needs no service. Nothing
happens by itself: `carry` moves the texts on and makes the calls that are due, by the clock that is passed
in.
"""

from __future__ import annotations

import hmac
import json
import random
import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from app.gateways import network_steps, twilio_codes
from app.gateways.faults import MAGIC, Fault, Kind
from app.gateways.keywords import default_keyword
from app.gateways.network_file import Handset, HandsetText, NetworkFile, Rows, read_text
from app.gateways.parts import measure
from app.gateways.port import Accepted, OutboundText, Outcome, Status, Unsettled

SIGNATURE_HEADER: Final = "X-Simulator-Signature"
INBOUND_PATH: Final = "/webhooks/simulator/inbound"

RETRIES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds, after a closed door or a 5xx
CLAIM: Final = 30.0  # seconds until a carrier that died gives back the call in its hands

# (path with query, form, headers) -> HTTP status. Raises OSError when nobody answers.
Post = Callable[[str, Mapping[str, Sequence[str]], Mapping[str, str]], int]


class HandsetOff(Exception):
    """A handset that is switched off sends nothing."""


def sign(key: str, url: str, form: Mapping[str, Sequence[str]]) -> str:
    """Hex HMAC-SHA256 over the URL, a newline and the url-encoded form, sorted by name and value."""
    pairs = sorted((name, value) for name, values in form.items() for value in values)
    return hmac.new(key.encode(), f"{url}\n{urlencode(pairs)}".encode(), sha256).hexdigest()


class Network:
    """Usable from several threads; several processes each open their own over the same `path`.

    `public_url` is our service's base as the network calls it, `key` signs those calls, `number` is the
    bank's. With a `seed` the ids and the draws of `chances` (fault -> probability for each text) are the same
    in every run. With `answers_stop` the network treats STOP, START and HELP as Twilio does: it blocks,
    answers, and tells; without it only for a number that it blocks, which has no other way back.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        clock: Callable[[], datetime],
        key: str,
        public_url: str,
        number: str = "+8610690095500",
        seed: int | None = None,
        chances: Mapping[Fault, float] | None = None,
        answers_stop: bool = False,
    ) -> None:
        self.number = number
        self._file = NetworkFile(path)
        self._clock = clock
        self._key = key
        self._origin = "://".join(urlsplit(public_url)[:2])
        self._inbound_url = public_url.rstrip("/") + INBOUND_PATH
        self._seed = seed
        self._chances = dict(chances or {})
        self._answers_stop = answers_stop

    def accept(self, text: OutboundText) -> Outcome:
        """Takes a text for delivery, or fails as planned."""
        with self._file.transaction() as rows:
            fault = self._fault(rows, text.to)
            if fault and fault.kind is Kind.LOST:
                return Unsettled("timeout")
            if fault and fault.kind is Kind.REFUSED:
                return twilio_codes.judge(fault.code)
            if rows.handset(text.to).blocked:
                return twilio_codes.judge("21610")
            gateway_id, now = self._new_id(rows), self._now()
            network_steps.begin(rows, rows.add_outbound(gateway_id, text, now, fault), now)
        return Unsettled("timeout") if fault and fault.kind is Kind.SILENT else Accepted(gateway_id)

    def look_up(self, text: OutboundText, *, since: datetime, taken: frozenset[str]) -> Accepted | None:
        """The oldest text to the same handset with the same words that `taken` does not hold."""
        with self._file.transaction() as rows:
            found = rows.all(
                "SELECT gateway_id, status, at FROM text "
                "WHERE phone = ? AND to_handset AND body = ? AND at >= ? ORDER BY id",
                *(text.to, text.body, since.timestamp()),
            )
        free = (row for row in found if row["gateway_id"] not in taken)
        return next((_found(row) for row in free), None)

    def text_in(self, phone: str, body: str, *, sid: str | None = None, media: int = 0) -> str:
        """The customer texts the bank; gives the text's id. The same `sid` again is the same text once more.

        The webhook goes out with the next `carry`. Raises `HandsetOff` when the handset is switched off.
        """
        now = self._now()
        with self._file.transaction() as rows:
            handset = rows.handset(phone)
            if not handset.switched_on:
                raise HandsetOff(phone)
            gateway_id = sid or self._new_id(rows)
            form = {"id": gateway_id, "from": phone, "to": self.number, "body": body}
            form |= {"parts": str(measure(body).parts), "media": str(media)}
            keyword = default_keyword(body) if self._answers_stop or handset.blocked else None
            if keyword:
                form["keyword"] = keyword
            if not rows.one("SELECT 1 FROM text WHERE gateway_id = ?", gateway_id):
                rows.add_text(gateway_id, phone, body, now, Status.DELIVERED, to_handset=False)
                if keyword:
                    self._answer(rows, phone, keyword, now)
            rows.plan_call(now, self._inbound_url, form)
        return gateway_id

    def switch(self, phone: str, on: bool) -> None:
        """Texts to a handset that is off wait until it is on again, or until their validity ends."""
        now = self._now()
        with self._file.transaction() as rows:
            network_steps.advance(rows, now)
            rows.switch(phone, on)
            if on:
                network_steps.wake(rows, phone, now)

    def block(self, phone: str, blocked: bool = True) -> None:
        """A blocked number is refused with 21610, as after a STOP."""
        with self._file.transaction() as rows:
            rows.block(phone, blocked)

    def handset(self, phone: str) -> Handset:
        with self._file.transaction() as rows:
            return rows.handset(phone)

    def texts(self, phone: str, after: int = 0) -> list[HandsetText]:
        """Texts of a handset, both ways, that are new or changed since revision `after`, oldest first."""
        with self._file.transaction() as rows:
            found = rows.all("SELECT * FROM text WHERE phone = ? AND revision > ? ORDER BY id", phone, after)
        return [read_text(row) for row in found]

    def plan(self, fault: Fault, phone: str | None = None, times: int = 1) -> None:
        """The next `times` texts (to `phone`, or to anybody) meet this fault."""
        with self._file.transaction() as rows:
            for _ in range(times):
                rows.do("INSERT INTO plan (phone, kind, code) VALUES (?, ?, ?)", phone, fault.kind, fault.code)

    def carry(self, now: datetime, post: Post, *, at_once: int = 1) -> int:
        """Moves all texts on to `now` and makes the calls that are due; gives how many were made.

        With `at_once` > 1 that many calls are under way together, as on a real network. Several threads and
        processes may carry: each call is made by one of them.
        """
        made = 0
        with ThreadPoolExecutor(max(1, at_once)) as pool:
            while claimed := self._claim(now, limit=max(1, at_once)):
                list(pool.map(lambda call: self._call(now, post, call), claimed))
                made += len(claimed)
        return made

    def next_due(self) -> datetime | None:
        """When something happens next, or None when the network is at rest."""
        with self._file.transaction() as rows:
            row = rows.one(
                "SELECT min(due) AS due FROM (SELECT due FROM step UNION ALL SELECT max(due, claimed_until) FROM call)"
            )
        return None if row is None or row["due"] is None else datetime.fromtimestamp(row["due"], UTC)

    def close(self) -> None:
        self._file.close()

    def _claim(self, now: datetime, limit: int) -> list[sqlite3.Row]:
        present = now.timestamp()
        with self._file.transaction() as rows:
            network_steps.advance(rows, present)
            claimed = rows.all(
                "UPDATE call SET claimed_until = ?1 + ?2, tries = tries + 1 WHERE id IN (SELECT id FROM call "
                "WHERE due <= ?1 AND claimed_until <= ?1 ORDER BY due, id LIMIT ?3) RETURNING *",
                *(present, CLAIM, limit),
            )
        return sorted(claimed, key=lambda call: (call["due"], call["id"]))

    def _call(self, now: datetime, post: Post, call: sqlite3.Row) -> None:
        form = {name: [value] for name, value in json.loads(call["form"]).items()}
        url = urlsplit(call["url"])
        path = f"{url.path}?{url.query}" if url.query else url.path
        # Our own origin, not the call's: a process on another port may have sent the text (`huifu chat` beside a run).
        signature = sign(self._key, self._origin + path, form)
        try:
            status = post(path, form, {SIGNATURE_HEADER: signature})
        except OSError:
            status = 599
        with self._file.transaction() as rows:
            if status >= 500 and call["tries"] <= len(RETRIES):
                due = now.timestamp() + RETRIES[call["tries"] - 1]
                rows.do("UPDATE call SET due = ?, claimed_until = 0 WHERE id = ?", due, call["id"])
            else:
                rows.do("DELETE FROM call WHERE id = ?", call["id"])

    def _answer(self, rows: Rows, phone: str, keyword: str, now: float) -> None:
        """Twilio's own behaviour: it blocks or unblocks, confirms, and has no help for who is blocked."""
        if keyword == "help" and rows.handset(phone).blocked:
            return
        if keyword != "help":
            rows.block(phone, keyword == "stop")
        words = {
            "stop": "You have successfully been unsubscribed. Reply START to resubscribe.",
            "start": "You have successfully been re-subscribed. Reply STOP to unsubscribe.",
            "help": "Reply STOP to unsubscribe.",
        }
        rows.add_text(self._new_id(rows), phone, words[keyword], now, Status.DELIVERED, to_handset=True)

    def _fault(self, rows: Rows, phone: str) -> Fault | None:
        """What was planned comes first, then the magic numbers, then chance."""
        planned = rows.one(
            "DELETE FROM plan WHERE id = (SELECT min(id) FROM plan WHERE phone IS NULL OR phone = ?) RETURNING *",
            phone,
        )
        if planned:
            return Fault(Kind(planned["kind"]), planned["code"])
        if phone in MAGIC or not self._chances:
            return MAGIC.get(phone)
        drawn = self._random(rows, "send").random()
        for fault, probability in self._chances.items():
            drawn -= probability
            if drawn < 0:
                return fault
        return None

    def _random(self, rows: Rows, purpose: str) -> random.Random:
        """Chance that hangs on the seed and on how often it was asked, not on which thread asked."""
        if self._seed is None:
            return random.Random()
        return random.Random(f"{self._seed}/{purpose}/{rows.next(purpose)}")

    def _new_id(self, rows: Rows) -> str:
        """Not a counter: it would start again when the network's file is deleted and the bank's is not."""
        if self._seed is None:
            return f"SIM{uuid.uuid4().hex}"
        return f"SIM{self._random(rows, 'id').getrandbits(128):032x}"

    def _now(self) -> float:
        return self._clock().timestamp()


def _found(row: sqlite3.Row) -> Accepted:
    return Accepted(row["gateway_id"], Status[row["status"]], datetime.fromtimestamp(row["at"], UTC))
