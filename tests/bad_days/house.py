"""The bank as it runs: `huifu run`, `web` and `worker` as processes, signed calls over HTTP, a stand-in for Twilio."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import urllib3
from twilio.request_validator import RequestValidator

from tests.gateways.harness import ACCOUNT, BANK, BASE, TOKEN, Values
from tests.gateways.stand_in import TwilioStandIn
from tests.servers.service import CHECKOUT, COMMAND, INHERITED, answers, free_port

INBOUND = "/webhooks/twilio/inbound"
SOON = 60.0
NO_ANSWER = 0


def until(done: Callable[[], object], what: str, seconds: float = SOON) -> None:
    """Waits for another process. Raises AssertionError with `what` when it never comes to that."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)  # other processes are being waited for: there is no clock to move


def phone(number: int) -> str:
    return f"+86138{number:08}"


def signed(body: str, sid: str, sender: str) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a text as Twilio posts it."""
    form = {"MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": BANK, "Body": body}
    form |= {"NumMedia": "0", "NumSegments": "1", "ApiVersion": "2010-04-01"}
    values = Values((name, [value]) for name, value in form.items())
    signature = RequestValidator(TOKEN).compute_signature(BASE + INBOUND, values)
    return urlencode(form).encode(), {
        "X-Twilio-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }


class House:
    def __init__(self, folder: Path, twilio: TwilioStandIn, running: ExitStack) -> None:
        twilio.clock = lambda: datetime.now(UTC)  # type: ignore[assignment]
        self.folder = folder
        self.twilio = twilio
        self.settings = {
            "GATEWAY": "twilio",
            "PUBLIC_URL": BASE,
            "SECRET_KEY": "house",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": BANK,
            "TWILIO_API_URL": twilio.url,
            "DATABASE_URL": f"sqlite:///{folder}/huifu.db",
        }
        self._running = running
        self._http = urllib3.PoolManager(maxsize=64, retries=False)
        self._sids = 0

    # ---- our processes ----------------------------------------------------------------------------------

    def start(self, *words: str, port: int | None = None, **settings: str) -> Process:
        """Starts `huifu WORDS` and, with a port, waits until it answers there."""
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", **self.settings, **settings}
        if port:
            environment |= {"HOST": "127.0.0.1", "PORT": str(port)}
        process = Process(words, self.folder, environment, port)
        self._running.callback(process.kill)
        process.up()
        return process

    # ---- the world outside ------------------------------------------------------------------------------

    def sid(self) -> str:
        self._sids += 1
        return f"SM{self._sids:032x}"

    def text(self, to: Process, body: str, sender: str, sid: str | None = None, seconds: float = 15.0) -> int:
        """Twilio posts a text and waits for 15 seconds. The status, or `NO_ANSWER`."""
        sent, headers = signed(body, sid or self.sid(), sender)
        try:
            answer = self._http.request("POST", to.url + INBOUND, body=sent, headers=headers, timeout=seconds)
        except urllib3.exceptions.HTTPError:
            return NO_ANSWER
        return int(answer.status)

    def ask(self, of: Process, path: str, seconds: float = 15.0, **headers: str) -> urllib3.BaseHTTPResponse:
        return self._http.request("GET", of.url + path, headers=headers, timeout=seconds, redirect=False)

    def sent_to(self, number: str) -> list[str]:
        """What the gateway was told to send to a number, in order."""
        return [message["body"] for message in list(self.twilio.messages) if message["to"] == number]


class Process:
    def __init__(self, words: tuple[str, ...], folder: Path, environment: dict[str, str], port: int | None) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / f"{words[0]}-{port or free_port()}.log"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def up(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.log
            return answers(f"{self.url}/health/live") if self.port else "The worker runs." in self.log

        until(ready, "it did not come up")

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def pids(self) -> list[int]:
        """It and its children."""
        group = self.process.pid
        found = subprocess.run(["ps", "-o", "pid=", "-g", str(group)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def ask_to_end(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
