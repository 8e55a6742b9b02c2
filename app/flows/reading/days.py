"""Which day a text names, in Chinese or English, relative to the moment it was read."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from app.flows.reading.numbers import HAN_NUMBER, integer

_N = rf"(?:\d{{1,2}}|{HAN_NUMBER})"
_WEEKDAYS = {
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
    "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6,
    "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6,
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)

_WORDS = (
    (re.compile(r"大后天"), 3),
    (re.compile(r"(?<!大)后(?:天|日)|(?:the )?day after (?:tomorrow|tmr)"), 2),
    (
        re.compile(
            r"明(?:天|日|儿|个儿)|听[日朝晚]|(?<![说证声黑])明(?=[早晚]|上午|下午|中午)|\b(?:tomorrow|tomorow|tommorow|tommorrow|tomoro|tmrw?|tmw|tml|2moro|2mrw|2morrow)\b"
        ),
        1,
    ),
    (re.compile(
        r"今(?:天|日|儿|个儿)|今(?=[早晚])|当天|\btoday\b|\btonight\b|\b2day\b|\bthis (?:morning|afternoon|evening)\b"
    ), 0),
)  # fmt: skip
_WEEKDAY = re.compile(
    r"(?P<lead>下下个?|下个?|这个?|本)?(?:周|礼拜|星期)(?P<zh>[一二三四五六日天1-7])(?![\d月])"
    r"|(?:\b(?P<enlead>next|this|coming|on)\s+)?\b(?P<en>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?\b"
)
_WEEKEND = re.compile(r"(?P<lead>下个?)?(?:周|礼拜)末|(?P<enlead>next )?\bweekend\b")
_WEEK = re.compile(
    r"(?P<next>下(?:个)?(?:周|星期|礼拜)|next week)|(?P<this>(?:这|本)(?:个)?(?:周|星期|礼拜)|this week)"
)
_FULL = re.compile(r"(?<!\d)(20\d\d)[年\-/.](\d{1,2})[月\-/.](\d{1,2})[日号]?(?!\d)")
_MONTH_DAY = re.compile(rf"(?<!\d)(?P<m>{_N})月(?:份)?的?(?P<d>{_N})(?:日|号|(?!\d|个))")
_SLASHED = re.compile(r"(?<![\d/.])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/])")
_ENGLISH_DATE = re.compile(
    rf"\b(?P<m1>{_MONTH})\.? (?:the )?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH})\b"
)
_NEXT_MONTH_DAY = re.compile(
    rf"(?:下个?月|次月)的?(?P<d>{_N})[号日]?|\b(?P<en>\d{{1,2}})(?:st|nd|rd|th)? of next month"
)
_DAY_OF_MONTH = re.compile(
    rf"(?<![\d月第])(?:这个?月|本月)?(?P<d>{_N})[号日](?![码线楼店])|\b(?:the )?(?P<en>\d{{1,2}})(?:st|nd|rd|th)\b"
)
_MONTH_END = re.compile(r"(?P<next>下个?)?月(?:底|末)|(?:the )?end of (?P<ennext>next )?(?:the |this )?month")
_EN = r"\d{1,2}|an?|one|two|three|four|five|six|seven|ten"
_DAYS_ON = re.compile(
    rf"(?:(?:再|等)?过)?(?P<n>{_N})个?(?P<unit>天|日|周|星期|礼拜|月)(?:之后|以后|后|过后)|过(?P<n2>{_N})(?P<unit2>天)"
    rf"|\b(?:in|after|within) (?P<en>{_EN}) (?P<enunit>day|week|month)s?\b"
    rf"|\b(?P<en2>{_EN}) (?P<enunit2>day|week|month)s? (?:later|from (?:now|today))\b"
)


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a text names: `first` to `last`, both included. `said` is False when none was named."""

    first: date
    last: date
    said: bool


def days_named(text: str, today: date) -> Days:
    """The days named in a normalised text; today when none is. A day of the month or a date without a year
    that is over means the next one."""
    found = _relative(text, today) or _calendar(text, today) or _week(text, today)
    if found is None:
        return Days(today, today, said=False)
    first, last = found
    return Days(first, last, said=True)


def _relative(text: str, today: date) -> tuple[date, date] | None:
    for pattern, ahead in _WORDS:
        if pattern.search(text):
            day = today + timedelta(days=ahead)
            return day, day
    if match := _DAYS_ON.search(text):
        latin = match["en"] or match["en2"] or ""
        count = {"a": 1, "an": 1}.get(latin) or integer(match["n"] or match["n2"] or latin)
        unit = match["unit"] or match["unit2"] or match["enunit"] or match["enunit2"]
        if count is not None and count < 400:
            days = {"周": 7, "星期": 7, "礼拜": 7, "week": 7, "月": 30, "month": 30}.get(unit, 1)
            day = today + timedelta(days=count * days)
            return day, day
    return None


def _calendar(text: str, today: date) -> tuple[date, date] | None:
    day: date | None = None
    if match := _FULL.search(text):
        day = _date(int(match[1]), int(match[2]), int(match[3]))
    elif match := _MONTH_DAY.search(text) or _SLASHED.search(text):
        day = _next_date(integer(match["m"]), integer(match["d"]), today)
    elif match := _ENGLISH_DATE.search(text):
        month = _MONTHS.index((match["m1"] or match["m2"])[:3]) + 1
        day = _next_date(month, int(match["d1"] or match["d2"]), today)
    elif match := _NEXT_MONTH_DAY.search(text):
        start = _month_on(today)
        day = _date(start.year, start.month, integer(match["d"] or match["en"]))
    elif match := _MONTH_END.search(text):
        start = _month_on(today) if match["next"] or match["ennext"] else today
        day = start.replace(day=monthrange(start.year, start.month)[1])
    elif match := _DAY_OF_MONTH.search(text):
        number = integer(match["d"] or match["en"])
        day = _date(today.year, today.month, number)
        if day is None or day < today:
            start = _month_on(today)
            day = _date(start.year, start.month, number)
    return (day, day) if day else None


def _week(text: str, today: date) -> tuple[date, date] | None:
    monday = today - timedelta(days=today.weekday())
    if match := _WEEKEND.search(text):
        saturday = monday + timedelta(days=5 + (7 if match["lead"] or match["enlead"] else 0))
        return max(saturday, today), saturday + timedelta(days=1)
    if match := _WEEKDAY.search(text):
        wanted = _WEEKDAYS[match["zh"] or match["en"][:3]]
        lead = match["lead"] or match["enlead"] or ""
        if lead.startswith("下下"):
            day = monday + timedelta(days=14 + wanted)
        elif lead.startswith("下") or lead == "next":
            day = monday + timedelta(days=7 + wanted)
        else:
            day = today + timedelta(days=(wanted - today.weekday()) % 7)
        return day, day
    if match := _WEEK.search(text):
        start = monday + timedelta(days=7) if match["next"] else today
        return start, max(start, monday + timedelta(days=11 if match["next"] else 4))
    return None


def _month_on(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _next_date(month: int | None, day: int | None, today: date) -> date | None:
    if month is None or day is None:
        return None
    this_year = _date(today.year, month, day)
    return this_year if this_year and this_year >= today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int | None) -> date | None:
    try:
        return date(year, month, day or 0)
    except ValueError:
        return None
