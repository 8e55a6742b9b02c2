"""What results say in words: shares with their intervals, what stopped itself, and what a comparison found."""

from __future__ import annotations

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.care.programme import Programme
from app.care.trial import DAYS, BadTrial, Difference, Share, Verdict, interval
from app.handlers.care.trials import Standing
from app.web.console import console
from app.web.console.care.programmes_said import title
from app.web.console.names import Names

OUTCOMES: Names = {
    "engaged": _l("followed the link or answered, other than by refusing"),
    "replied": _l("answered"),
    "followed": _l("followed the link"),
    "chosen": _l("chose from the menu or agreed"),
    "converted": _l("did what the programme is for"),
}
FEATURES: Names = {"name": _l("the customer's name"), "link": _l("a link"), "figure": _l("a figure")}


console.add_app_template_filter(title, "programme_title")


@console.app_template_filter("share")
def share(hits: int, of: int) -> str:
    """3.2%; a dash of nothing."""
    return f"{_number(100 * hits / of)}%" if of else "–"


@console.app_template_filter("between")
def between(hits: int, of: int) -> str:
    """Where the true share lies: 2.8–3.7%."""
    low, high = interval(Share(hits, of))
    return _("%(low)s to %(high)s%%", low=_number(100 * low), high=_number(100 * high)) if of else ""


@console.app_template_filter("outcome_said")
def outcome_said(outcome: str) -> str:
    return str(OUTCOMES.get(outcome, outcome))


@console.app_template_filter("phrase_said")
def phrase_said(phrase: str) -> str:
    return str(FEATURES[phrase]) if phrase in FEATURES else f"“{phrase}”"


@console.app_template_filter("points_said")
def points_said(found: Difference) -> str:
    """+2.1 points, between 0.4 and 3.8."""
    by = 100 * found.by
    sign = "+" if by > 0 else "−" if by < 0 else ""
    low, high = _signed(100 * found.low), _signed(100 * found.high)
    return _("%(by)s points, between %(low)s and %(high)s", by=sign + _number(abs(by)), low=low, high=high)


@console.app_template_filter("verdict_said")
def verdict_said(verdict: Verdict, standing: Standing) -> str:
    """What a finished comparison says of two arms."""
    found = verdict.difference
    if found is None:
        return ""
    if not found.told:
        return _(
            "No difference between %(arm)s and %(other)s was found: %(arm)s lies between %(low)s and %(high)s points "
            "from %(other)s. A difference of %(least)s points would have been found in about 8 of 10 such comparisons.",
            arm=verdict.arm,
            other=verdict.other,
            low=_signed(100 * found.low),
            high=_signed(100 * found.high),
            least=_number(100 * standing.trial.least),
        )
    better, worse = (verdict.arm, verdict.other) if found.by > 0 else (verdict.other, verdict.arm)
    low, high = sorted((abs(found.low), abs(found.high)))
    return _(
        "%(better)s is better than %(worse)s by %(by)s points, between %(low)s and %(high)s.",
        better=better,
        worse=worse,
        by=_number(100 * abs(found.by)),
        low=_number(100 * low),
        high=_number(100 * high),
    )


@console.app_template_filter("waiting_said")
def waiting_said(standing: Standing) -> str:
    """Why nothing can be told yet."""
    if standing.changed:
        return _("The arms of the programme have changed: this comparison ended without a verdict.")
    days = DAYS[standing.trial.outcome]
    if not standing.missing:
        return ngettext(
            "No difference can be told yet: the last texts have %(num)s day for their answers.",
            "No difference can be told yet: the last texts have %(num)s days for their answers.",
            days,
        )
    return _(
        "No difference can be told yet: it needs about %(missing)s more texts, and %(days)s days for their answers.",
        missing=f"{standing.missing:,}",
        days=days,
    )


def bad_trial(error: BadTrial) -> str:
    """The sentence at the field that the error names."""
    told = {
        "outcome": _("Choose what counts. The programme names no event that is its success, if it was that."),
        "baseline": _("Above 0 and below 100 points."),
        "least": _("Above 0 points, and with the expected share at most 100."),
        "programme": _("The programme has one text and no arms to compare."),
    }
    return told[str(error).partition(":")[0]]


def confirm(count: int, total: int) -> str:
    return _(
        "It is meant for %(count)s of %(total)s customers. Type %(count)s to switch it on.",
        count=f"{count:,}",
        total=f"{total:,}",
    )


def outcomes(programme: Programme) -> dict[str, str]:
    """What may count for it, and how that is said."""
    possible = (name for name in DAYS if name != "converted" or programme.converted_by)
    return {name: outcome_said(name) for name in possible}


def points(typed: str) -> float | None:
    """Points that somebody typed, 2.5 or 2.5%, as a share; None for anything else."""
    plain = typed.strip().rstrip("%％").replace("．", ".")
    try:
        found = float(plain) / 100
    except ValueError:
        return None
    return found if plain.isascii() and 0 <= found <= 1 else None


def _number(value: float) -> str:
    """With one digit behind the point; two below one."""
    return format_decimal(round(value, 1 if abs(value) >= 1 else 2))


def _signed(value: float) -> str:
    return ("−" if value < 0 else "") + _number(abs(value))
