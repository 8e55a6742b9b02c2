"""What customers hear when nobody is there: the bank's own words, looked at before they are kept."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers import hours_set, options
from app.handlers.hours_set import Unsayable
from app.handlers.options import WORDED
from app.web.console import console
from app.web.console.doors import address, go, me, needs, service
from app.web.console.office import hours_shown
from app.web.console.office.hours import page

MOST = 600
"""Characters that are looked at; no text of three parts has as many."""


@console.post("/hours/words")
@needs("supervisor", "operator")
def hours_words() -> ResponseReturnValue:
    """Keeps words, shows how they would be read (`act` preview), or gives the shipped ones back (`act` shipped)."""
    language, key, words = _asked()
    act = request.form.get("act", "keep")
    if act == "preview":
        return page(request.form)
    try:
        given = "" if act == "shipped" else words
        if act == "keep" and not words.strip():
            return page(request.form, {f"{language}.{key}": _("Write what the customer is told.")}), 422
        changed = hours_set.set_words(service(), me(), language, key, given, address=address())
    except Unsayable:
        return page(request.form, {f"{language}.{key}": _("These words cannot be kept yet.")}), 422
    if act == "shipped":
        flash(_("The shipped words stand again."), "success")
    else:
        flash(_("Customers hear these words from now on.") if changed else _("Nothing has changed."), "success")
    return go(url_for("console.hours", _anchor="words"))


@console.post("/hours/words/preview")
@needs("supervisor", "operator")
def hours_words_preview() -> ResponseReturnValue:
    """How the words would be read, while they are being written."""
    language, key, words = _asked()
    with service().database.begin() as connection:
        own = options.words(connection)
    shown = hours_shown.one_text(service(), language, key, words, own)
    return render_template("console/hours/readings.html", text=shown)


def _asked() -> tuple[str, str, str]:
    language, key = request.form.get("language", ""), request.form.get("key", "")
    if key not in WORDED or language not in service().catalogue.texts.languages:
        abort(400)
    return language, key, " ".join(request.form.get("words", "")[:MOST].split())
