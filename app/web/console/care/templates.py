"""Templates: the list by kind, one with its versions and drafts, and a second person's verdict."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.care.placeholders import LANGUAGES
from app.care.programmes import shipped as programmes
from app.handlers.care import templates as texts
from app.handlers.care.templates import NotDone, Unfit
from app.web.console import console, names
from app.web.console.care import templates_named, templates_shown
from app.web.console.care.programmes_named import KINDS
from app.web.console.care.programmes_said import title
from app.web.console.care.templates_diff import Change, changes
from app.web.console.care.templates_named import STATES
from app.web.console.care.templates_shown import Line, Shown
from app.web.console.doors import address, go, me, needs, service
from app.web.console.office.replies import gate_said
from app.web.console.typed import whole

FILTERS = ("q", "state", "kind")
JUDGES = ("operator", "supervisor")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions, and what is different."""

    old: int
    new: int
    changes: list[Change]


@console.get("/care/templates")
@needs("operator", "supervisor", "auditor")
def templates() -> ResponseReturnValue:
    filters = {name: request.args.get(name, "")[:60] for name in FILTERS}
    with service().database.begin() as connection:
        found = templates_shown.lines(service(), connection)
    left = [line for line in found if _fits(line, filters)]
    groups = [(str(said), [line for line in left if line.kind == kind]) for kind, said in KINDS.items()]
    return render_template(
        "console/care/templates/page.html",
        groups=[(said, members) for said, members in groups if members],
        shown_count=len(left),
        waiting=sum(any(told.draft for told in line.told) for line in found),
        filters=filters,
        filtered=any(filters.values()),
        kinds=[(kind, str(said)) for kind, said in KINDS.items()],
        state_names=[(state, str(STATES[state])) for state in ("shipped", "draft", "approved", "retired")],
    )


def _fits(line: Line, filters: dict[str, str]) -> bool:
    sought = filters["q"].casefold().split()
    said = f"{line.key} {line.title} {line.words}".casefold()
    return (
        all(word in said for word in sought)
        and filters["state"] in {"", *line.states}
        and filters["kind"] in {"", line.kind}
    )


@console.get("/care/templates/<key>")
@needs("operator", "supervisor", "auditor")
def templates_one(key: str) -> ResponseReturnValue:
    """`language` of the text, that of the page unless told; `old` and `new`: versions to compare."""
    return one_page(known(key, request.args.get("language", "")))


def known(key: str, language: str) -> Shown:
    """404 for a template that is not there. Without a language that it has: that of the page, unless another one alone
    has a version that waits."""
    with service().database.begin() as connection:
        waiting = templates_shown.waiting(connection, key)
        first = names.language() if names.language() in waiting else next(iter(waiting), names.language())
        for one in (language, first, *LANGUAGES):
            found = templates_shown.shown(service(), connection, key, one, me().name) if one in LANGUAGES else None
            if found is not None:
                return found
    return abort(404)


def one_page(shown: Shown, *, fault: str = "", reason_fault: int = 0, retiring: bool = False) -> str:
    with service().database.begin() as connection:
        waiting = templates_shown.waiting(connection, shown.key)
    used_by = [(key, title(one)) for key, one in programmes().items() if shown.key in _texts(key)]
    return render_template(
        "console/care/templates/one.html",
        shown=shown,
        compared=_compared(shown),
        used_by=used_by,
        waiting=waiting,
        may_write=me().role == "operator",
        may_judge=me().role in JUDGES,
        fault=fault,
        reason_fault=reason_fault,
        retiring=retiring,
    )


def _texts(key: str) -> set[str]:
    return set(programmes()[key].texts)


def _compared(shown: Shown) -> Compared | None:
    by_version = {one.version: one for one in shown.versions}
    old, new = whole(request.args.get("old", "")), whole(request.args.get("new", ""))
    if old not in by_version or new not in by_version:
        return None
    one, other = (templates_shown.template_of(shown.key, shown.language, by_version[at]) for at in (old, new))
    return Compared(old, new, changes(one, other))


@console.post("/care/templates/<key>/<language>/judge")
@needs("operator", "supervisor")
def templates_judge(key: str, language: str) -> ResponseReturnValue:
    """`act`: approve or reject a version that waits, or retire the one that leaves. An author may only withdraw."""
    act, version = request.form.get("act", ""), whole(request.form.get("version", ""))
    if act not in {"approve", "reject", "retire"} or version is None:
        abort(400)
    reason, who = request.form.get("reason", ""), me().name
    try:
        if act == "approve":
            texts.approve(service(), who, key, language, version, address=address())
        elif act == "reject":
            texts.reject(service(), who, key, language, version, reason, address=address())
        else:
            texts.retire(service(), who, key, language, version, reason, address=address())
    except NotDone as error:
        return _not_done(known(key, language), error, version, retiring=act == "retire")
    except Unfit as error:
        said = " ".join(dict.fromkeys(templates_named.fault_said(fault) for fault in error.faults))
        return one_page(known(key, language), fault=said), 409
    flash(_told(act, version), "success")
    return go(url_for("console.templates_one", key=key, language=language))


def _told(act: str, version: int) -> str:
    if act == "approve":
        return _("Version %(n)s leaves from now on.", n=version)
    if act == "reject":
        return _("Version %(n)s is rejected.", n=version)
    return _("Retired: nothing with this text leaves any more.")


def _not_done(shown: Shown, error: NotDone, version: int, *, retiring: bool) -> ResponseReturnValue:
    if error.why == "unknown":
        abort(404)
    if error.why == "reason":
        return one_page(shown, reason_fault=version, retiring=retiring), 422
    said = " ".join([templates_named.not_done(error.why), *(gate_said(one) for one in error.reasons)])
    return one_page(shown, fault=said), 409
