"""`GET /api/v1/openapi.json`: OpenAPI 3.1, whose schemas are JSON Schema as pydantic writes it."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from app.web.api.answers import EventsProblem, Result
from app.web.api.events import MOST
from app.web.api.models import Events
from app.web.api.problems import KIND, Problem


@cache
def document(version: str) -> dict[str, Any]:
    models = (Events, Result, EventsProblem, Problem)
    _, found = models_json_schema(
        [(model, "serialization" if model is not Events else "validation") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    schemas = found["$defs"]
    events = schemas["Events"]["properties"]["events"]
    schemas["Event"] = events["items"]
    events["items"] = _ref("Event")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Huifu",
            "version": version,
            "summary": "What the bank's systems tell the SMS service.",
        },
        "paths": {"/api/v1/events": {"post": _events()}, "/api/v1/openapi.json": {"get": _itself()}},
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "One of API_TOKENS."}},
        },
    }


def _events() -> dict[str, Any]:
    return {
        "operationId": "takeEvents",
        "summary": "Tell what customers did elsewhere",
        "description": f"One event, or up to {MOST:,} of them. Good ones are kept whatever the others are; the same "
        "key twice is one event, so a call whose answer was lost is simply made again.",
        "security": [{"token": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The key of an event that has none itself; of several each gets `#` and its index.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"anyOf": [_ref("Event"), _ref("Events")]}}},
        },
        "responses": {
            "200": _told("Result", "All events are kept."),
            "207": _told("Result", "Some are kept; the others have their reasons."),
            "400": _no("The body is no JSON object."),
            "401": _no("No token, or a wrong one.") | {"headers": _header("WWW-Authenticate")},
            "409": _told("EventsProblem", "None is kept: every key belongs to another event.", KIND),
            "413": _no("More than 1 MiB."),
            "415": _no("Not application/json."),
            "422": _told("EventsProblem", "None is kept; each event has its reasons.", KIND),
            "429": _no("Too many calls without a valid token.") | {"headers": _header("Retry-After")},
            "503": _no("The database is away: nothing was kept, try again.") | {"headers": _header("Retry-After")},
        },
    }


def _itself() -> dict[str, Any]:
    return {
        "operationId": "describe",
        "summary": "This document",
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }


def _ref(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _told(model: str, says: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": says, "content": {kind: {"schema": _ref(model)}}}


def _no(says: str) -> dict[str, Any]:
    return _told("Problem", says, KIND)


def _header(name: str) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}}}
