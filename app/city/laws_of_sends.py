"""Laws on what left: requests to the gateway, figures, statuses. Each gives what broke it, in words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.city import looks
from app.city.campaigns import WAYS_OUT
from app.city.evidence import Evidence
from app.city.ledger import Text, Try

AMOUNT = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})*\.\d{2}(?!\d)")
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
LIFTED_BY = {"TD": {"HF"}, "td": {"HF"}, "退订": {"HF"}, "STOP": {"START"}}
PROOF_LASTS = timedelta(minutes=10)
AT_LEAST = {"sent": 3, "delivered": 40, "undelivered": 40}


def refused(seen: Evidence) -> Iterator[str]:
    offers: dict[str, list[Try]] = defaultdict(list)
    for message, tries in seen.tries.items():
        row = seen.messages.get(message)
        commercial = row is not None and row.purpose == "commercial"
        for one in tries:
            if commercial or one.body.endswith(WAYS_OUT):  # as the customer reads it, whatever its row says
                offers[one.phone].append(one)
    for phone, tries in offers.items():
        for refusal in seen.texts[phone]:
            if refusal.looked is not None:
                yield from _despite(seen, refusal, tries)


def _despite(seen: Evidence, refusal: Text, tries: list[Try]) -> Iterator[str]:
    assert refusal.looked is not None
    excused = set(refusal.in_flight)
    lifts = [text.posted for text in seen.texts[refusal.phone] if _lifts(seen, text, refusal)]
    until = min(lifts, default=float("inf"))
    for one in sorted(tries, key=lambda one: one.at):
        if one.message in excused and one.at >= refusal.posted:
            excused.discard(one.message)  # was under way at that moment: this once
        elif refusal.looked < one.at < until:
            yield f"message {one.message} left after refusal {refusal.gateway_id} was acknowledged"


def _lifts(seen: Evidence, text: Text, refusal: Text) -> bool:
    """Later in the order in which they were stored; one that was not stored cannot be told, and counts."""
    if text.body not in LIFTED_BY.get(refusal.body, ()):
        return False
    ours, theirs = seen.inbound.get(text.gateway_id), seen.inbound.get(refusal.gateway_id)
    return ours is None or theirs is None or ours.id > theirs.id


def repeated(seen: Evidence) -> Iterator[str]:
    for message, tries in seen.tries.items():
        if sum(bool(one.gateway_id) for one in tries) > 1:
            yield f"message {message} was taken by the gateway more than once"
        if not all(one.told for one in tries[:-1]):
            yield f"message {message} was sent again while nobody knew what had become of it"


def unknown(seen: Evidence) -> Iterator[str]:
    tries = {one.gateway_id: one for tries in seen.tries.values() for one in tries if one.gateway_id}
    rows = {row.gateway_id: row for row in seen.messages.values() if row.gateway_id is not None}
    for sid, one in tries.items():
        row = seen.messages.get(one.message)
        if (row is None or row.gateway_id is None) and not _twins(seen, rows.get(sid), one):
            known = f"{row.state}, {row.reason or 'no reason'}" if row else "not there"
            yield f"message {one.message} was taken by the gateway ({one.answer}) and is {known}"
    for row in seen.messages.values():
        if row.gateway_id is not None and rows[row.gateway_id].id != row.id:
            yield f"messages {row.id} and {rows[row.gateway_id].id} are both said to have left as {row.gateway_id}"
    for sid, row in rows.items():
        taken = tries.get(sid)
        if taken is None or (taken.message != row.id and not _twins(seen, row, taken)):
            other = f"took for message {taken.message}" if taken else "never took"
            yield f"message {row.id} is said to have left as {sid}, which the gateway {other}"


def _twins(seen: Evidence, row: Any, one: Try) -> bool:
    """Two with the same words to the same number, of which one was lost and no callback ever said which: nobody can
    tell them apart, and one of them is rightly known."""
    same = row is not None and any((own.phone, own.body) == (one.phone, one.body) for own in seen.tries[row.id])
    return same and not any(told.gateway_id == one.gateway_id for told in seen.ledger.told)


def backwards(seen: Evidence) -> Iterator[str]:
    yield from seen.fell
    for one in seen.ledger.told:
        row = seen.messages.get(one.message)
        if row is not None and row.gateway_id == one.gateway_id and row.status < AT_LEAST.get(one.status, 0):
            yield f"message {row.id} has status {row.status} although {one.status} was told"


def told(seen: Evidence) -> Iterator[str]:
    proofs: dict[str, list[datetime]] = defaultdict(list)
    for row in seen.looks.rows(looks.PROOFS):
        if "proof.proven" in looks.path(row.detail):
            proofs[row.phone].append(looks.moment(row.at))
    for phone, tries in seen.taken.items():
        for one in tries:
            amounts = set(AMOUNT.findall(one.body))
            if not amounts:
                continue
            at = seen.clock(one.at)
            last = max((proof for proof in proofs[phone] if proof <= at + seen.skew), default=None)
            if last is None or (at - last > PROOF_LASTS + seen.skew and not seen.held(one)):
                yield f"message {one.message} told a figure without a code in the last ten minutes"
            if not _code_came_back(seen, phone, one):
                yield f"message {one.message} told a figure to a handset that never returned a code"
            for amount in amounts - seen.amounts.get(phone, frozenset()):
                yield f"message {one.message} told {amount}, which is not this customer's"


def _code_came_back(seen: Evidence, phone: str, told: Try) -> bool:
    sent = [(one.at, code) for one in seen.taken[phone] if one.at < told.at for code in CODE.findall(one.body)]
    return any(at < text.posted < told.at and code in text.body for at, code in sent for text in seen.texts[phone])


def stale(seen: Evidence) -> Iterator[str]:
    for message, tries in seen.tries.items():
        row = seen.messages.get(message)
        for one in tries:
            if row is None or seen.clock(one.at) <= looks.moment(row.expires_at) + seen.skew + seen.late:
                continue
            if not seen.held(one):
                yield f"message {message} left after its time was over"
