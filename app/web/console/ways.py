"""Where a request wants to go, and what kind of answer it can read."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import Response, make_response, request

HOME = "/console/"


def own_path(given: str, *, full: bool = False) -> str:
    """`given` when it is a path of the console, with its query; else empty: nobody is sent to another site.

    Browsers read `\\` as `/`, drop tabs and line breaks, and take `//host` for another site; so nothing of that kind
    passes, in any encoding. `full`: a whole URL of this site is reduced to its path.
    """
    try:
        parts = urlsplit(given)
    except ValueError:  # `http://[`, and hosts that stand for others once they are normalised
        return ""
    if full and parts.netloc == request.host and parts.scheme in {"http", "https"}:
        given = parts.path + (f"?{parts.query}" if parts.query else "")
    seen = given
    for _ in range(3):  # encoded once or twice more
        if not seen.startswith(HOME) or "//" in seen.partition("?")[0] or re.search(r"[\\\x00-\x20\x7f]", seen):
            return ""
        if ".." in seen.partition("?")[0].split("/"):
            return ""
        seen = unquote(seen)
    return given


def asks_for_a_part() -> bool:
    """True for htmx, JSON and events: they can do nothing with a page."""
    if request.headers.get("HX-Request"):
        return True
    accepts = request.accept_mimetypes
    best = accepts.best_match(["text/html", "application/json", "text/event-stream"], default="text/html")
    return best != "text/html"


def plain(said: str, status: int) -> Response:
    """A sentence for htmx and scripts, which show it as it is."""
    answer = make_response(said, status)
    answer.mimetype = "text/plain"
    return answer
