"""Passwords at rest: argon2id (RFC 9106). A check takes some tens of milliseconds: never inside a transaction."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.rules.passwords import plain

_HASHER = PasswordHasher()


def digest(password: str) -> str:
    return _HASHER.hash(plain(password))


def matches(kept: str, password: str) -> bool:
    """Takes as long for a `kept` that is empty (nobody has that name) as for a real one."""
    if not kept:
        digest(password)
        return False
    try:
        return _HASHER.verify(kept, plain(password))
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """True when it was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(kept)
