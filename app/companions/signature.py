"""Standard Webhooks 1.0 (https://www.standardwebhooks.com): `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`.

By hand, because the library `standardwebhooks` reads the machine's clock; tests hold this against it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.companions.port import Forged

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes of a secret, as the standard recommends."""
TOLERANCE = timedelta(minutes=5)


def key_of(secret: str) -> bytes:
    """The key in `whsec_…`. Raises ValueError with the rest of a sentence that begins with the setting's name."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST <= len(key) <= MOST:
        raise ValueError(
            f"must be {PREFIX} and base64 of {LEAST} to {MOST} bytes; make one with: "
            f'echo "{PREFIX}$(openssl rand -base64 32)"'
        )
    return key


def headers(key: bytes, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """What goes with a signed call. `now` is aware."""
    at = int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(_digest(key, message_id, str(at), body)).decode()}",
    }


def verify(key: bytes, told: Mapping[str, str], now: datetime, body: bytes) -> str:
    """The id of a call that is signed with our key and was made within `TOLERANCE` of `now`. Raises `Forged`."""
    given = {name.lower(): value for name, value in told.items()}
    message_id, at, signed = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (message_id and at and signed):
        raise Forged("a header webhook-id, webhook-timestamp or webhook-signature is missing")
    if not (at.isascii() and at.isdecimal() and len(at) < 12):
        raise Forged("webhook-timestamp is no number of seconds")
    expected = _digest(key, message_id, at, body)
    # Several signatures, spaces between them, while the other side changes its secret.
    if not any(hmac.compare_digest(expected, found) for found in _signatures(signed)):
        raise Forged("no signature fits")
    if abs(now.timestamp() - int(at)) > TOLERANCE.total_seconds():
        raise Forged("signed too long ago, or by a clock that is wrong")
    return message_id


def _digest(key: bytes, message_id: str, at: str, body: bytes) -> bytes:
    return hmac.new(key, b".".join((message_id.encode("utf-8", "replace"), at.encode(), body)), hashlib.sha256).digest()


def _signatures(told: str) -> list[bytes]:
    found = []
    for one in told.split(" ")[:10]:
        version, _, signature = one.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(signature, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
