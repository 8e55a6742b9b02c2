"""A process that dies: at any statement, right before or after a COMMIT, around a send or a question to the bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event

from app.bank.port import Answer, Bank, Question
from app.gateways.port import Accepted, OutboundText, Outcome
from app.gateways.simulator import SimulatorGateway
from app.store.database import Database


class Crash(BaseException):
    """The process is gone. No `except Exception` of ours may catch it."""


class Fuse:
    """Counts the moments at which a process can die, and burns at the one that it was set to."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.meanwhile: tuple[str, Callable[[], None]] | None = None
        self._burns_at: int | None = None

    def set(self, after: int) -> None:
        """The process dies at the `after`-th moment from now, counted from 1."""
        self.passed.clear()
        self._burns_at = after

    def clear(self) -> None:
        self.passed.clear()
        self._burns_at = None

    @property
    def burnt(self) -> bool:
        return self._burns_at is not None and len(self.passed) >= self._burns_at

    def once(self, before: str, act: Callable[[], None]) -> None:
        """The next time a moment that begins with `before` is reached, `act` happens first."""
        self.meanwhile = (before, act)

    def step(self, moment: str) -> None:
        if self.meanwhile and moment.startswith(self.meanwhile[0]):
            (_, act), self.meanwhile = self.meanwhile, None
            act()
        self.passed.append(moment)
        if len(self.passed) == self._burns_at:
            raise Crash(moment)


class FusedDatabase(Database):
    """Our own database; the server rolls back what a dead process left open, as it does when a connection breaks."""

    def __init__(self, url: str, fuse: Fuse) -> None:
        super().__init__(url)
        self.fuse = fuse
        event.listen(self.engine, "before_cursor_execute", self._statement)
        event.listen(self.engine, "commit", lambda _: fuse.step("before commit"))

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with super().begin() as connection:
            yield connection
        self.fuse.step("after commit")

    def _statement(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        self.fuse.step(" ".join(statement.split())[:60])


class FusedGateway(SimulatorGateway):
    def __init__(self, beneath: SimulatorGateway, key: str, fuse: Fuse) -> None:
        super().__init__(beneath.network, key)
        self.fuse = fuse

    def send(self, text: OutboundText) -> Outcome:
        self.fuse.step("before send")
        outcome = super().send(text)
        self.fuse.step("after send")
        return outcome

    def look_up(self, text: OutboundText, *, since: datetime, taken: frozenset[str]) -> Accepted | None:
        self.fuse.step("before look-up")
        return super().look_up(text, since=since, taken=taken)


class FusedBank:
    def __init__(self, beneath: Bank, fuse: Fuse) -> None:
        self.beneath, self.fuse = beneath, fuse

    def answer(self, question: Question) -> Answer:
        self.fuse.step("before the bank")
        answer = self.beneath.answer(question)
        self.fuse.step("after the bank")
        return answer
