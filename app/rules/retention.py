"""How long things are kept: the law's least and the bank's choice (`domain.md`, rules of sending 6)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["texts", "consents", "audit"]

LEAST: dict[Kind, int] = {"texts": 5, "consents": 5, "audit": 6}
"""Months. Texts, and consents past the end of the relation: 工信部令第31号. Who did what: 网络安全法, article 21."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Months for which each kind is kept. `daily`: the service drops by itself what is past its time."""

    texts: int = 24
    consents: int = 60
    audit: int = 60
    daily: bool = False

    def cutoff(self, kind: Kind, now: datetime) -> datetime:
        """What is older than this is past its time."""
        return months_before(now, getattr(self, kind))


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time that many months earlier, or the last day of a shorter month."""
    count = moment.year * 12 + moment.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
