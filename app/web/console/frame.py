"""Puts the console into the application: libraries, cookies, headers, and the pages for what goes wrong."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from app.handlers.service import Service
from app.web.console import console, navigation
from app.web.console.doors import door, seat
from app.web.console.entry.limits import watch_failures
from app.web.console.errors import answer_errors
from app.web.console.languages import speak, told
from app.web.console.unstorable import refuse_unstorable

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
OURS = ("/console", "/bootstrap")
STATIC = {"console.static", "bootstrap.static"}
csrf = CSRFProtect()


def furnish(app: Flask) -> None:
    """`app.extensions["huifu"]` must be there: cookies are signed with a key of the service's own."""
    service: Service = app.extensions["huifu"]
    secure = service.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=hmac.new(service.secret, b"console-cookies", hashlib.sha256).digest(),
        SESSION_COOKIE_NAME="__Host-huifu" if secure else "huifu",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # gateways and the phone have doors of their own; ours is `_refuse_forgeries`
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page stays open all day
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    door.init_app(app)
    csrf.init_app(app)
    watch_failures(app)
    Bootstrap5().init_app(app)
    speak(app)
    answer_errors(app)
    app.register_blueprint(console)
    app.before_request(_refuse_forgeries)
    app.after_request(_close_doors)
    app.url_defaults(_versioned)
    app.context_processor(_known)


def _refuse_forgeries() -> None:
    """No change without the token of the session. Who is not signed in is turned away by `needs` first."""
    if request.blueprint != console.name or request.endpoint is None:
        return
    refuse_unstorable()
    view = current_app.view_functions[request.endpoint]
    if hasattr(view, "open_to") and seat() is None:
        return
    csrf.protect()


def _close_doors(answer: Response) -> Response:
    if not request.path.startswith(OURS):
        return answer
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint not in STATIC:
        answer.headers["Cache-Control"] = "no-store"
    elif request.args.get("v") and answer.status_code == 200:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer


def _versioned(endpoint: str, values: dict[str, Any]) -> None:
    """Static files carry what they hold in their address, so that a browser may keep them for a year."""
    if endpoint in STATIC and "filename" in values and "v" not in values:
        folder = current_app.blueprints[endpoint.partition(".")[0]].static_folder
        values["v"] = _mark(Path(str(folder)) / values["filename"])


def _mark(file: Path) -> str | None:
    try:
        known = file.stat()
    except OSError:
        return None
    key = (str(file), known.st_mtime_ns, known.st_size)
    if key not in _MARKS:
        _MARKS[key] = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return _MARKS[key]


_MARKS: dict[tuple[str, int, int], str] = {}


def _known() -> dict[str, Any]:
    """What every template of the console may use."""
    if request.blueprint != console.name and not request.path.startswith("/console"):
        return {}
    held = seat()
    return {
        **told(),
        "me": held.agent if held else None,
        "bank": current_app.extensions["huifu"].name(told()["language"]),
        "navigation": navigation.entries(),
        "is_current": navigation.current,
        "role_name": navigation.role_name,
        "here": request.full_path.rstrip("?") if request.method == "GET" else "",
    }
