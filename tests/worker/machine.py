"""Redis, PostgreSQL and a folder, with as many `huifu worker` and `huifu web` as a test starts."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.bench.redis import RedisServer
from app.store import outbox, tables
from app.store.database import Database
from app.store.outbox import NewMessage
from tests.awake import awake
from tests.servers.service import CHECKOUT, COMMAND, INHERITED, answers, free_port

SOON = 60.0
ACCOUNT = {
    "GATEWAY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+15005550006",
}


def until(done: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SOON
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)  # other processes are being waited for: there is no clock to move


def texts(count: int) -> list[str]:
    return sorted(f"【示例银行】{number}" for number in range(count))


class Machine:
    """`settings` are those of every process. Nothing listens on PUBLIC_URL unless `web` is called."""

    def __init__(self, folder: Path, url: str, running: ExitStack, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {"PUBLIC_URL": f"http://127.0.0.1:{self.port}", **settings}
        self.redis = RedisServer().start()
        running.callback(self.redis.kill)
        self.database = Database(url, threads=4)
        running.callback(self.database.close)
        self.url = url
        self._running = running

    def worker(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        return self._start("worker", *words, **settings)

    def web(self, *words: str) -> subprocess.Popen[bytes]:
        """Waits until it answers."""
        process = self._start("web", *words, PORT=str(self.port))
        until(lambda: answers(f"http://127.0.0.1:{self.port}/health/live"), "the web process did not come up")
        return process

    def text(self, phone: str, body: str, sid: str) -> float:
        """A customer's text, signed as Twilio does; the seconds until it was acknowledged."""
        url = f"{self.settings['PUBLIC_URL']}/webhooks/twilio/inbound"
        form = {"MessageSid": sid, "AccountSid": ACCOUNT["TWILIO_ACCOUNT_SID"], "From": phone, "Body": body}
        form |= {"To": ACCOUNT["TWILIO_FROM"], "NumMedia": "0", "NumSegments": "1"}
        signature = RequestValidator(ACCOUNT["TWILIO_AUTH_TOKEN"]).compute_signature(url, form)
        asked = urllib.request.Request(url, urlencode(form).encode(), {"X-Twilio-Signature": signature})
        with awake() as seconds, urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.status == 200
            return seconds()

    def _start(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"PYTHONPATH": str(CHECKOUT), "SECRET_KEY": "only for tests", "DATABASE_URL": self.url}
        environment |= {"REDIS_URL": self.redis.url, **self.settings, **settings}
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, *words],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.callback(_end, process)
        return process

    @property
    def log(self) -> str:
        return (self.folder / "processes.log").read_text(encoding="utf-8")

    def up(self, count: int) -> None:
        try:
            until(lambda: self.log.count("The worker runs.") >= count, "workers did not come up")
        except AssertionError as error:
            error.add_note(self.log)
            raise

    def queue(self, count: int, *, first: int = 0, minutes: int = 10) -> None:
        now = datetime.now(UTC)
        with self.database.begin() as connection:
            for number in range(first, first + count):
                new = NewMessage(
                    phone=f"+861380013{number:04}",
                    purpose="answer",
                    lane=0,
                    template="t",
                    body=f"【示例银行】{number}",
                    parts=1,
                    due_at=now,
                    expires_at=now + timedelta(minutes=minutes),
                )
                outbox.queue(connection, new, now)

    def count(self, *states: str) -> int:
        with self.database.begin() as connection:
            found = select(func.count()).where(tables.Message.state.in_(states))
            return int(connection.execute(found).scalar_one())

    def all_handed(self, count: int) -> None:
        until(lambda: self.count("handed") == count, f"not all {count} texts left")

    def arrivals(self) -> list[str]:
        """What the network took, text by text."""
        with closing(sqlite3.connect(self.folder / "instance" / "network.db")) as network:
            return sorted(body for (body,) in network.execute("SELECT body FROM text WHERE to_handset = 1"))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
