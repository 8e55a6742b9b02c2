"""Passwords at rest: argon2id (RFC 9106). A check takes some tens of milliseconds: never inside a transaction."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.rules.passwords import plain

_HASHER = PasswordHasher()


def digest(password: str) -> str:
    return _HASHER.hash(plain(password))


def matches(kept: str, password: str) -> bool:
    """Takes as long for a `kept` that is empty (nobody has that name) as for a real one."""
    try:
        return _HASHER.verify(kept or _nobodys(), plain(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """True when it was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(kept)


def prepare() -> None:
    """Makes what the first sign-in with an unknown name would have to make."""
    _nobodys()


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())
