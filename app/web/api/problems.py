"""How `/api/v1/` says no: RFC 9457, `application/problem+json`."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

KIND = "application/problem+json"


class Problem(BaseModel):
    """What went wrong (RFC 9457). `detail` says what to do; `events` tells of each event, where there are some."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`urn:huifu:problem:…`; stays the same when the words change.")
    title: str
    status: int
    detail: str


def problem(status: int, kind: str, title: str, detail: str, **more: Any) -> Response:
    """`kind`: the last part of its type, as in `not-json`."""
    told = Problem(type=f"urn:huifu:problem:{kind}", title=title, status=status, detail=detail, **more)
    return Response(told.model_dump_json(), status, content_type=KIND)


def refused(error: HTTPException) -> Response:
    """What Flask itself refuses, in the same form."""
    status = error.code or 500
    says = _SAYS.get(status, "It failed on our side; try again.")
    answer = problem(status, f"http-{status}", error.name, says)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


_SAYS = {
    400: "The request cannot be read.",
    404: "There is nothing here; see /api/v1/openapi.json.",
    405: "That cannot be done here; see the header Allow.",
    413: "The body is larger than 1 MiB; send fewer events at once.",
    415: "The body must be sent as application/json.",
    429: "Too many calls without a valid token; try again in a minute.",
}
