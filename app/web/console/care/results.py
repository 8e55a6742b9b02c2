"""Results: what became of texts, which words went with answers, comparisons, and what stopped itself."""

from __future__ import annotations

from datetime import date

from flask import Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.care.programme import Programme
from app.care.programmes import shipped
from app.care.trial import BadTrial
from app.handlers.care import results as counted
from app.handlers.care import results_file, stops, switches, trials
from app.handlers.care.results import LONGEST, Period
from app.handlers.care.switches import ConfirmNumber
from app.web.console import console
from app.web.console.care import results_charts, results_said, results_tables
from app.web.console.care.results_tables import Table
from app.web.console.doors import address, go, me, needs, service
from app.web.console.errors import sentence
from app.web.console.typed import day, whole

READERS = ("operator", "supervisor", "auditor")


@console.get("/care/results")
@needs(*READERS)
def results() -> ResponseReturnValue:
    """All programmes beside each other."""
    if key := request.args.get("programme", ""):
        since, until = (request.args.get(name) or None for name in ("since", "until"))
        return go(url_for("console.results_one", programme=key, since=since, until=until))
    asked, faults = _asked()
    found = counted.overview(service(), asked)
    with service().database.reading() as connection:
        states = switches.states(connection)
    return render_template(
        "console/care/results/page.html",
        found=found,
        tables=results_tables.of_all(found),
        charts=results_charts.of_all(found),
        stopped=[(shipped()[key], state) for key, state in states.items() if state.stopped],
        **_shared(asked, faults),
    ), 422 if faults else 200


@console.get("/care/results/<programme>")
@needs(*READERS)
def results_one(programme: str) -> ResponseReturnValue:
    return _one(_known(programme))


@console.get("/care/results.csv")
@needs(*READERS)
def results_csv() -> ResponseReturnValue:
    """The `table` of all programmes, or of the `programme`, with every figure."""
    asked, faults = _asked()
    if faults:
        return sentence(" ".join(faults.values()), 422)
    key, wanted = request.args.get("programme", ""), request.args.get("table", "")
    tables: dict[str, Table]
    if key:
        _known(key)
        tables = results_tables.of_one(counted.report(service(), key, asked))
    else:
        tables = results_tables.of_all(counted.overview(service(), asked))
    if wanted not in tables:
        abort(404)
    answer = Response(results_file.as_csv(tables[wanted].lines()), content_type="text/csv; charset=utf-8")
    name = "-".join(part for part in ("results", key, wanted, f"{asked.since}", f"{asked.until}") if part)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@console.post("/care/results/<programme>/trial")
@needs("operator")
def results_declare(programme: str) -> ResponseReturnValue:
    """Somebody says what counts, before it begins."""
    one, form = _known(programme), request.form
    shares = {name: results_said.points(form.get(name, "")) for name in ("baseline", "least")}
    faults = {name: _("A number of points between 0 and 100.") for name, share in shares.items() if share is None}
    if not faults:
        try:
            found = trials.declare(
                service(),
                me().name,
                one.key,
                form.get("outcome", ""),
                shares["baseline"] or 0.0,
                shares["least"] or 0.0,
                address=address(),
            )
        except BadTrial as error:
            faults = {str(error).partition(":")[0]: results_said.bad_trial(error)}
    if faults:
        return _one(one, faults), 422
    flash(_("The comparison has begun. It takes %(each)s texts of each arm.", each=f"{found.each:,}"), "success")
    return go(url_for("console.results_one", programme=one.key))


@console.post("/care/results/<programme>/resume")
@needs("operator")
def results_resume(programme: str) -> ResponseReturnValue:
    """What stopped itself is switched on again, with a reason."""
    one, typed = _known(programme), request.form.get("expected", "").replace(",", "").replace("，", "")
    try:
        changed = stops.resume(service(), me().name, one.key, request.form.get("because", ""), expected=whole(typed))
    except stops.NoReason:
        fault = _(
            "Say in %(least)s to %(most)s characters why.", least=stops.SHORTEST_REASON, most=stops.LONGEST_REASON
        )
        return _one(one, {"because": fault}), 422
    except ConfirmNumber as asked:
        return _one(one, {"expected": results_said.confirm(asked.count, asked.total)}), 409
    if changed:
        flash(_("It is on again. What was refused before counts no more."), "success")
    else:
        flash(_("Nothing has changed: somebody else was faster."), "info")
    return go(url_for("console.results_one", programme=one.key))


@console.app_template_global("stopped_mark")
def stopped_mark() -> str:
    """Beside the entry of this page, wherever operators are: how many programmes stopped themselves."""
    with service().database.reading() as connection:
        stopped = sum(bool(state.stopped) for state in switches.states(connection).values())
    if not stopped:
        return ""
    said = ngettext("%(num)s programme stopped itself", "%(num)s programmes stopped themselves", stopped)
    return Markup('<b class="pill bad" title="{0}">{1}<i class="visually-hidden"> {0}</i></b>').format(said, stopped)


def _one(programme: Programme, faults: dict[str, str] | None = None) -> str:
    asked, wrong = _asked()
    found = counted.report(service(), programme.key, asked)
    with service().database.reading() as connection:
        state = switches.state(connection, programme.key)
    return render_template(
        "console/care/results/one.html",
        one=programme,
        found=found,
        tables=results_tables.of_one(found),
        charts=results_charts.of_one(found),
        state=state,
        trial=trials.standing(service(), programme.key),
        may_write=me().role == "operator",
        outcomes=results_said.outcomes(programme),
        **_shared(asked, {**wrong, **(faults or {})}),
    )


def _shared(asked: Period, faults: dict[str, str]) -> dict[str, object]:
    chosen = {"since": asked.since.isoformat(), "until": asked.until.isoformat()}
    return {"asked": asked, "chosen": chosen, "faults": faults, "programmes": shipped().values(), "form": request.form}


def _asked() -> tuple[Period, dict[str, str]]:
    """The period of the address; where it cannot be read, the usual one and the sentence at the field."""
    faults: dict[str, str] = {}
    since, until = _day("since", faults), _day("until", faults)
    if not faults:
        try:
            return counted.period(service(), since, until), faults
        except ValueError as error:
            name = str(error).partition(":")[0]
            long = _("At most %(days)s days are counted at once.", days=LONGEST)
            faults[name] = long if name == "since" else _("The last day is before the first.")
    return counted.period(service()), faults


def _day(name: str, faults: dict[str, str]) -> date | None:
    typed = request.args.get(name, "").strip()
    found = day(typed) if typed else None
    if typed and (found is None or not 2000 <= found.year < 9000):
        faults[name] = _("Choose a date.")
        return None
    return found


def _known(key: str) -> Programme:
    return shipped().get(key) or abort(404)
