"""The second factor's codes: TOTP (RFC 6238), six digits of thirty seconds, from a secret that stands in no row."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
SLACK = 1
"""Steps before and after the present that are taken as well: clocks of phones differ (RFC 6238, 5.2)."""


def fresh_nonce() -> str:
    return secrets.token_hex(16)


def secret_of(key: bytes, nonce: str) -> str:
    """`key` is the service's; without it a row's nonce is worth nothing. 32 characters of base32, 160 bits."""
    made = hmac.new(key, b"totp:" + nonce.encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:20]).decode()


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The time step that `code` belongs to, or None. Steps up to `after` were used and are not taken again."""
    given = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", given):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in range(present - SLACK, present + SLACK + 1):
        if hmac.compare_digest(totp.generate_otp(step), given) and step > after:
            return step
    return None


def address(secret: str, name: str, bank: str) -> str:
    """What the QR code says: an otpauth:// URL as authenticator apps read it."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=bank)
