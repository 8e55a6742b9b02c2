"""Keeps other web sites away from a tool that listens on the developer's own machine.

Two doors: a page elsewhere that posts to localhost (cross-site request forgery), and a name elsewhere that is made to
resolve to 127.0.0.1, so that its page counts as same-origin (DNS rebinding).
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import abort, current_app, request

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_strangers() -> None:
    """Answers 403 to a host name that is not ours, and to a change that another site's page asks for."""
    if not _is_ours(request.host):
        abort(403, "this page answers only under PUBLIC_URL, localhost, or an address in figures")
    if request.method in SAFE:
        return
    # Every browser of the last years sends the first, older ones the second; a program sends neither, and cannot be
    # tricked by a page. JSON bodies close what remains: a form cannot make one.
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        abort(403, "another site may not text from this phone")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "another site may not text from this phone")


def _is_ours(host: str) -> bool:
    """A rebinding attack needs a name, so addresses in figures are safe whichever they are."""
    name = urlsplit(f"//{host}").hostname or ""
    if name in {"localhost", urlsplit(current_app.extensions["huifu"].base_url).hostname}:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
