"""Hours as people type them."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

from app.rules.hours import BadPeriods, Period, parse_periods

CLOSED = {"", "-", "休息", "休", "不上班", "closed", "none", "无"}
_BETWEEN = re.compile(r"[,，、;；\n]+")
_DASH = re.compile(r"\s*(?:[-~～–—−]|至|到|to)\s*")


class Fault(ValueError):
    """`said`: a sentence for the field."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def read_periods(typed: str) -> tuple[Period, ...]:
    """ "9-12、13：30～18:00" as periods; () for closed. Raises `Fault`."""
    plain = unicodedata.normalize("NFKC", typed).strip().lower()
    if plain in CLOSED:
        return ()
    texts = [_DASH.sub("-", one.strip()) for one in _BETWEEN.split(plain) if one.strip()]
    texts = [re.sub(r"(?<![\d:])(\d{1,2})(?=-|$)(?!:)", r"\1:00", one) for one in texts]
    try:
        return parse_periods(texts)
    except BadPeriods as fault:
        raise Fault(_said(fault)) from None


def _said(fault: BadPeriods) -> str:
    what = fault.what[0] if fault.what else ""
    if fault.kind == "clock":
        return _("%(what)s is no time of the day: hours go from 00:00 to 23:59.", what=what)
    if fault.kind == "blank":
        return _("%(what)s is empty: let it end later than it starts.", what=what)
    if fault.kind == "backwards":
        return _(
            "%(what)s ends before it starts. For a night, end at 23:59 and begin the next day at 00:00.", what=what
        )
    if fault.kind == "overlap":
        return _("%(one)s and %(other)s overlap.", one=fault.what[0], other=fault.what[1])
    return _("%(what)s is not a period: write it like 09:00-12:00, 13:30-18:00.", what=what)
