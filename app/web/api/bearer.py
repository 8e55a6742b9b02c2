"""Who may call: a system of the bank by its bearer token (RFC 6750), API_TOKENS."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

from flask import Flask, Response, abort, current_app, g, request

from app.handlers.service import Service
from app.web.api.problems import problem
from app.web.console.entry.limits import Failures

NAME = "huifu_api_failures"


def watch_callers(app: Flask) -> None:
    app.extensions[NAME] = Failures(app.config.get("REDIS_URL") or "", name=NAME)


def let_in() -> Response | None:
    """Before a view: None for a caller with a token, whose name is then `caller()`; else what is answered."""
    ours: Service = current_app.extensions["huifu"]
    given = re.fullmatch(r"(?i:bearer) +([!-~]+) *", request.headers.get("Authorization", ""))
    g.caller = named(ours.api_tokens, given[1]) if given else ""
    if g.caller:
        return None
    failures: Failures = current_app.extensions[NAME]
    whose = request.remote_addr or ""
    if failures.too_many(whose):
        abort(429)
    failures.add(whose)
    answer = problem(401, "no-token", "Unauthorized", "Send Authorization: Bearer TOKEN with a token of API_TOKENS.")
    # RFC 6750 §3.1: who sent nothing is told nothing more.
    told = ', error="invalid_token"' if "Authorization" in request.headers else ""
    answer.headers["WWW-Authenticate"] = f'Bearer realm="huifu"{told}'
    return answer


def caller() -> str:
    """The name of the system that calls. Only behind `let_in`."""
    return str(g.caller)


def named(tokens: Mapping[str, str], given: str) -> str:
    """Whose token it is, or empty. Takes as long for a wrong one: all are compared, each in constant time."""
    found = ""
    for name, token in tokens.items():
        if hmac.compare_digest(token.encode(), given.encode()):
            found = name
    return found
