"""The service's processes: started, killed without a word, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.bench.servers import ROOT, NotServing, wait_until_up

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
COMES_UP = 90.0
"""Seconds that a process may take to start on a busy machine."""


class Power:
    """`kinds`: `run`, or `web` and `worker`. Each has a log beside its `folder`'s other files."""

    def __init__(self, kinds: tuple[str, ...], folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self.kinds = kinds
        self._folder, self._port = folder, port
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._environment = {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, kind: str) -> None:
        """Raises `NotServing` with the end of its log when it never answers."""
        with self._log(kind).open("ab") as log:
            process = self._running[kind] = subprocess.Popen(
                [sys.executable, "-m", "app.city.child", kind],
                cwd=self._folder,  # no .env of somebody's is read
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if kind != "worker":
            wait_until_up(process, self._port, self._log(kind), COMES_UP)

    def kill(self, kind: str) -> None:
        """SIGKILL to it and its children, as a power cut would."""
        process = self._running.pop(kind)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def require_alive(self) -> None:
        """Raises `NotServing` with the end of its log when one has ended by itself."""
        for kind, process in self._running.items():
            if (code := process.poll()) is not None:
                raise NotServing(f"huifu {kind} ended by itself with {code}:\n{self.log(kind)[-2000:]}")

    def stop(self) -> None:
        for kind in list(self._running):
            self.kill(kind)

    def log(self, kind: str) -> str:
        return self._log(kind).read_text(encoding="utf-8", errors="replace")

    def _log(self, kind: str) -> Path:
        return self._folder / f"{kind}.log"
