"""People of the desk: what they take on, whether they are there, and whether they may sign in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers import people_set
from app.handlers.people_set import BadAccount, NotAllowed
from app.rules.routing import SKILLS
from app.store import agents, load
from app.web.console import console, names
from app.web.console.doors import address, go, me, needs, service
from app.web.console.languages import LANGUAGES
from app.web.console.office.people_said import account_fault, why_not
from app.web.console.typed import whole


@dataclass(frozen=True, slots=True)
class Shown:
    """A person as the page shows them. `state`: there · away · gone (no page open) · locked · disabled."""

    row: Any
    state: str
    talks: int
    skills: frozenset[str]
    languages: frozenset[str]
    yours: bool


@console.get("/people")
@needs("supervisor")
def people() -> ResponseReturnValue:
    return _page()


@console.post("/people")
@needs("supervisor")
def people_add() -> ResponseReturnValue:
    """Makes an account; its one-time password stands on the page that answers, and nowhere else."""
    form = request.form
    name, role = form.get("name", "").strip(), form.get("role", "agent")
    faults: dict[str, str] = {}
    most_open = _most_open(form, faults)
    if faults:
        return _page(form, faults), 422
    try:
        password = people_set.add(
            service(),
            me(),
            name,
            role,
            address=address(),
            most_open=most_open,
            skills=_skills(),
            languages=_languages(),
        )
    except NotAllowed as error:
        return _page(form, {"role": why_not(error)}), 422
    except BadAccount:
        with service().database.begin() as connection:
            taken = agents.by_name(connection, name) is not None
        return _page(form, {"name": account_fault(taken)}), 422
    return _once(name, password)


@console.post("/people/<int:person>/work")
@needs("supervisor")
def people_work(person: int) -> ResponseReturnValue:
    """Skills, languages, and how many conversations at once."""
    faults: dict[str, str] = {}
    most_open = _most_open(request.form, faults)
    if faults:
        return _page(request.form, faults, at=person), 422
    try:
        people_set.set_work(
            service(),
            me(),
            person,
            skills=_skills(),
            languages=_languages(),
            most_open=most_open,
            address=address(),
        )
    except NotAllowed as error:
        return _refused(error, person)
    flash(_("Kept."), "success")
    return go(url_for("console.people", _anchor=f"person-{person}"))


@console.post("/people/<int:person>/act")
@needs("supervisor")
def people_act(person: int) -> ResponseReturnValue:
    """One of `ACTS`, or `reset`: a new one-time password, shown once."""
    act = request.form.get("act", "")
    try:
        if act == "reset":
            with service().database.begin() as connection:
                row = agents.by_id(connection, person)
            return _once(row.name if row else "", people_set.reset(service(), me(), person, address=address()))
        if act == "role":
            people_set.set_role(service(), me(), person, request.form.get("role", ""), address=address())
        elif act in ACTS:
            ACTS[act](service(), me(), person, address=address())
        else:
            abort(400)
    except NotAllowed as error:
        return _refused(error, person)
    flash(_("Done."), "success")
    return go(url_for("console.people", _anchor=f"person-{person}"))


ACTS: dict[str, Callable[..., None]] = {
    "away": people_set.set_away,
    "unlock": people_set.unlock,
    "end_sessions": people_set.end_sessions,
    "disable": people_set.disable,
    "enable": people_set.enable,
}


def _skills() -> list[str]:
    return [skill for skill in SKILLS if skill in request.form.getlist("skills")]


def _languages() -> list[str]:
    return sorted(LANGUAGES.keys() & request.form.getlist("languages"))


def _most_open(form: Mapping[str, str], faults: dict[str, str]) -> int:
    number = whole(form.get("most_open", "4"), people_set.MOST_OPEN)
    if number is not None:
        return number
    faults["most_open"] = _("A whole number from 1 to 50.")
    return 0


def _refused(error: NotAllowed, person: int) -> ResponseReturnValue:
    return _page({}, {"act": why_not(error)}, at=person), 404 if error.why == "nobody" else 409


def _once(name: str, password: str) -> ResponseReturnValue:
    return render_template("console/people/once.html", name=name, password=password)


def _page(typed: Mapping[str, str] | None = None, faults: Mapping[str, str] | None = None, *, at: int = 0) -> str:
    """`at`: whose form was refused; 0 is that of a new person."""
    now = service().clock()
    with service().database.begin() as connection:
        rows = agents.listed(connection)
        talks = load.open_talks(connection)
    shown = [_shown(row, talks.get(row.name, 0), now) for row in rows]
    return render_template(
        "console/people/page.html",
        desk=[one for one in shown if one.row.role in people_set.DESK],
        others=[one for one in shown if one.row.role not in people_set.DESK],
        skills={skill: names.topic_name(skill) for skill in SKILLS},
        typed=typed or {},
        typed_skills=request.form.getlist("skills"),
        typed_languages=request.form.getlist("languages"),
        faults=faults or {},
        at=at,
    )


def _shown(row: Any, talks: int, now: Any) -> Shown:
    there = row.alive_until is not None and row.alive_until > now
    locked = row.locked_until is not None and row.locked_until > now
    known = agents.agent(row)
    state = (
        "disabled"
        if row.disabled_at
        else "locked"
        if locked
        else "gone"
        if not there
        else "there"
        if row.status == "available"
        else "away"
    )
    return Shown(row, state, talks, known.skills, known.languages, row.id == me().id)
