"""`/r/<code>`: a short link leads on at once, or a page says in the customer's words why it does not (B7).

The answer carries no cookie and names neither the code nor the customer to anybody: no referrer, no cache, no log.
"""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request
from limits import parse_many
from prometheus_client import Counter

from app.handlers.care.links import LETTERS, Why, follow
from app.handlers.service import Service
from app.web.console.entry.limits import Failures
from app.web.links.words import LANGUAGES, words

VISITS = Counter("huifu_link_visits_total", "Short links opened, by who opened them or why they led nowhere", ["kind"])
LOST = Counter("huifu_link_visits_lost_total", "Visits that were not written down because too many waited")

OFTEN = parse_many("600 per minute")
"""Of one address, which may be that of a whole mobile network: counted in each process alone."""
GUESSED = parse_many("30 per minute; 200 per hour")
"""Links that nobody made, of one address."""
NAME = "huifu_links"
STYLE = (
    "body{margin:0;font:17px/1.6 system-ui,sans-serif}main{max-width:26em;margin:12vh auto;padding:0 1.25em}"
    "h1{font-size:1.5em;line-height:1.3;margin:.2em 0 .6em}.bank,.safe{font-size:.88em;opacity:.72}a{font-weight:600}"
)
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": POLICY,
}
STATUS = {"unknown": 404, "over": 410, "away": 503, "often": 429}
AFTER = re.compile(f"[^{LETTERS}0OIl]+$")
"""What a phone took for the end of an address and is the end of a sentence."""

links = Blueprint("links", __name__, url_prefix="/r", template_folder="templates")


def furnish_links(app: Flask) -> None:
    app.extensions[NAME] = (
        Failures("", OFTEN, "huifu_links_often"),
        Failures(app.config.get("REDIS_URL") or "", GUESSED, "huifu_links_guessed"),
    )
    app.register_blueprint(links)


@links.get("/", defaults={"code": ""})
@links.get("/<path:code>")
def open_link(code: str) -> Response:
    ours: Service = current_app.extensions["huifu"]
    often, guessed = current_app.extensions[NAME]
    whose = request.remote_addr or ""
    if often.too_many(whose) or guessed.too_many(whose):
        VISITS.labels("often").inc()
        return _page(ours, "often", "")
    often.add(whose)
    found = follow(ours, AFTER.sub("", code), dict(request.headers), request.method)
    VISITS.labels(found.why or found.kind).inc()
    if not found.noted:
        LOST.inc()
    if found.target is None:
        if found.why == "unknown":
            guessed.add(whose)
        return _page(ours, found.why, found.language)
    answer = make_response("", 302)
    answer.headers["Location"] = found.target
    return answer


@links.after_request
def _alone(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer


def _page(ours: Service, why: Why | str, language: str) -> Response:
    if language not in LANGUAGES:
        asked = request.accept_languages.best_match(["zh-CN", "zh", "en"], default=ours.language)
        language = "en" if asked == "en" else "zh-CN"
    told = words()[language]
    page = render_template(
        "link.html",
        language=language,
        said=told[why],
        page=told["page"],
        bank=ours.name(language),
        hotline=ours.hotline,
        style=STYLE,
    )
    answer = make_response(page, STATUS[why])
    if why in {"away", "often"}:
        answer.headers["Retry-After"] = "30"
    return answer
