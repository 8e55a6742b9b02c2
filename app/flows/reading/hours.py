"""Which hours a text names: "三点到四点", "下午", "after 6". Only the clock; `days` knows the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.flows.reading.numbers import HAN_NUMBER, integer

_PARTS: tuple[tuple[re.Pattern[str], int, int], ...] = (
    (re.compile(r"下班(?:了|后|以后|之后)|\bafter work\b"), 18, 21),
    (re.compile(r"凌晨|半夜"), 0, 6),
    (re.compile(r"上午|上昼|朝早|听朝|早上|早晨|清晨|大早|一早|[今明]早|^早|\bmornings?\b"), 9, 12),
    (re.compile(r"中午|正午|晌午|午休|午间|\bnoon\b|\bmidday\b|\blunch(?:time| ?break)?\b"), 12, 14),
    (re.compile(r"下午|午后|下昼|晏昼|后晌|\bafternoons?\b|\barvo\b"), 14, 18),
    (re.compile(r"傍晚"), 17, 19),
    (re.compile(r"晚上|晚间|夜里|夜晚|[今明当每听]晚|\bevenings?\b|\btonight\b|\bnight\b"), 18, 21),
    (re.compile(
        r"上班(?:时间|的时候|时|期间)|工作时间|白天|办公时间|\b(?:office|working|work|business) hours\b"
    ), 9, 18),
)  # fmt: skip
_HAN_CLOCK = re.compile(
    rf"(?<![\d.第])(?P<h>\d{{1,2}}|{HAN_NUMBER})(?:点钟?|时(?![间候候常不]))"
    rf"(?:(?P<half>半)|(?P<quarter>一刻|三刻)|(?P<m>\d{{1,2}}|{HAN_NUMBER})分?(?![天个月点])|整)?"
)
_COLON = re.compile(r"(?<![\d:.])(?P<h>[01]?\d|2[0-4])[:.](?P<m>[0-5]\d)(?![\d:])\s*(?P<ap>[ap]\.?m\b)?")
_LATIN_NUMBER = r"\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_LATIN = re.compile(
    rf"(?P<lead>\b(?:at|after|before|around|by|from|between|until|till|about|past|@|and|to)\s*|[-–~]\s*"
    rf"|(?:day|tomorrow|tmr|tmrw|2moro|morning|afternoon|evening|tonight|mon|tues?|wed|thu|thurs?|fri|sat|sun|today)\s+)?"
    rf"(?<![\d:.,/])\b(?P<h>{_LATIN_NUMBER})\s*(?P<ap>[ap]\.?m\b\.?|o'? ?clock)?"
    rf"(?![\d:.,/%]\d|\s*(?:min|hour|hr|day|week|month|%|yuan|rmb|times?|st\b|nd\b|rd\b|th\b))(?=\W|$)"
)
_PAST = re.compile(
    rf"\b(?P<what>half|quarter|(?:5|10|20|25|five|ten|twenty)) (?P<way>past|to) (?P<h>{_LATIN_NUMBER})\b"
)
_A_BIT = frozenset("快早晚多少好大小便有高低慢近差")
"""Before "一点" these make it "a bit": "快一点", "晚一点"."""
_LATER = re.compile(r"^[ 的]*(?:之后|以后|过后|后(?!天)|往后|onwards?\b|or later|and after|\+)")
_EARLIER = re.compile(r"^[ 的]*(?:之前|以前|前|or earlier)")
_TO = re.compile(r"^ *(?:到|至|-|~|—|and|to|till|until|or) *$")

Edge = Literal["at", "after", "before"]


@dataclass(frozen=True, slots=True)
class Hours:
    """A span in minutes of the day. `exact` when a clock time was said; `clear` when its half of the day was."""

    start: int
    end: int
    exact: bool
    clear: bool


@dataclass(frozen=True, slots=True)
class _Clock:
    at: int
    begin: int
    stop: int
    edge: Edge
    sure: bool


def hours_named(text: str) -> Hours | None:
    """The hours named in a normalised text, or None. A bare "三点" is 15:00, a bare "九点" 9:00."""
    part = next((part for part in _PARTS if part[0].search(text)), None)
    clocks = _clocks(text, part)
    if not clocks:
        return Hours(part[1] * 60, part[2] * 60, exact=False, clear=True) if part else None
    first = clocks[0]
    clear = first.sure or (part is not None)
    if len(clocks) > 1 and _TO.search(text[first.stop : clocks[1].begin]):
        last = clocks[1]
        start = first.at
        if last.sure and not first.sure and start + 720 < last.at:
            start += 720  # "between 2 and 4pm"
        end = last.at if last.at > start else last.at + 720
        if start < end <= 1440:
            return Hours(start, end, exact=True, clear=clear)
    if first.edge == "after":
        end = 1080 if first.at < 1080 else max(1260, first.at + 60)
        return Hours(first.at, min(end, 1440), exact=False, clear=clear)
    if first.edge == "before":
        return Hours(min(540, first.at - 60 if first.at >= 60 else 0), first.at, exact=False, clear=clear)
    return Hours(first.at, min(first.at + 60, 1440), exact=True, clear=clear)


def _clocks(text: str, part: tuple[re.Pattern[str], int, int] | None) -> list[_Clock]:
    found: list[_Clock] = []
    for match in _HAN_CLOCK.finditer(text):
        hour, minute = integer(match["h"]), 0
        if match[0] == "一点" and text[max(0, match.start() - 1) : match.start()] in _A_BIT:
            continue
        if match["half"]:
            minute = 30
        elif match["quarter"]:
            minute = 15 if match["quarter"] == "一刻" else 45
        elif match["m"]:
            minute = integer(match["m"]) or 0
        _add(found, text, match, hour, minute, part)
    for match in _PAST.finditer(text):
        steps = {"half": 30, "quarter": 15, "twenty": 20}.get(match["what"]) or integer(match["what"]) or 0
        hour = integer(match["h"])
        if hour is not None:
            total = hour * 60 + (steps if match["way"] == "past" else -steps)
            _add(found, text, match, total // 60, total % 60, part)
    for match in _COLON.finditer(text):
        _add(found, text, match, int(match["h"]), int(match["m"]), part, match["ap"])
    for match in _LATIN.finditer(text):
        ap = match["ap"] or ""
        if (ap or match["lead"]) and not any(c.begin <= match.start("h") < c.stop for c in found):
            _add(found, text, match, integer(match["h"]), 0, part, ap)
    if not found and part and part[1] == 12 and "noon" in text:
        at = text.find("noon")
        found.append(_Clock(720, at, at + 4, "at", sure=True))
    return sorted(found, key=lambda clock: clock.begin)


def _add(
    found: list[_Clock],
    text: str,
    match: re.Match[str],
    hour: int | None,
    minute: int,
    part: tuple[re.Pattern[str], int, int] | None,
    ap: str | None = None,
) -> None:
    if hour is None or not 0 <= hour <= 24 or not 0 <= minute < 60:
        return
    sure = hour > 12
    if ap and ap.startswith("p"):
        hour, sure = hour % 12 + 12, True
    elif ap and ap.startswith("a"):
        hour, sure = hour % 12, True
    elif hour <= 12 and part:
        afternoon = part[1] >= 12 or (part[1:] == (9, 18) and hour < 8)
        if afternoon and hour < 12 and not (part[1] == 12 and hour >= 10):
            hour += 12
    elif 1 <= hour <= 7:
        hour += 12
    edge: Edge = "at"
    before = text[max(0, match.start() - 2) : match.start("h")]
    if _LATER.search(text[match.end() :]) or re.search(r"\b(?:after|from)\s*$", text[: match.start("h")]):
        edge = "after"
    elif (
        _EARLIER.search(text[match.end() :])
        or re.search(r"\b(?:before|by|until|till)\s*$", text[: match.start("h")])
        or "截止" in before
    ):
        edge = "before"
    at = hour % 24 * 60 + minute if hour != 24 else 1439
    if not any(clock.begin <= match.start("h") < clock.stop for clock in found):
        found.append(_Clock(at, match.start("h"), match.end(), edge, sure))
