"""How many texts leave now, and why not more, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.care.programmes import shipped
from app.handlers.care.pace import Pace, Told
from app.rules.pressure import Rest
from app.web.console.care.programmes_said import title

RESTS: dict[Rest, object] = {
    "answers_behind": _l("Nothing leaves: answers to customers are behind and go first."),
    "gateway_rests": _l("Nothing leaves: the gateway rests."),
    "outbox_full": _l("Nothing more is queued: as much waits to be sent as OUTBOX_HOURS allows."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """`free`: something may leave. `lines`: the sender, the agents, and each programme with texts that are due."""

    free: bool
    lines: list[str]


def paced(pace: Pace) -> Said:
    return Said(not pace.rests, list(_lines(pace)))


def _lines(pace: Pace) -> Iterator[str]:
    if pace.rests:
        yield str(RESTS[pace.rests])
    elif pace.room is None:
        yield _("The sender takes what comes: SEND_RATE is not set.")
    else:
        yield ngettext("The sender has room for %(num)s part.", "The sender has room for %(num)s parts.", pace.room)
    if pace.desk is None:
        yield _("Agents limit nothing: none are kept here, or the bank is closed.")
    else:
        yield _(
            "Agents have %(free)s of %(seats)s seats free, %(waiting)s customers wait for one; texts under way will "
            "bring about %(more)s more.",
            free=pace.desk.free,
            seats=pace.desk.seats,
            waiting=pace.desk.waiting,
            more=format_decimal(round(pace.to_come, 1)),
        )
    if not pace.programmes:
        yield _("No text is due now.")
    for one in pace.programmes:
        yield _programme(one, bool(pace.rests))


def _programme(one: Told, rests: bool) -> str:
    known = shipped().get(one.programme)
    name = title(known) if known else one.programme
    share = format_percent(one.to_a_person, "#,##0.#%")
    waiting, may = format_decimal(one.waiting), min(one.waiting, one.may_go or 0)
    if one.may_go is None:
        return _("%(name)s: all %(waiting)s may leave now.", name=name, waiting=waiting)
    if may:
        return _(
            "%(name)s: %(may)s of %(waiting)s may leave now; %(share)s of its texts end with a person.",
            name=name,
            may=format_decimal(may),
            waiting=waiting,
            share=share,
        )
    if rests:
        return _("%(name)s: %(waiting)s wait.", name=name, waiting=waiting)
    return _(
        "%(name)s: %(waiting)s wait, since agents have no room for the replies (%(share)s of its texts end with a "
        "person).",
        name=name,
        waiting=waiting,
        share=share,
    )
