"""Finding a customer: by what the number ends with, by customer id, by words of texts, within the role's rights.

What is looked for travels in the body of a request, so that it stands in no address and no log of addresses.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.handlers import searched
from app.handlers.searched import Found, TooShort
from app.store.search import TEXTS
from app.web.console import console, words  # noqa: F401  (the filters of the templates)
from app.web.console.doors import address, me, needs, service
from app.web.console.typed import whole

MOST_TYPED = 80
AROUND = 60
"""Characters that are shown before the first word that was found."""
SHOWN = 160


@console.get("/search")
@needs("agent", "supervisor")
def search() -> ResponseReturnValue:
    return _page("", None, "")


@console.post("/search")
@needs("agent", "supervisor")
def search_look() -> ResponseReturnValue:
    """The people who were found; `below_inbound` and `below_messages` go on with an earlier search for words."""
    typed = " ".join(request.form.get("q", "").split())[:MOST_TYPED]
    try:
        query = searched.read_query(typed)
    except TooShort as error:
        return _page(typed, None, _too_short(str(error))), 422
    found = searched.look(service(), me(), query, below=_below(request.form), address=address())
    return _page(typed, found, "")


def _below(form: Mapping[str, str]) -> dict[str, int] | None:
    read = {name: whole(form.get(f"below_{name}", "")) for name in TEXTS}
    return {name: below for name, below in read.items() if below is not None} or None


def _too_short(what: str) -> str:
    if what == "digits":
        return _("Type at least four digits of the number.")
    return _("Type at least two characters.")


def _page(typed: str, found: Found | None, fault: str) -> str:
    part = "found" if request.headers.get("HX-Request") else "page"
    return render_template(
        f"console/search/{part}.html",
        typed=typed,
        found=found,
        fault=fault,
        own=me().role == "agent",
        most=searched.MOST,
    )


@console.app_template_filter("marked")
def marked(body: str, sought: tuple[str, ...]) -> Markup:
    """A text around the first of the words, each of them marked. Whatever stands in it is words, never HTML."""
    low = body.lower()
    at = min((place for word in sought if (place := low.find(word.lower())) >= 0), default=0)
    start = max(at - AROUND, 0)
    piece = body[start : start + SHOWN]
    lead, tail = "…" * (start > 0), "…" * (start + SHOWN < len(body))
    return Markup(lead) + _mark(piece, [word.lower() for word in sought]) + Markup(tail)


def _mark(piece: str, sought: list[str]) -> Markup:
    low, out, at = piece.lower(), Markup(), 0
    if len(low) != len(piece):  # some letters change their length in lower case: then nothing is marked
        return escape(piece)
    while at < len(piece):
        spots = [(place, len(word)) for word in sought if (place := low.find(word, at)) >= 0]
        if not spots:
            break
        place, size = min(spots)
        out += escape(piece[at:place]) + Markup("<mark>") + escape(piece[place : place + size]) + Markup("</mark>")
        at = place + size
    return out + escape(piece[at:])
