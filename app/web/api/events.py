"""`POST /api/v1/events`: what customers did elsewhere (B2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, abort, current_app, request

from app.handlers.care.events import Given, Outcome, take
from app.web.api.answers import Result, Told
from app.web.api.bearer import caller
from app.web.api.problems import problem

MOST = 1_000
MOST_BODY = 1024 * 1024
HEADER = "Idempotency-Key"
FIELDS = {"key", "customer_id", "kind", "at", "detail"}


class _NotJson(ValueError):
    """What JSON does not have (RFC 8259): NaN, a name twice."""


def post_events() -> Response:
    """200: all are kept. 207: some are. 409, 422: none is, and the problem tells of each why."""
    request.max_content_length = MOST_BODY
    if request.mimetype != "application/json":
        abort(415)
    try:
        body = json.loads(request.get_data(), object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError):
        return problem(400, "not-json", "Not JSON", "The body must be one JSON object in UTF-8, no name in it twice.")
    if not isinstance(body, dict):
        return problem(400, "not-an-object", "Not an object", 'The body must be an event, or {"events": [...]}.')
    events = body.get("events") if set(body) == {"events"} else [body]
    if not isinstance(events, list) or not 1 <= len(events) <= MOST:
        return problem(422, "how-many", "Too many events, or none", f"events must be a list of 1 to {MOST:,} events.")
    given = [_given(event, place, len(events)) for place, event in enumerate(events)]
    taken = take(current_app.extensions["huifu"], caller(), given)
    return _answer([(one.key, outcome) for one, outcome in zip(given, taken.outcomes, strict=True)])


def _given(event: Any, place: int, of: int) -> Given:
    """An event without a key gets its place in the request that the header names."""
    if not isinstance(event, Mapping):
        return Given(beside=True)
    known = {name: event[name] for name in FIELDS & set(event)}
    header = request.headers.get(HEADER, "").strip()
    if "key" not in known and header:
        known["key"] = header if of == 1 else f"{header}#{place}"
    return Given(**known, beside=not set(event) <= FIELDS)


def _answer(ended: list[tuple[Any, Outcome]]) -> Response:
    told = [
        Told(index=place, key=_shown(key), outcome=outcome.what, reasons=list(outcome.reasons))
        for place, (key, outcome) in enumerate(ended)
    ]
    whats = [outcome.what for _, outcome in ended]
    if not any(outcome.kept for _, outcome in ended):
        events = [one.model_dump() for one in told]
        if set(whats) == {"conflict"}:
            return problem(409, "key-in-use", "Key in use", "Each key belongs to another event.", events=events)
        says = "None of the events was kept; each has its reasons under events."
        return problem(422, "no-event-kept", "No event was kept", says, events=events)
    counts = {what: whats.count(what) for what in ("taken", "known", "conflict", "refused")}
    result = Result(**counts, events=told)
    kept = counts["taken"] + counts["known"] == len(told)
    return Response(result.model_dump_json(), 200 if kept else 207, content_type="application/json")


def _shown(key: Any) -> str | None:
    return key if isinstance(key, str) and key.isascii() and len(key) <= 120 else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotJson
    return found


def _never(_: str) -> Any:
    raise _NotJson
