"""A whole service on a bench: real handlers, a real database, the simulated network, and a clock in the test's hand.

Nothing runs by itself: `pump()` does all the work that is due now, as the embedded worker's threads would.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from app import create_app
from app.bank.port import Answer, Bank, BankDown, Question
from app.config import load_settings
from app.gateways.network import Network
from app.gateways.simulator import SimulatorGateway
from app.store import people, tables
from app.store.migrate import upgrade
from app.wiring import build_service
from app.worker.once import work_once
from tests.clock import Clock

KEY = "rig"
URL = "http://bank.test"


class SwitchedBank:
    """A bank that can be down; else it answers as the real adapter beneath does."""

    def __init__(self, beneath: Bank) -> None:
        self.beneath = beneath
        self.down = False
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.down:
            raise BankDown("switched off")
        return self.beneath.answer(question)


class Rig:
    def __init__(self, url: str, clock: Clock, *, seed: int | None = 1, **settings: Any) -> None:
        upgrade(url)
        self.clock = clock
        self.settings = load_settings(
            {"database_url": url, "public_url": URL, "secret_key": KEY, "gateway": "simulator", **settings}
        )
        self.network = Network(None, clock=clock, key=KEY, public_url=self.settings.base_url, seed=seed)
        self.gateway = SimulatorGateway(self.network, KEY)
        service = build_service(self.settings, clock=clock, gateway=self.gateway)
        self.bank = SwitchedBank(service.bank)
        built = build_service(self.settings, clock=clock, gateway=self.gateway, bank=self.bank)
        # A busy machine is no slow database, and nobody looks at real pages.
        self.service = replace(built, turn_may_take=math.inf, probe=lambda _: "")
        service.database.close()
        self.app: Flask = create_app(self.settings, self.service)
        self.web = self.app.test_client()
        self._read: dict[str, int] = {}

    def close(self) -> None:
        self.service.database.close()
        self.network.close()

    # ---- the world outside ------------------------------------------------------------------------------

    def post(self, path: str, form: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int:
        sent = {name: list(values) for name, values in form.items()}
        return self.web.post(path, data=sent, headers=headers).status_code

    def text(self, phone: str, body: str, *, sid: str | None = None, media: int = 0) -> str:
        """A customer's text reaches our webhook. Nothing is sent yet: see `pump`."""
        gateway_id = self.network.text_in(phone, body, sid=sid, media=media)
        self.network.carry(self.clock(), self.post)
        return gateway_id

    def say(self, phone: str, body: str, **how: Any) -> list[str]:
        """A text, and everything that the customer reads in answer to it."""
        self.text(phone, body, **how)
        return self.answers(phone)

    def answers(self, phone: str) -> list[str]:
        """What has arrived at the handset since the last call, after all due work is done."""
        self.pump()
        texts = [text for text in self.network.texts(phone) if text.to_handset and text.id > self._read.get(phone, 0)]
        self._read[phone] = max([self._read.get(phone, 0), *(text.id for text in texts)])
        return [text.body for text in texts]

    # ---- our own work -----------------------------------------------------------------------------------

    def pump(self, most: int = 50) -> None:
        """Does all work that is due at this moment of the clock."""
        for _ in range(most):
            if not self.pump_once():
                return
        raise AssertionError("work never ends: something is due again and again")

    def pump_once(self) -> int:
        return work_once(self.service) + self.network.carry(self.clock(), self.post)

    def wait(self, **duration: float) -> None:
        """Time passes, and what becomes due on the way is done."""
        self.clock.advance(**duration)
        self.pump()

    # ---- rows -------------------------------------------------------------------------------------------

    def rows(self, table: type[tables.Base]) -> list[Any]:
        with self.service.database.begin() as connection:
            columns = table.__table__.columns
            return list(connection.execute(select(*columns).order_by(*table.__table__.primary_key)))

    def customer(self, phone: str, customer_id: str = "C1", **facts: Any) -> None:
        """A customer with a quota of 50,000 and a repayment due, unless told otherwise, bound to the number."""
        given = {
            "customer_id": customer_id,
            "name": "王建国",
            "title": "先生",
            "card_last4": "8000",
            "credit_limit": Decimal("50000"),
            "available_limit": Decimal("50000"),
            "limit_expires_on": date(2027, 3, 31),
            "amount_due": Decimal("5360"),
            "due_on": date(2026, 6, 25),
            "overdue_days": 0,
            "autopay": False,
            **facts,
        }
        with self.service.database.begin() as connection:
            if people.customer(connection, customer_id) is None:
                connection.execute(insert(tables.Customer).values(**given))
            connection.execute(
                insert(tables.PhoneBinding).values(
                    phone=phone, customer_id=customer_id, bound_at=self.clock(), ended_because=""
                )
            )


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'rig.db'}"
