"""Two gateways on a bench, each of which can be told to fail: the second one stands by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app import create_app
from app.gateways.network import Network
from app.gateways.port import Cause, OutboundText, Outcome, Refused, Unsettled
from app.gateways.simulator import SimulatorGateway
from app.rules.purpose import Purpose, lane
from app.store import outbox, tables
from app.store.outbox import NewMessage
from tests.rig import KEY, URL, Rig

GONE = Refused("unreachable", Cause.BUSY, retry=True)
SICK = Unsettled("HTTP 503")
BUSY = Refused("429", Cause.BUSY, retry=True)
LOCKED_OUT = Refused("20003", Cause.CONFIG)
WELL = None


class Moody(SimulatorGateway):
    """`mood`: what every send ends with; `WELL` is to do one's work. `asked`: the texts that it was asked to send."""

    def __init__(self, network: Network, name: str) -> None:
        super().__init__(network, KEY, name)
        self.mood: Outcome | None = WELL
        self.asked: list[OutboundText] = []
        self.looked_up: list[int] = []

    def send(self, text: OutboundText) -> Outcome:
        self.asked.append(text)
        return self.mood or super().send(text)

    def look_up(self, text: OutboundText, **how: Any) -> Any:
        self.looked_up.append(text.message_id)
        return super().look_up(text, **how)


class TwoGateways(Rig):
    """`main` and, if `carried` holds a purpose, `other`, which stands by for those."""

    def __init__(self, *given: Any, carried: Iterable[Purpose] = ("answer", "code"), **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.second = Network(None, clock=self.clock, key=KEY, public_url=URL, seed=1)
        self.main, self.other = Moody(self.network, "simulator"), Moody(self.second, "standby")
        purposes = frozenset(carried)
        self.service = replace(
            self.service, gateway=self.main, standby=self.other if purposes else None, carried=purposes
        )
        self.app = create_app(self.settings, self.service)
        self.web = self.app.test_client()

    def close(self) -> None:
        super().close()
        self.second.close()

    def pump_once(self) -> int:
        return super().pump_once() + self.second.carry(self.clock(), self.post)

    def process(self) -> Any:
        """The service as another process has it: it knows nothing yet of the gateways."""
        return replace(self.service, circuits=type(self.service.circuits)())

    def queue(self, number: int, purpose: Purpose = "answer", *, minutes: float = 10) -> int:
        """A text to the customer of that number, too old after so many minutes."""
        now = self.clock()
        new = NewMessage(
            phone=phone(number),
            purpose=purpose,
            lane=lane(purpose),
            template="t",
            body=f"【示例银行】{number}",
            parts=1,
            due_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )
        with self.service.database.begin() as connection:
            return outbox.queue(connection, new, now)

    def states(self) -> list[tuple[str, str]]:
        return [(row.state, row.reason) for row in self.rows(tables.Message)]

    def until_it_rests(self, mood: Outcome) -> None:
        """The main gateway fails as often as it takes."""
        self.main.mood = mood
        for number in range(900, 905):
            self.queue(number)
        self.pump_once()


def phone(number: int) -> str:
    return f"+86138001{number:05}"


Make = Callable[..., TwoGateways]
