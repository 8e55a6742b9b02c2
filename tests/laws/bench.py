"""The bench of the laws: two processes over one database and one network, which can die, start again, and meet faults.

What the outside world saw (acknowledgements) is told to an independent `Checker`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text

from app import create_app
from app.flows.table import Flow
from app.gateways.network import INBOUND_PATH, SIGNATURE_HEADER, Network, sign
from app.gateways.simulator import SimulatorGateway
from app.handlers.bank_answered import ask_bank
from app.handlers.compose import written
from app.handlers.service import Service
from app.handlers.text_leaves import drain
from app.handlers.text_looked_up import look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts
from app.store import conversations, customers, outbox
from app.store.tables import Base
from app.wiring import build_service
from tests.clock import Clock
from tests.laws.checker import Checker
from tests.laws.crashes import Crash, Fuse, FusedBank, FusedDatabase, FusedGateway
from tests.rig import KEY, URL, Rig

NO_ANSWER = 599  # what a gateway notes when the connection breaks
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
JOBS: dict[str, Callable[[Service], int]] = {
    "inbox": take_waiting_texts,
    "silences": end_silences,
    "timers": ring_timers,
    "bank": ask_bank,
    "outbox": drain,
    "look-ups": look_up_open,
}
SHORT = (0, 6, 61, 46, 46, 46, 46)
"""Seconds in which every lease ends and every retry and look-up is done."""
LONG = (0, 1, 6, 31, 61, 46, 46, 46, 46, 601, 3601, 7201, 86_401, *SHORT)
"""Seconds in which also every silence, promise and validity ends."""


class Flows(dict[str, Flow]):
    """The catalogue's flows, of which some can be broken: a bug that only their customers meet."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        super().__init__(flows)
        self.broken: set[str] = set()

    def __getitem__(self, name: str) -> Flow:
        if name in self.broken:
            raise RuntimeError("a bug in a flow")
        return super().__getitem__(name)


@dataclass
class Process:
    """One of our processes: the service, its web face, and the fuse that ends it."""

    service: Service
    app: Flask
    fuse: Fuse


class Bench(Rig):
    def __init__(self, url: str, folder: Path, clock: Clock | None = None, processes: int = 2, **settings: Any) -> None:
        super().__init__(url, clock or Clock(), **settings)
        self.network.close()
        self.network = Network(folder / "network.db", clock=self.clock, key=KEY, public_url=URL, seed=1)
        self.gateway = SimulatorGateway(self.network, KEY)
        self.outside = self.service.database  # for the test's own looks and changes: no fuse burns in it
        self.deaths = 0
        self.bugs: list[Exception] = []
        """What came out of a job: the worker's loop has to log it and go on."""
        self.flows = Flows(self.service.catalogue.flows)
        self.checker = Checker(url, folder / "network.db")
        self.processes = [self._start() for _ in range(processes)]
        self._use_first()

    def close(self) -> None:
        for process in self.processes:
            process.service.database.close()
        self.outside.close()
        self.checker.close()
        self.network.close()

    # ---- processes --------------------------------------------------------------------------------------

    def _start(self) -> Process:
        fuse = Fuse()
        whole = build_service(self.settings, clock=self.clock, gateway=self.gateway, bank=self.bank)
        whole.database.close()
        service = replace(
            whole,
            database=FusedDatabase(self.settings.database_url, fuse),
            gateway=FusedGateway(self.gateway, KEY, fuse),
            bank=FusedBank(self.bank, fuse),
            catalogue=replace(whole.catalogue, flows=self.flows),
            turn_may_take=math.inf,  # what happens must follow from what was drawn, not from how busy the machine is
        )
        return Process(service, create_app(self.settings, service), fuse)

    def _use_first(self) -> None:
        self.service, self.app = self.processes[0].service, self.processes[0].app
        self.web = self.app.test_client()

    def restart(self, at: int = 0) -> None:
        """A new process on the same database; what the old one held in memory is gone."""
        self.deaths += 1
        self.processes[at].service.database.close()
        self.processes[at] = self._start()
        self._use_first()

    def run(self, act: Callable[[Service], Any], at: int = 0) -> Any:
        """A process does something. When it dies of it, another takes its place, and the result is None.

        A bug is caught as the embedded worker catches it: the process goes on with its next job.
        """
        try:
            return act(self.processes[at].service)
        except Crash:
            self.restart(at)
        except Exception as error:
            self.bugs.append(error)
        return None

    # ---- the world outside ------------------------------------------------------------------------------

    def post(
        self,
        path: str,
        form: Mapping[str, Sequence[str]],
        headers: Mapping[str, str],
        web: FlaskClient | None = None,
    ) -> int:
        data = {name: list(values) for name, values in form.items()}
        try:
            status = (web or self.app.test_client()).post(path, data=data, headers=headers).status_code
        except Crash:
            self.restart()
            status = NO_ANSWER
        if path == INBOUND_PATH and status < 500:
            self.checker.acknowledged(form["id"][0])
        return status

    def deliver(self, gateway_id: str, phone: str, body: str, web: FlaskClient | None = None) -> int:
        """The gateway calls the inbound webhook (of `web`) with a text of the network's, right now, in this thread."""
        form = {"id": [gateway_id], "from": [phone], "to": [self.network.number], "body": [body]}
        return self.post(INBOUND_PATH, form, {SIGNATURE_HEADER: sign(KEY, URL + INBOUND_PATH, form)}, web)

    def receipt(self, gateway_id: str, message_id: int, status: str, code: str = "") -> int:
        path = f"/webhooks/simulator/status/{message_id}"
        form = {"id": [gateway_id], "status": [status], **({"error_code": [code]} if code else {})}
        return self.post(path, form, {SIGNATURE_HEADER: sign(KEY, URL + path, form)})

    def code(self, phone: str) -> str:
        """The last one-time code that was sent to a handset, or one that cannot be right."""
        texts = [text.body for text in self.network.texts(phone) if text.to_handset and CODE.search(text.body)]
        found = CODE.search(texts[-1]) if texts else None
        return found[0] if found else "000000"

    def advertise(self, phone: str, words: str = "周三贷款优惠。拒收请回复TD") -> int:
        """A programme queues a commercial text."""
        service = self.processes[0].service
        now = self.clock()
        with self.outside.begin() as connection:
            conversations.hold(connection, phone, service.language, now)
            message = written(
                service, phone=phone, purpose="commercial", template="offer", words=words, now=now, author="programme"
            )
            return outbox.queue(connection, message, now)

    def rows(self, table: type[Base]) -> list[Any]:
        with self.outside.begin() as connection:
            columns = table.__table__.columns
            return list(connection.execute(select(*columns).order_by(*table.__table__.primary_key)))

    # ---- our own work -----------------------------------------------------------------------------------

    def job(self, name: str, at: int = 0) -> int:
        return self.run(JOBS[name], at) or 0

    def drain(self, at: int = 0, meanwhile: Callable[[], None] | None = None) -> int:
        """Claims and sends; `meanwhile` happens after the claim and before the first send."""

        def spread(act: Callable[[Any], None], rows: Iterable[Any]) -> None:
            if meanwhile is not None:
                meanwhile()
            for row in rows:
                act(row)

        return self.run(lambda service: drain(service, spread=spread), at) or 0

    def carry(self) -> int:
        return self.network.carry(self.clock(), self.post)

    def pump_once(self) -> int:
        return sum(self.job(name) for name in JOBS) + self.carry()

    def settle(self, steps: Sequence[float] = LONG) -> None:
        """Everything is mended, time passes, and all work is done."""
        self.bank.down = False
        self.flows.broken.clear()
        for process in self.processes:
            process.fuse.clear()
        for seconds in steps:
            self.wait(seconds=seconds)

    def move_number(self, phone: str, to: str = "") -> None:
        """The bank's file takes a number from its customers, and binds it to another one if `to` names one."""
        now = self.clock.advance(seconds=1)  # so that what was told before is told before
        with self.outside.begin() as connection:
            conversations.lock(connection, phone, "zh-CN", now)
            for binding in self.live_bindings(connection, phone):
                customers.unbind(connection, {binding: phone}, "import", now)
            if to:
                customers.bind(connection, [(phone, to)], now)

    def live_bindings(self, connection: Connection, phone: str) -> list[int]:
        live = "SELECT id FROM phone_bindings WHERE phone = :phone AND ended_at IS NULL"
        return list(connection.execute(text(live), {"phone": phone}).scalars())

    # ---- faults of the database ---------------------------------------------------------------------------

    def break_inserts(self, table: str, phone: str) -> None:
        """From now on the database refuses every new row of a number in a table."""
        self._refuse(table, "INSERT", f"NEW.phone = '{phone}'")

    def break_updates(self, table: str, phone: str, state: str) -> None:
        """From now on no row of a number in a table may come into a state."""
        self._refuse(table, "UPDATE", f"NEW.phone = '{phone}' AND NEW.state = '{state}'")

    def mend(self, table: str) -> None:
        self._run(f"DROP TRIGGER refuse_{table}{'' if self._on_sqlite else f' ON {table}'}")

    def _refuse(self, table: str, act: str, rows: str) -> None:
        trigger = f"CREATE TRIGGER refuse_{table} BEFORE {act} ON {table} FOR EACH ROW WHEN ({rows})"
        if self._on_sqlite:
            self._run(f"{trigger} BEGIN SELECT RAISE(ABORT, 'refused by a test'); END")
            return
        body = "$$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$"
        self._run(f"CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS {body}")
        self._run(f"{trigger} EXECUTE FUNCTION refuse()")

    def _run(self, statement: str) -> None:
        with self.outside.begin() as connection:
            connection.exec_driver_sql(statement)

    @property
    def _on_sqlite(self) -> bool:
        return self.outside.on_sqlite
