"""What every handler works with, put together once by `app/wiring.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.bank.port import Bank
from app.care.routes import ROUTES, Route
from app.companions.port import Mailer, SecondChannel
from app.flows.library import Catalogue
from app.gateways.port import Gateway
from app.handlers.care.clicks import Clicks
from app.handlers.circuits import Circuits
from app.rules.hours import WorkingHours
from app.rules.pressure import Capacity
from app.rules.purpose import Purpose
from app.rules.retention import Keeping
from app.store.database import Database

Lane = Literal[
    "outbox", "bulk", "bank", "inbox", "clock", "lookups", "network", "console", "house", "care", "companions"
]
"""What a wake-up is for. It only hastens: every queue is found by its sweep as well."""


def nobody_to_wake(_: Lane) -> None:
    return


def unprobed(_: str) -> str:
    return "nobody can look from here"


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
    link_url: str = ""
    """The base of short links: `/r/<code>` is added."""
    trial: str = ""
    """The http address of a service that is tried on one machine, whose links the gate takes; else empty."""
    link_domains: frozenset[str] = frozenset()
    """Where short links may lead, besides the host of `info_link`."""
    api_tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name of a system of the bank -> its bearer token."""
    clicks: Clicks = field(default_factory=Clicks)
    code_digits: int = 6
    codes_per_day: int = 5
    callback_capacity: int = 4
    own_numbers: frozenset[str] = frozenset()
    wake: Callable[[Lane], None] = nobody_to_wake
    mailer: Mailer | None = None
    """Sends picture guides; None: the bank sends no mail."""
    second: SecondChannel | None = None
    """Where the facts of important texts are confirmed; None: nowhere."""
    standby: Gateway | None = None
    carried: frozenset[Purpose] = frozenset()
    """Purposes of texts that the standby may carry while the gateway rests."""
    circuits: Circuits = field(default_factory=Circuits)
    capacity: Capacity = field(default_factory=Capacity)
    route: Route = ROUTES["simulator"]
    """What texts that start conversations have to look like: they leave by the gateway, never by the standby."""
    keeping: Keeping = field(default_factory=Keeping)
    care_consent: Literal["granted", "not_refused"] = "granted"
    """To whom offers may go that nobody asked for: who agreed to them, or who did not refuse them."""
    part_price: Decimal = Decimal("0.05")
    """Yuan for one part of a text, as pages reckon what texts cost."""
    probe: Callable[[str], str] = unprobed
    """Opens a page of the bank: why it does not answer as one, empty when it does. Asks the network (law 9)."""
    customers_at_once: int = 1_000
    """How many the planner and the preview look at in one transaction."""
    turn_may_take: float = 2.0
    """Seconds; usually it takes some milliseconds. Then the text is stored alone, while the gateway still listens."""

    def facing(self, gateway: str | None) -> Service | None:
        """This service as that gateway sees it: whatever comes from it or went to it is read, kept and judged as its
        own. None for one that we do not speak with; the main one for a row that tells none."""
        if gateway is None or gateway == self.gateway.name:
            return self
        if self.standby is not None and gateway == self.standby.name:
            return replace(self, gateway=self.standby, standby=None)
        return None

    def name(self, language: str) -> str:
        """What the bank is called in a text of that language."""
        return self.bank_name_en if language == "en" and self.bank_name_en else self.bank_name

    def signature(self, language: str) -> str:
        """What every text begins with (B6). The Chinese brackets would make an English text UCS-2: twice the parts."""
        name = self.name(language)
        return f"[{name}] " if name.isascii() else f"【{name}】"

    @property
    def domains(self) -> frozenset[str]:
        """Where links in texts may lead: the bank's pages, and ourselves."""
        ours = (urlsplit(link).hostname for link in (self.base_url, self.link_url))
        return self.targets | frozenset(host for host in ours if host)

    @property
    def targets(self) -> frozenset[str]:
        """Where short links may lead: the bank's pages."""
        host = urlsplit(self.info_link).hostname
        return self.link_domains | frozenset({host} if host else ())
