"""Dates and times that customers name, as windows: "明天下午三点", "半小时后", "friday morning", "after 6".

A small grammar of our own: five libraries were measured on `tests/reading/times.tsv`, none reached three
quarters of the Chinese or of the English expressions (docs/decisions.md).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from app.flows.reading.days import days_named
from app.flows.reading.hours import Hours, hours_named
from app.flows.reading.meaning import When
from app.flows.reading.numbers import HAN_NUMBER, integer
from app.flows.reading.refused_times import parted

OPENING, CLOSING = time(9), time(18)
"""The working day that "明天" or "next monday" stands for. The callback flow offers the real slots."""

_ANY = re.compile(
    r"\d|[点时刻]|[今明后大当次]天|[今明当][早晚日儿]|后日|明[上下中]|[周号月]|礼拜|星期|[上中下正晌]午|[上下晏]昼|朝早|听[日朝晚]|后晌|早[上晨]|清晨|[一大]早|^早|晚[上间点些]|傍晚|夜|凌晨|[上下]班"
    r"|工作时间|白天|午[休间后]|小时|分钟|钟头|[一二三四五六七八九十两几]天|马上|立刻|立即|现在|此刻|尽快|稍后|会儿?|晚一?点|回头|这会"
    r"|to?mor+ow|tmr|tmw|tml|2mo?r|tonight|2?day|week|noon|arvo|morn|evening|night|lunch|midday|month|hour|hr|min|now|asap|later|soon|after|before|clock|past|o'clock"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\bat "
)
_COUNT = (
    rf"\d{{1,3}}|{HAN_NUMBER}|半|an?|one|two|three|four|five|six|ten|fifteen|twenty|thirty|half an?"
    r"|a couple of|a few|几"
)
_SPAN = re.compile(
    rf"(?P<pre>再?过|等|in|within|after)?\s*(?P<n>{_COUNT})\s*个?(?P<half>半)?"
    rf"(?P<unit>小时|钟头|分钟|分|刻钟|minutes?|mins?|hours?|hrs?)(?P<half2>半)?"
    rf"\s*(?P<post>之后|以后|后|内|之内|以内|later|from now|time)?"
)
_NOW = re.compile(
    r"现在|马上|立刻|立即|此刻|即刻|这会儿?|尽快|尽早|赶紧|赶快|\bnow\b|\bimmediately\b|\basap\b|\bright away\b"
)
_LATER = re.compile(
    r"[一等待过]会儿?|等[一]?下|稍后|晚一?点儿?|晚些|回头|\blater\b|\bin a (?:bit|while|moment)\b|\bsoon\b"
)


def find_when(text: str, now: datetime) -> When | None:
    """The window that a normalised text names and does not rule out, or None. `now` is aware, the window in its zone.

    An exact hour opens a window of one hour; "以后" runs to the end of the working day, or of the evening.
    """
    if not _ANY.search(text):
        return None
    text, refused = parted(text)
    if span := _span(text):
        start = _whole_minutes(now) + span
        return When(start, start + timedelta(hours=1), exact=True)
    days = days_named(text, now.date())
    hours = hours_named(text)
    if hours is not None:
        if not days.said and hours_named(refused):
            days = days_named(refused, now.date())  # "明天上午没空，下午吧": of the same day
        return _at(hours, days.first, now, said=days.said)
    if days.said:
        start = max(datetime.combine(days.first, OPENING, now.tzinfo), _whole_minutes(now))
        end = datetime.combine(days.last, CLOSING, now.tzinfo)
        return When(start, end if end > start else start + timedelta(hours=1), exact=False)
    if _LATER.search(text):
        return When(_whole_minutes(now) + timedelta(minutes=30), _whole_minutes(now) + timedelta(hours=3), exact=False)
    if _NOW.search(text):
        return When(_whole_minutes(now), _whole_minutes(now) + timedelta(hours=1), exact=True)
    return None


def find_day(text: str, now: datetime) -> date | None:
    """The day that a normalised text names ("25号", "下周一", "today") and does not rule out, or None.

    "现在" and "两小时后" are today, "晚点" is no day; of several days ("这周") it is the last.
    """
    if not _ANY.search(text):
        return None
    left = parted(text)[0]
    days = days_named(left, now.date())
    if days.said:
        return days.last
    when = None if _LATER.search(left) and not hours_named(left) and not _span(left) else find_when(text, now)
    return when.start.date() if when else None


def _span(text: str) -> timedelta | None:
    for match in _SPAN.finditer(text):
        if not (match["pre"] or match["post"]):
            continue
        count, unit = match["n"], match["unit"]
        per = 60 if unit[0] in "小钟h" else 15 if unit == "刻钟" else 1
        if count in ("半", "half an", "half a"):
            minutes = per // 2
        elif count in ("a couple of", "a few", "几"):
            minutes = per * (2 if per == 60 else 10)
        else:
            minutes = per * {"a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30}.get(count, integer(count) or 1)
        if match["half"] or match["half2"]:
            minutes += per // 2
        return timedelta(minutes=minutes)
    return None


def _at(hours: Hours, day: date, now: datetime, *, said: bool) -> When:
    midnight = datetime.combine(day, time(), now.tzinfo)
    start, end = midnight + timedelta(minutes=hours.start), midnight + timedelta(minutes=hours.end)
    if day == now.date() and (end <= now or (hours.exact and start <= now < end and hours.end - hours.start == 60)):
        evening = start + timedelta(hours=12)
        if not hours.clear and evening > now and evening.hour <= 20 and evening.date() == day:
            start, end = evening, end + timedelta(hours=12)
        elif not said and end <= now + timedelta(hours=1):
            start, end = start + timedelta(days=1), end + timedelta(days=1)
    if start < now < end:
        start = _whole_minutes(now)
    return When(start, end, exact=hours.exact, day_said=said)


def _whole_minutes(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
