"""One-time codes (A11): derived, never stored; five minutes, three tries, then half an hour locked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyotp

from app.store import codes

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]

LASTS = timedelta(minutes=5)
TRIES = 3
LOCKED = timedelta(minutes=30)
DAY = timedelta(days=1)


def derive(secret: bytes, nonce: str, digits: int) -> str:
    """The code that belongs to a nonce: HOTP (RFC 4226) under a key made of the service's secret and the nonce."""
    key = hmac.new(secret, b"one-time-code:" + nonce.encode(), hashlib.sha256).digest()
    # The RFC knows no code under six digits, and the library refuses one: a shorter code is the end of a long one.
    return pyotp.HOTP(base64.b32encode(key).decode(), digits=max(6, digits)).at(0)[-digits:]


def digest(secret: bytes, nonce: str, code: str) -> str:
    """What is stored of a code. Keyed, since a million codes are no search space for a plain hash."""
    return hmac.new(secret, f"digest:{nonce}:{code}".encode(), hashlib.sha256).hexdigest()


def issue_code(done: Round, slots: Mapping[str, str]) -> Found:
    """sent · locked {minutes} · limited: so many codes a number and day, against guessing and against pestering."""
    service, phone = done.service, done.conversation.phone
    locked = codes.locked_until(done.connection, phone, done.now)
    if locked is not None:
        return "locked", _minutes_until(locked, done.now)
    if codes.issued_since(done.connection, phone, done.now - DAY) >= service.codes_per_day:
        return "limited", {}
    nonce = secrets.token_hex(16)
    code = derive(service.secret, nonce, service.code_digits)
    done.code_id = codes.issue(
        done.connection,
        phone=phone,
        customer_id=slots["customer_id"],
        nonce=nonce,
        digest=digest(service.secret, nonce, code),
        digits=service.code_digits,
        now=done.now,
        expires_at=done.now + LASTS,
    )
    return "sent", {}


def check_code(done: Round, slots: Mapping[str, str]) -> Found:
    """right · wrong {left} · expired · locked {minutes}."""
    phone = done.conversation.phone
    locked = codes.locked_until(done.connection, phone, done.now)
    if locked is not None:
        return "locked", _minutes_until(locked, done.now)
    row = codes.latest(done.connection, phone)
    if row is None or row.state != "open":
        return "expired", {}
    if done.now >= row.expires_at:
        codes.close(done.connection, row.id, "expired")
        return "expired", {}
    if hmac.compare_digest(row.digest, digest(done.service.secret, row.nonce, slots.get("code", ""))):
        codes.close(done.connection, row.id, "used")
        return "right", {}
    wrong = codes.wrong_try(done.connection, row.id)
    if wrong < TRIES:
        return "wrong", {"left": str(TRIES - wrong)}
    codes.lock(done.connection, row.id, done.now + LOCKED)
    return "locked", _minutes_until(done.now + LOCKED, done.now)


def _minutes_until(moment: datetime, now: datetime) -> dict[str, str]:
    return {"minutes": str(max(1, -(-int((moment - now).total_seconds()) // 60)))}
