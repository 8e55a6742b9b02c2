"""The forms that a placeholder can ask for: `{amount:money}`, `{due_on:day}`, `{slot1:window}`.

Values are strings as they stand in a row (decimal yuan, ISO dates and times); a form turns them into words.
A text may hold `[A|B]`: A when all its values are there, else B; `[A]` alone is left out when one is missing.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.flows.code_place import CODE

WEEKDAYS = {"zh-CN": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
NEAR = {"zh-CN": ("今天", "明天", "后天"), "en": ("today", "tomorrow", "")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

BRACKETS = re.compile(r"\[([^\[\]]*)\]")
"""`[A|B]`; brackets do not nest."""
_MARKS = frozenset("{}[")


class Unfilled(KeyError):
    """A placeholder has no value; the message names it."""


class Former(string.Formatter):
    """Formats texts of one language. `words` are its texts, for forms that name places."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self.words = words
        self._forms: dict[str, Callable[[str, Mapping[str, Any]], str]] = {
            "": lambda value, _: value,
            "money": self._money,
            "day": self._day,
            "date": self._date,
            "window": self._window,
            "hello": self._hello,
            "place": self._place,
            "path": self._path,
            "title": self._title,
            "autopay": self._autopay,
            "opening": self._opening,
            "queue": self._queue,
            "needed": lambda _value, _: "",  # shows nothing, but what it stands in is left out without the value
        }

    @property
    def forms(self) -> frozenset[str]:
        """The names that may stand behind the colon of a placeholder."""
        return frozenset(self._forms)

    def format(self, text: str, values: Mapping[str, str]) -> str:  # type: ignore[override]
        """`text` with its values. Raises `Unfilled` for a missing one outside brackets, `ValueError` for a form
        that does not exist or a value that it cannot read."""
        if _MARKS.isdisjoint(text):
            return text  # most labels: nothing to fill
        chosen = BRACKETS.sub(lambda found: self._first_filled(found[1], values), text)
        return self.vformat(chosen, (), values)

    def _first_filled(self, bracket: str, values: Mapping[str, str]) -> str:
        for part in bracket.split("|"):
            try:
                self.vformat(part, (), values)
            except Unfilled:
                continue
            return part
        return ""

    def get_value(self, key: int | str, _: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if key == "code":
            return (CODE, kwargs)
        value = kwargs.get(str(key))
        if value in (None, "") and key != "customer":
            raise Unfilled(str(key))
        return (value or "", kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        text, values = value
        if format_spec not in self._forms:
            raise ValueError(f"{self.language}: no form is called {format_spec!r}")
        return self._forms[format_spec](text, values)

    def _money(self, value: str, _: Mapping[str, Any]) -> str:
        return f"{Decimal(value):,.2f}"

    def _date(self, value: str, _: Mapping[str, Any]) -> str:
        """2027年3月31日: with its year, for dates that may be far away."""
        day = date.fromisoformat(value[:10])
        if self.language == "en":
            return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        return f"{day.year}年{day.month}月{day.day}日"

    def _day(self, value: str, _: Mapping[str, Any]) -> str:
        """8月25日"""
        day = date.fromisoformat(value[:10])
        if self.language == "en":
            return f"{day.day} {MONTHS[day.month - 1]}"
        return f"{day.month}月{day.day}日"

    def _window(self, value: str, values: Mapping[str, Any]) -> str:
        """明天14:00-15:00: near days by name, others by date and weekday. `value` is `start/end`, both ISO."""
        first, _, last = value.partition("/")
        start = datetime.fromisoformat(first)
        named = self._named_day(start, values)
        if not last:
            return f"{named}{start:%H:%M}"
        return f"{named}{start:%H:%M}-{datetime.fromisoformat(last):%H:%M}"

    def _named_day(self, start: datetime, values: Mapping[str, Any]) -> str:
        away = (start.date() - datetime.fromisoformat(values["now"]).date()).days
        spaced = " " if self.language == "en" else ""
        near = NEAR[self.language]
        if 0 <= away < len(near) and near[away]:
            return near[away] + spaced
        weekday = WEEKDAYS[self.language][start.weekday()]
        if self.language == "en":
            return f"{weekday} {start.day} {MONTHS[start.month - 1]} "
        return f"{start.month}月{start.day}日周{weekday}"

    def _hello(self, value: str, _: Mapping[str, Any]) -> str:
        if not value:
            return ""
        return f"{value}, " if self.language == "en" else f"{value}，"

    def _place(self, value: str, _: Mapping[str, Any]) -> str:
        """`repayment.app_steps.1` -> 还款第1步; empty when nothing was open."""
        flow, _dot, rest = value.partition(".")
        title = self.words.get(f"{flow}.title", "")
        number = rest.rpartition(".")[2]
        if title and number.isdigit():
            return self.words["guide.where"].format(title=title, n=number)
        return title

    def _title(self, value: str, _: Mapping[str, Any]) -> str:
        """`quota` or `quota.asking` -> 查询额度: what the customer is about to do."""
        return self.words.get(f"{value.partition('.')[0]}.title", "")

    def _path(self, value: str, _: Mapping[str, Any]) -> str:
        """`quota.asking` -> 手机银行>贷款>我的额度: where anybody finds the same without us."""
        return self.words.get(f"{value.partition('.')[0]}.path", self.words.get("bank.path", ""))

    def _autopay(self, value: str, _: Mapping[str, Any]) -> str:
        return self.words[f"autopay.{value}"]

    def _opening(self, value: str, _: Mapping[str, Any]) -> str:
        """The kind word that goes ahead of a hand-over, by its topic; most have none."""
        return self.words.get(f"human.opening.{value}", "")

    def _queue(self, value: str, _: Mapping[str, Any]) -> str:
        """`2` -> 前面还有2位; nothing when nobody is ahead."""
        return self.words[f"human.queue.{'some' if int(value) else 'empty'}"].format(ahead=value)
