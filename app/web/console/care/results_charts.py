"""Charts of results, drawn on the server as SVG by pygal and dressed by `care-results.css`: no script and no style of
their own, so that the page's policy holds and both themes fit. The table beneath each says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, SubElement

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from app.care.programmes import shipped
from app.care.tally import FUNNEL, Counts
from app.care.trial import Share, interval
from app.handlers.care.results import Line, Overview, Report
from app.web.console.care.programmes_said import title
from app.web.console.care.results_tables import weekday

FEWEST = 30
"""Fewer texts than that are in the table and not in a chart: their bars would be chance."""
MOST_PROGRAMMES = 12
FONT = 12


def of_all(found: Overview) -> dict[str, Markup]:
    """By name; without one where there is nothing to draw."""
    lines = [line for line in found.programmes if line.counts.reached >= FEWEST]
    lines = sorted(lines, key=lambda line: -line.counts.reached)[:MOST_PROGRAMMES]
    names = [title(shipped()[line.name]) for line in lines]
    return _drawn({"programmes": _shares(_("Answered or followed, of what arrived"), names, lines, across=True)})


def of_one(found: Report) -> dict[str, Markup]:
    hours = [line for line in found.by["hour"] if line.counts.reached >= FEWEST]
    days = [line for line in found.by["weekday"] if line.counts.reached >= FEWEST]
    said = _("Answered or followed, of what arrived")
    return _drawn(
        {
            "total": _funnel(found.total),
            "hour": _shares(said, [line.name for line in hours], hours),
            "weekday": _shares(said, [weekday(line.name, "abbreviated") for line in days], days),
        }
    )


def step(name: str) -> str:
    """What a step of the funnel is called."""
    return {
        "planned": _("Planned"),
        "queued": _("Left the plan"),
        "handed": _("With the gateway"),
        "delivered": _("Arrived"),
        "followed": _("Followed"),
        "replied": _("Replied"),
        "chosen": _("Chose or agreed"),
        "handed_over": _("To a person"),
        "converted": _("Converted"),
    }[name]


def _funnel(counts: Counts) -> Markup | None:
    if not counts.planned:
        return None
    values = [(getattr(counts, name), None) for name in FUNNEL]
    return _bars(_("From the plan to the contract"), [step(name) for name in FUNNEL], values, across=True, shares=False)


def _shares(said: str, names: Sequence[str], lines: Sequence[Line], *, across: bool = False) -> Markup | None:
    if not lines:
        return None
    values = []
    for line in lines:
        share = Share(line.counts.engaged, line.counts.reached)
        values.append((share.rate, interval(share)))
    return _bars(said, names, values, across=across, shares=True)


def _bars(
    said: str,
    names: Sequence[str],
    values: Sequence[tuple[float, tuple[float, float] | None]],
    *,
    across: bool,
    shares: bool,
) -> Markup:
    """Bars with their intervals. `across`: they lie, the first at the top."""
    import pygal  # here: only who opens such a page needs it
    from pygal.style import Style

    kind = pygal.HorizontalBar if across else pygal.Bar
    top = max(end[1] if end else value for value, end in values) or 1
    chart: Any = kind(
        width=400,
        height=60 + 24 * len(names) if across else 230,
        margin=6,
        margin_left=6 + _wider(names) if across else 6,
        explicit_size=False,
        disable_xml_declaration=True,
        no_prefix=True,
        show_legend=False,
        print_values=across,
        print_values_position="top",
        truncate_label=-1,
        range=(0, 1.2 * top if across else top),  # the figure stands behind its bar
        max_scale=4,
        css=(),
        js=(),
        style=Style(label_font_size=FONT, major_label_font_size=FONT, value_font_size=FONT, font_family="sans-serif"),
        value_formatter=_percent if shares else _whole,
    )
    shown = [
        {"value": value, **({"ci": {"low": end[0], "high": end[1]}} if end and not across else {})}
        for value, end in values
    ]
    turn = -1 if across else 1  # lying bars are drawn from the bottom
    chart.x_labels = list(names)[::turn]
    chart.add(said, shown[::turn])
    chart.add_xml_filter(lambda root: _undressed(root, said))
    return Markup(chart.render(is_unicode=True))


def _undressed(root: Element, said: str) -> Element:
    """Without style, script, comments and what only scripts read; each bar says its figure when one points at it."""
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            known = child.tag if isinstance(child.tag, str) else ""
            if known in {"", "defs", "title"} or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
    for bar in root.iter("g"):
        if bar.get("class") == "bar":
            told = {one.get("class"): one.text or "" for one in bar.findall("desc")}
            for one in bar.findall("desc"):
                bar.remove(one)
            SubElement(bar, "title").text = f"{told.get('x_label', '')} {told.get('value', '')}".strip()
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-label", _("%(chart)s; the table says the same", chart=said))
    return root


def _wider(names: Sequence[str]) -> float:
    """By how much the longest name is wider than pygal takes it for: it knows of no letters that are square."""
    square = max(sum(east_asian_width(letter) in "WF" for letter in name) for name in names)
    return 0.4 * FONT * square


def _drawn(charts: dict[str, Markup | None]) -> dict[str, Markup]:
    return {name: chart for name, chart in charts.items() if chart is not None}


def _percent(value: float) -> str:
    return f"{format_decimal(round(100 * value, 1))}%"


def _whole(value: float) -> str:
    return str(format_decimal(round(value)))
