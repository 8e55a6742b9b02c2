"""Results, as the console and the terminal show them: read in sets, then put together by what one asks for (B8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.care.library import read, shipped
from app.care.phrases import Company, Sample, company
from app.care.programmes import shipped as programmes
from app.care.tally import Counts, total
from app.handlers.service import Service
from app.rules.days import day_bounds
from app.store import results, templates
from app.store.results_parts import QUARTER, Dimension, Span

PERIOD = 28
"""Days that are shown unless somebody asks for others."""
LONGEST = 366
PARTS: tuple[Dimension, ...] = ("template", "version", "variant", "language", "segment", "zone", "quarter")

Group = tuple[dict[str, Any], Counts]


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the bank's zone, both included. A text belongs to the day of its slot."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Line:
    """`name`: a programme, a version of a template (`settled@0`), an hour, a weekday (0 is Monday), a segment …"""

    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Overview:
    """`held`: by programme and reason, how many never left."""

    period: Period
    programmes: Sequence[Line]
    held: Mapping[tuple[str, str], int]
    words: Sequence[Company]

    @property
    def total(self) -> Counts:
        return total(line.counts for line in self.programmes)


@dataclass(frozen=True, slots=True)
class Report:
    """One programme. `by`: its texts by hour and weekday of leaving in the customers' zones (those that left), by
    segment, language, variant, and version of a template."""

    period: Period
    programme: str
    total: Counts
    held: Mapping[str, int]
    by: Mapping[str, Sequence[Line]]


def period(service: Service, since: date | None = None, until: date | None = None) -> Period:
    """Whatever of it is not given: the last four weeks. At most a year. Raises ValueError that names the field."""
    last = until or service.clock().astimezone(service.zone).date()
    first = since or last - timedelta(days=PERIOD - 1)
    if last < first:
        raise ValueError("until: the last day is before the first")
    if last - first >= timedelta(days=LONGEST):
        raise ValueError(f"since: at most {LONGEST} days are counted at once")
    return Period(first, last)


def overview(service: Service, asked: Period) -> Overview:
    """All programmes beside each other, and which words went with answers."""
    span = _span(service, asked, tuple(programmes()))
    with service.database.reading() as connection:
        groups = results.counted(connection, span, ("programme", "template", "version", "language"), _kinds())
        held = results.held(connection, span)
        written = templates.versions(connection)
    lines = _lines(groups, lambda group: str(group["programme"]))
    order = {key: place for place, key in enumerate(programmes())}
    return Overview(asked, sorted(lines, key=lambda line: order[line.name]), held, company(_samples(groups, written)))


def report(service: Service, key: str, asked: Period) -> Report:
    """Raises KeyError for a programme that is not there."""
    programme = programmes()[key]
    span = _span(service, asked, (programme.key,))
    with service.database.reading() as connection:
        texts = results.counted(connection, span, PARTS, _kinds())
        held = results.held(connection, span)
    left = [(_local(group, service.zone), counts) for group, counts in texts if group["quarter"] is not None]
    return Report(
        period=asked,
        programme=key,
        total=total(counts for _, counts in texts),
        held={reason: count for (_, reason), count in sorted(held.items(), key=lambda one: -one[1])},
        by={
            "hour": _ordered(_lines(left, lambda group: f"{group['at'].hour:02d}")),
            "weekday": _ordered(_lines(left, lambda group: str(group["at"].weekday()))),
            "segment": _largest(_lines(texts, lambda group: group["segment"])),
            "language": _largest(_lines(texts, lambda group: group["language"])),
            "variant": _ordered(_lines(texts, lambda group: group["variant"])),
            "template": _ordered(_lines([one for one in texts if one[0]["version"] is not None], _version)),
        },
    )


def _span(service: Service, asked: Period, keys: tuple[str, ...]) -> Span:
    start, _ = day_bounds(asked.since, service.zone)
    _, end = day_bounds(asked.until, service.zone)
    return Span(start, end, keys)


def _kinds() -> dict[str, tuple[str, ...]]:
    return {key: programme.converted_by for key, programme in programmes().items()}


def _lines(groups: Sequence[Group], name: Callable[[dict[str, Any]], str]) -> list[Line]:
    kept: defaultdict[str, list[Counts]] = defaultdict(list)
    for group, counts in groups:
        kept[name(group)].append(counts)
    return [Line(one, total(some)) for one, some in kept.items()]


def _ordered(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.name)


def _largest(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.counts.planned, line.name))


def _version(group: Mapping[str, Any]) -> str:
    return f"{group['template']}@{group['version']}"


def _local(group: Mapping[str, Any], bank: ZoneInfo) -> dict[str, Any]:
    zone = ZoneInfo(group["zone"]) if group["zone"] else bank
    return {"at": datetime.fromtimestamp(group["quarter"] * QUARTER, zone)}


def _samples(groups: Sequence[Group], written: Sequence[Any]) -> list[Sample]:
    """Texts by the words of their version; without those whose words are known no more."""
    words = {(key, language, 0): one.words for (key, language), one in shipped().items()}
    for row in written:
        if row.version:
            one = read(row.template, row.language, row.content, row.version)
            words[row.template, row.language, row.version] = one.words
    found = []
    for group, counts in groups:
        said = words.get((group["template"], group["language"], group["version"]))
        if said is not None:
            found.append(Sample(group["template"], group["language"], said, counts))
    return found
