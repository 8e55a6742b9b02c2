"""How often one address may fail to sign in: slows down whoever tries one password on every name."""

from __future__ import annotations

from flask import Response
from flask_limiter import Limiter

from app.web.console.doors import address

FAILED = "20 per minute; 100 per hour"
"""Failures only: a whole branch may come in through one address at nine o'clock."""

limiter = Limiter(address, headers_enabled=False)


def failed(answer: Response) -> bool:
    return answer.status_code == 401
