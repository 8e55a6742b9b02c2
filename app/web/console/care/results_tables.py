"""The tables of results: the same for the page and for the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

from app.care.phrases import Company
from app.care.programmes import shipped
from app.care.tally import Counts
from app.handlers.care import results_file
from app.handlers.care.results import Line, Overview, Report
from app.web.console.care.programmes_said import title
from app.web.console.names import language_name


@dataclass(frozen=True, slots=True)
class Row:
    """`key`: what it is called in rows and files; `said`: what people call it."""

    key: str
    said: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Table:
    """Either `rows` of counts, or `reasons` with how often, or `words`."""

    name: str
    said: str
    of: str
    rows: Sequence[Row] = ()
    reasons: Sequence[tuple[str, str, str, int]] = ()
    words: Sequence[Company] = ()

    def lines(self) -> results_file.Lines:
        """As a file has it."""
        match self.name:
            case "held":
                return results_file.reasons(self.reasons)
            case "words":
                return results_file.words(self.words)
        keys = {"programmes": "programme", "total": "programme"}.get(self.name, self.name)
        return results_file.counts(keys, ((row.key, row.said, row.counts) for row in self.rows))


def of_all(found: Overview) -> dict[str, Table]:
    reasons = [(key, title(shipped()[key]), reason, count) for (key, reason), count in found.held.items()]
    tables = (
        Table("programmes", _("Programmes"), _("Programme"), _rows(found.programmes, _programme)),
        Table("held", _("Never left, and why"), _("Reason"), reasons=sorted(reasons, key=lambda one: -one[3])),
        Table("words", _("Words beside answers"), _("Phrase"), words=found.words),
    )
    return {table.name: table for table in tables}


def of_one(found: Report) -> dict[str, Table]:
    said = title(shipped()[found.programme])
    names: Mapping[str, tuple[str, str, Callable[[str], str]]] = {
        "hour": (_("By the hour in which it left"), _("Hour"), lambda hour: f"{hour}:00"),
        "weekday": (_("By weekday"), _("Weekday"), weekday),
        "segment": (_("By segment"), _("Segment"), lambda one: one or _("none")),
        "language": (_("By language"), _("Language"), language_name),
        "variant": (_("By arm"), _("Arm"), lambda one: one or _("none")),
        "template": (_("By version of the text"), _("Version"), lambda one: one),
    }
    whole = [Row(found.programme, said, found.total)]
    reasons = [(found.programme, said, reason, count) for reason, count in found.held.items()]
    tables = (
        Table("total", _("From the plan to the contract"), _("Programme"), whole),
        *(Table(name, told, of, _rows(found.by[name], speak)) for name, (told, of, speak) in names.items()),
        Table("held", _("Never left, and why"), _("Reason"), reasons=reasons),
    )
    return {table.name: table for table in tables}


def weekday(number: str, width: str = "wide") -> str:
    return str(get_day_names(width, locale=get_locale())[int(number)])  # type: ignore[arg-type]


def _rows(lines: Sequence[Line], speak: Callable[[str], str]) -> list[Row]:
    return [Row(line.name, speak(line.name), line.counts) for line in lines]


def _programme(key: str) -> str:
    return title(shipped()[key])
