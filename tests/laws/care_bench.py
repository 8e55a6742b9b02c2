"""The bench of the laws with the care lane: planned texts, their programmes, and what the world sees of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from app.care.library import shipped
from app.handlers.care.daily import look_after_programmes
from app.handlers.care.leaving import let_go
from app.handlers.care.planning import plan_daily
from app.store import tables
from app.store.insert import INSERTS
from tests.clock import Clock
from tests.laws.bench import Bench
from tests.laws.care_checker import CareChecker


class CareBench(Bench):
    def __init__(self, url: str, folder: Path, clock: Clock | None = None, processes: int = 2, **settings: Any) -> None:
        super().__init__(url, folder, clock, processes, **settings)
        self.care = CareChecker(url, folder / "network.db")
        self._occasions = count(1)

    def close(self) -> None:
        self.care.close()
        super().close()

    def pump_once(self) -> int:
        return (self.run(look_after_programmes) or 0) + super().pump_once()

    def plan(self, at: int = 0) -> int:
        return self.run(plan_daily, at) or 0

    def let_go(self, at: int = 0) -> int:
        return self.run(let_go, at) or 0

    def planned(
        self,
        phone: str,
        customer_id: str,
        key: str,
        *,
        occasion: str = "",
        due_in: timedelta = timedelta(0),
        open_for: timedelta = timedelta(hours=2),
    ) -> None:
        """A row that no planner of ours would write so: at any hour, beyond caps, whatever the customer wants."""
        text, now = shipped()[key, "zh-CN"], self.clock()
        row = {
            "programme": key,
            "customer_id": customer_id,
            "phone": phone,
            "occasion": occasion or f"drawn:{next(self._occasions)}",
            "template": text.key,
            "variant": "",
            "language": "zh-CN",
            "purpose": text.purpose,
            "kind": text.kind,
            "segment": "",
            "priority": 0,
            "zone": "",
            "state": "planned",
            "reason": "",
            "given": {},
            "menu": {},
            "due_at": now + due_in,
            "closes_at": now + due_in + open_for,
            "planned_at": now,
        }
        with self.outside.begin() as connection:
            connection.execute(INSERTS[connection.dialect.name](tables.Occasion).on_conflict_do_nothing(), [row])
