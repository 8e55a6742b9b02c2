"""Somebody writes a new version of a template: with a preview while typing, and nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.care.template import Template
from app.flows.catalogue import CATALOGUE
from app.handlers.care import templates as texts
from app.handlers.care.templates import Outdated, Unfit
from app.web.console import console, names
from app.web.console.care import templates_form, templates_named, templates_samples, templates_shown
from app.web.console.care.templates_diff import Change, changes
from app.web.console.care.templates_marks import placeholders
from app.web.console.care.templates_shown import Version
from app.web.console.doors import address, go, me, needs, service
from app.web.console.typed import whole

# fmt: off
INNER = frozenset({
    "callback_cancel", "callback_move", "check", "courtesy", "handback", "late_code", "menu", "no_code", "optout",
    "proof", "survey", "unclear", "which_text",
})
# fmt: on
"""Flows that follow from others, or are words that work anywhere: no text invites to them."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A version that came while somebody wrote; what differs from it to what was typed."""

    author: str
    version: int
    changes: list[Change]


@console.get("/care/templates/<key>/<language>/edit")
@needs("operator")
def templates_edit(key: str, language: str) -> ResponseReturnValue:
    """Begins with the version that waits, if one does; else with the one that leaves."""
    found = _versions(key, language)
    begun = next((one for one in found if one.state == "draft"), None) or templates_shown.current(found)
    base = templates_shown.template_of(key, language, begun)
    return _page(base, base, begun=begun.version, known=found[0].version)


@console.post("/care/templates/<key>/<language>/edit")
@needs("operator")
def templates_draft(key: str, language: str) -> ResponseReturnValue:
    """Hands in what was typed, to wait for a second person. A version that came meanwhile is shown beside it first."""
    base = _begun(key, language)
    typed, known = templates_form.read(request.form, base), whole(request.form.get("known", "")) or 0
    if request.form.get("act") == "preview":
        return _page(base, typed, begun=base.version, known=known)
    try:
        version = texts.draft(service(), me().name, typed, after=known, address=address())
    except Outdated:
        newest = _versions(key, language)[0]
        theirs = templates_shown.template_of(key, language, newest)
        overtaken = Overtaken(newest.author, newest.version, changes(theirs, typed))
        return _page(base, typed, begun=base.version, known=newest.version, overtaken=overtaken), 409
    except Unfit as error:
        return _page(base, typed, begun=base.version, known=known, faults=_faults(error)), 422
    flash(_("Version %(n)s waits for approval by a second person.", n=version), "success")
    return go(url_for("console.templates_one", key=key, language=language))


@console.post("/care/templates/<key>/<language>/preview")
@needs("operator")
def templates_preview(key: str, language: str) -> ResponseReturnValue:
    """How what was typed reads to real customers, while it is being typed."""
    typed = templates_form.read(request.form, _begun(key, language))
    return render_template("console/care/templates/preview.html", **_preview(typed))


def _versions(key: str, language: str) -> list[Version]:
    with service().database.begin() as connection:
        return templates_shown.versions(connection, key, language) or abort(404)


def _begun(key: str, language: str) -> Template:
    """The version that the form began with: what is not in the form is as it was there."""
    begun = whole(request.form.get("begun", ""))
    version = next((one for one in _versions(key, language) if one.version == begun), None) or abort(400)
    return templates_shown.template_of(key, language, version)


def _faults(error: Unfit) -> dict[str, str]:
    """By the name of the field on the page, a sentence for each fault; `all` for what has no field there."""
    told: dict[str, list[str]] = {}
    for fault in error.faults:
        told.setdefault(_field(fault.field), []).append(templates_named.fault_said(fault))
    return {field: " ".join(dict.fromkeys(said)) for field, said in told.items()}


def _field(named: str) -> str:
    """`model.call` -> call, `replies.1` -> replies."""
    group, _dot, part = named.partition(".")
    if group == "model" and part:
        return part
    return group if group in {"body", "target", "replies", "fallbacks"} else "all"


def _sample() -> int:
    return whole(request.form.get("sample", "0"), range(templates_samples.GROUPS + 1)) or 0


def _preview(typed: Template) -> dict[str, object]:
    """What `preview.html` shows: customers, or why there is nothing to show."""
    if not typed.words.strip():
        return {"seen": [], "fault": ""}
    with service().database.begin() as connection:
        return {"seen": templates_samples.seen(service(), connection, typed, _sample()), "fault": ""}


def _page(
    base: Template,
    typed: Template,
    *,
    begun: int,
    known: int,
    faults: Mapping[str, str] | None = None,
    overtaken: Overtaken | None = None,
) -> str:
    """`begun`: the version whose fields the form has; `known`: the newest when the form was opened."""
    with service().database.begin() as connection:
        groups = templates_samples.groups(service(), connection, base.language)
    rows = [*typed.replies, None, None][: templates_form.MOST_REPLIES]
    return render_template(
        "console/care/templates/edit.html",
        base=base,
        typed=typed,
        begun=begun,
        known=known,
        faults=faults or {},
        overtaken=overtaken,
        marks=placeholders(typed),
        part_names=templates_named.PARTS,
        reply_rows=rows,
        flows=flows(),
        samples=groups,
        sample=_sample(),
        **_preview(typed),
    )


def flows() -> list[tuple[str, str]]:
    """Where a reply may lead, by name."""
    named = [(flow, names.flow_name(flow)) for flow in CATALOGUE.flows if flow not in INNER]
    told = [
        (flow, _("%(flow)s, step by step", flow=said) if flow.startswith("guide_") else said) for flow, said in named
    ]
    return sorted((one for one in told if one[1]), key=lambda one: one[1])
