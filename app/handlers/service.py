"""What every handler works with, put together once by `app/wiring.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.bank.port import Bank
from app.flows.library import Catalogue
from app.gateways.port import Gateway
from app.rules.hours import WorkingHours
from app.store.database import Database

Lane = Literal["outbox", "bulk", "bank", "inbox", "clock", "network", "console", "house"]
"""What a wake-up is for. It only hastens: every queue is found by its sweep as well."""


def _nobody_to_wake(_: Lane) -> None:
    return


@dataclass(frozen=True, slots=True)
class Service:
    """`clock` gives aware UTC moments. `secret` is the key that codes are derived with. `wake` is called after a
    commit and must not wait."""

    database: Database
    gateway: Gateway
    bank: Bank
    catalogue: Catalogue
    hours: WorkingHours
    clock: Callable[[], datetime]
    zone: ZoneInfo
    language: str
    bank_name: str
    bank_name_en: str
    hotline: str
    caller: str
    secret: bytes
    base_url: str
    info_link: str = ""
    code_digits: int = 6
    codes_per_day: int = 5
    callback_capacity: int = 4
    own_numbers: frozenset[str] = frozenset()
    wake: Callable[[Lane], None] = _nobody_to_wake

    def name(self, language: str) -> str:
        """What the bank is called in a text of that language."""
        return self.bank_name_en if language == "en" and self.bank_name_en else self.bank_name

    def signature(self, language: str) -> str:
        """What every text begins with (B6). The Chinese brackets would make an English text UCS-2: twice the parts."""
        name = self.name(language)
        return f"[{name}] " if name.isascii() else f"【{name}】"

    @property
    def domains(self) -> frozenset[str]:
        """Where links in texts may lead: the bank's page, and ourselves."""
        return frozenset(host for link in (self.info_link, self.base_url) if (host := urlsplit(link).hostname))
