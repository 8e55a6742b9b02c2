"""`/phone/`: a phone in the browser on the simulated network. A tool for trying and showing, not for production."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request

from app.handlers import simulated
from app.handlers.cast import STRANGER, number, roles
from app.handlers.explain import explain_phone
from app.handlers.service import Service
from app.web.phone.same_site import refuse_strangers
from app.web.phone.words import LANGUAGES, words

MOST_CHARACTERS = 1600  # as at a real gateway
LANGUAGE_COOKIE = "phone_language"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

phone = Blueprint(
    "phone",
    __name__,
    url_prefix="/phone",
    static_folder="static",
    static_url_path="/static",
    template_folder="templates",
)
phone.before_request(refuse_strangers)


@phone.after_request
def close_doors(answer: Response) -> Response:
    """Nothing from elsewhere runs here, and the number in the address goes to nobody."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store" if request.endpoint != "phone.static" else "no-cache"
    return answer


@phone.get("/")
def show() -> Response:
    ours, language = service(), _language()
    cast = roles(ours)
    asked = request.args.get("phone", "")
    chosen = number(asked) or (cast[0].phone if not asked else None)
    page = render_template(
        "phone.html",
        words=words(language),
        language=language,
        languages=LANGUAGES,
        roles=cast,
        chosen=chosen or STRANGER,
        role=next((role for role in cast if role.phone == chosen), None),
        not_a_number=asked if chosen is None else "",
        bank=ours.bank_name,
        told=_told(language),
    )
    answer = make_response(page)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, path="/phone", samesite="Strict", httponly=True)
    return answer


@phone.get("/api/texts")
def texts() -> Response:
    """The thread and the reasons of a number; only `revision` while it is still what the page has (`after`)."""
    ours, theirs = service(), _number(request.args.get("phone"))
    thread = simulated.thread(ours, theirs)
    turns = explain_phone(ours, theirs)
    revision = f"{thread.revision}.{turns[0].id if turns else 0}"
    if request.args.get("after") == revision:
        return jsonify(revision=revision)
    return jsonify({**asdict(thread), "revision": revision, "turns": [asdict(turn) for turn in turns]})


@phone.post("/api/texts")
def send() -> tuple[Response, int]:
    """`{phone, bodies, copies, then_off}`: texts sent at one moment, each delivered `copies` times."""
    asked = _asked()
    bodies, copies = asked.get("bodies"), asked.get("copies", 1)
    if not isinstance(bodies, list) or not 1 <= len(bodies) <= 5 or str(copies) not in {"1", "2"}:
        abort(400, "bodies must be 1 to 5 texts, copies 1 or 2")
    if not all(_is_text(body) for body in bodies):
        abort(400, f"a text has 1 to {MOST_CHARACTERS} characters that can be sent")
    try:
        simulated.text_in(
            service(), _number(asked.get("phone")), bodies, copies=int(copies), then_off=asked.get("then_off") is True
        )
    except simulated.HandsetOff:
        return jsonify(refused="off"), 409
    return jsonify(sent=len(bodies)), 202


@phone.post("/api/handset")
def handset() -> Response:
    """`{phone, on}` switches it; `{phone, blocked: true}` blocks the number. START, texted, lifts the block."""
    asked = _asked()
    theirs = _number(asked.get("phone"))
    if isinstance(asked.get("on"), bool):
        simulated.switch(service(), theirs, asked["on"])
    if asked.get("blocked") is True:
        simulated.block(service(), theirs)
    return jsonify(done=True)


@phone.post("/api/faults")
def faults() -> Response:
    """`{phone, fault}`: what the bank's next text to this number meets."""
    asked = _asked()
    fault = str(asked.get("fault"))
    if fault not in simulated.FAULTS:
        abort(400, f"fault is one of {', '.join(simulated.FAULTS)}")
    simulated.meet(service(), _number(asked.get("phone")), fault)
    return jsonify(done=True)


@phone.post("/api/size")
def size() -> Response:
    """`{body}` -> parts and units on the air: counted here, so that the page needs no tables of its own."""
    return jsonify(asdict(simulated.size(str(_asked().get("body", ""))[:MOST_CHARACTERS])))


def service() -> Service:
    found: Service = current_app.extensions["huifu"]
    return found


def _asked() -> dict[str, Any]:
    found = request.get_json()
    if not isinstance(found, dict):
        abort(400, "a JSON object is expected")
    return found


def _number(given: object) -> str:
    found = number(given) if isinstance(given, str) else None
    if found is None:
        abort(400, "phone is not a phone number")
    return found


def _is_text(body: object) -> bool:
    """Half of a surrogate pair is valid JSON and no text."""
    if not isinstance(body, str) or not 0 < len(body) <= MOST_CHARACTERS:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in body)


def _language() -> str:
    """`?lang=`, else what was chosen last, else Chinese."""
    wanted = (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
    return next((language for language in wanted if language in LANGUAGES), "zh-CN")


def _told(language: str) -> dict[str, Any]:
    """Words that the script needs; the starters in every language, for a customer may speak another than the page."""
    starters = {name: words(name)["starters"]["list"] for name in LANGUAGES}
    return {**words(language)["script"], "starters": starters, "language": language}
