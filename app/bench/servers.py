"""The servers under measurement: each its own process, as `huifu run` serves, and what processor time it has used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.bench import counter

ROOT = Path(__file__).resolve().parents[2]
PROC = Path("/proc")


class NotServing(RuntimeError):
    """A server did not come up; the message has its log."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a server has used so far: SQL `statements`, and seconds of `processor` where /proc tells."""

    statements: int
    processor: float | None

    def since(self, before: Spent) -> Spent:
        known = self.processor is not None and before.processor is not None
        processor = (self.processor or 0.0) - (before.processor or 0.0) if known else None
        return Spent(self.statements - before.statements, processor)


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: int

    def spent(self) -> Spent:
        return Spent(self.statements(), self.processor_seconds())

    def statements(self) -> int:
        """SQL statements that it has run for texts since it started."""
        return int(_get(self.port, counter.PATH) or 0)

    def processor_seconds(self) -> float | None:
        return processor_seconds(self.process)

    def memory_mb(self) -> float | None:
        """Resident memory of the server and its children; None where /proc does not tell."""
        each = self.memory_of_each_mb()
        return sum(each) if each else None

    def memory_of_each_mb(self) -> list[float]:
        """Resident memory of each of its processes, the largest first; empty where /proc does not tell."""
        if not (PROC / "self" / "stat").exists():
            return []
        size = os.sysconf("SC_PAGE_SIZE") / 2**20
        return sorted((_resident_pages(process) * size for process in _family(self.process)), reverse=True)


def processor_seconds(process: int) -> float | None:
    """User and system time of a process and all that descend from it so far; None where /proc does not tell. Of those
    that have ended too, if they were waited for."""
    if not (PROC / "self" / "stat").exists():
        return None
    return sum(_ticks(member) for member in _family(process)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(
    target: str, folder: Path, environment: Mapping[str, str], threads: int, processes: int = 1
) -> Iterator[Server]:
    """Serves `target` (`module:application`) from granian processes with that many threads each, until the block is
    left. Raises `NotServing`."""
    port = free_port()
    counts = folder / f"counts-{port}"
    counts.mkdir()
    command = [
        sys.executable,
        "-m",
        "granian",
        target,
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += [
        "--workers",
        str(processes),
        "--blocking-threads",
        str(threads),
        "--http",
        "1",
        "--no-ws",
        "--log-level",
        "warning",
    ]
    with running(command, folder, {counter.FOLDER: str(counts), **environment}, f"server-{port}") as (process, log):
        wait_until_up(process, port, log)
        yield Server(port, process.pid)


@contextmanager
def working(folder: Path, environment: Mapping[str, str], *words: str) -> Iterator[Server]:
    """`huifu worker` with these options, at work until the block is left. Raises `NotServing`."""
    command = [sys.executable, "-c", "from app.cli import main; main(prog_name='huifu')", "worker", *words]
    with running(command, folder, environment, f"worker-{free_port()}") as (process, log):
        deadline = time.monotonic() + 60
        while "The worker runs" not in log.read_text(encoding="utf-8", errors="replace"):
            _require_alive(process, log, deadline)
        yield Server(0, process.pid)


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], name: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A process with nothing of our own environment but what it needs to run at all, and its log."""
    log_path = folder / f"{name}.log"
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,  # no .env of somebody's is read
            env={**kept, "PYTHONPATH": str(ROOT), **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process, log_path
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 60.0) -> None:
    """Returns when the service answers on that port. Raises `NotServing` with the end of its log if it never does."""
    deadline = time.monotonic() + seconds
    while _get(port, "/health/live") is None:
        _require_alive(process, log, deadline)


def _require_alive(process: subprocess.Popen[bytes], log: Path, deadline: float) -> None:
    """Waits for a moment."""
    if process.poll() is not None or time.monotonic() > deadline:
        told = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise NotServing(f"{log.stem} did not come up:\n{told}")
    time.sleep(0.05)


def _get(port: int, path: str) -> str | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with suppress(urllib.error.URLError, OSError), opener.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return str(answer.read().decode())
    return None


def _family(process: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    family = [process]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _ticks(process: int) -> int:
    with suppress(OSError):
        fields = _stat(process)
        return int(fields[11]) + int(fields[12])
    return 0


def _resident_pages(process: int) -> int:
    with suppress(OSError):
        return int((PROC / str(process) / "statm").read_text().split()[1])
    return 0


def _stat(process: int) -> list[str]:
    # The name of the program stands in parentheses and may hold anything.
    return (PROC / str(process) / "stat").read_text(errors="replace").rpartition(")")[2].split()
