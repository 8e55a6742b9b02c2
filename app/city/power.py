"""The service's processes: started, killed without a word, stopped for a while, started again."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.bench.servers import NotServing
from app.city import quota
from app.city.child import start
from app.city.clock import FastClock, set_wrong

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
PAGE = 4096  # bytes
COMES_UP = 90.0
"""Seconds that a process may take to start on a busy machine."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one process: `huifu WORDS`. `port` is 0 for one that serves nobody."""

    name: str
    words: tuple[str, ...]
    port: int = 0

    @property
    def kind(self) -> str:
        return self.words[0]


class Power:
    """Each process has a log, and a file by which its clock goes wrong, in `folder`."""

    def __init__(self, slots: tuple[Slot, ...], folder: Path, environment: Mapping[str, str], clock: FastClock) -> None:
        self.slots = slots
        self._folder, self._clock = folder, clock
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._environment = {**kept, "PYTHONUNBUFFERED": "1", **environment}
        self._running: dict[Slot, BaseProcess] = {}

    def start(self, slot: Slot) -> None:
        """Raises `NotServing` with the end of its log when it never answers."""
        environment = self._environment | ({"PORT": str(slot.port)} if slot.port else {})
        wrong, log = self._wrong(slot), self._log(slot)
        if not wrong.exists():
            set_wrong(wrong, 0)
        before = log.stat().st_size if log.exists() else 0
        self._running[slot] = start(slot.words, self._folder, environment, log, self._clock, wrong)
        self._wait_until_up(slot, lambda: _answers(slot.port) if slot.port else _says_so(log, before))

    def kill(self, slot: Slot) -> None:
        """SIGKILL to it and its children, as a power cut would."""
        self._signal(slot, signal.SIGKILL)
        process = self._running.pop(slot)
        process.kill()  # it may not have made its group yet
        process.join()

    def pause(self, slot: Slot) -> None:
        """SIGSTOP to it and its children: it stands still and does not know."""
        self._signal(slot, signal.SIGSTOP)

    def go_on(self, slot: Slot) -> None:
        self._signal(slot, signal.SIGCONT)

    def set_clock(self, slot: Slot, wrong: float) -> None:
        """Its clock is wrong by so many seconds of the city from now on, also after a restart."""
        set_wrong(self._wrong(slot), wrong)

    def fill_disk(self, slot: Slot, full: bool) -> None:
        """No file that it writes can be longer than a page: neither SQLite's, nor what it prints."""
        quota.limit(quota.group(self._process(slot)), PAGE if full else None)

    def require_alive(self) -> None:
        """Raises `NotServing` with the end of its log when one has ended by itself."""
        for slot, process in self._running.items():
            if (code := process.exitcode) is not None:
                raise NotServing(f"huifu {slot.name} ended by itself with {code}:\n{self._end_of_log(slot)}")

    def stop(self) -> None:
        for slot in list(self._running):
            self.kill(slot)

    @property
    def logs(self) -> dict[str, str]:
        """What each process has printed, by the name of its slot."""
        logs = {slot.name: self._log(slot) for slot in self.slots}
        return {name: log.read_text(encoding="utf-8", errors="replace") for name, log in logs.items() if log.exists()}

    def _signal(self, slot: Slot, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process(slot), number)

    def _process(self, slot: Slot) -> int:
        process = self._running[slot].pid
        assert process, "0 would be our own group"
        return process

    def _wait_until_up(self, slot: Slot, up: Callable[[], bool]) -> None:
        deadline, process = time.monotonic() + COMES_UP, self._running[slot]
        while not up():
            if process.exitcode is not None or time.monotonic() > deadline:
                raise NotServing(f"huifu {slot.name} did not come up:\n{self._end_of_log(slot)}")
            time.sleep(0.05)

    def _end_of_log(self, slot: Slot) -> str:
        return self.logs.get(slot.name, "")[-2000:]

    def _log(self, slot: Slot) -> Path:
        return self._folder / f"{slot.name}.log"

    def _wrong(self, slot: Slot) -> Path:
        return self._folder / f"{slot.name}.wrong"


def _says_so(log: Path, before: int) -> bool:
    """A worker serves nobody: it says that it runs."""
    if not log.exists():
        return False
    with log.open("rb") as opened:
        opened.seek(before)
        return b"The worker runs." in opened.read()


def _answers(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with (
        suppress(urllib.error.URLError, OSError),
        opener.open(f"http://127.0.0.1:{port}/health/live", timeout=5) as told,
    ):
        return bool(told.status == 200)
    return False
