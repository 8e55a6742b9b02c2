"""The whole service as a process of its own, as a bank runs it: started, stopped, or killed on purpose."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from app.cli import main; main(prog_name='huifu')")

# What a developer's shell may hold must not reach the service under test; these few it needs to run at all.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


class Service:
    """A running `huifu run`. `url` has no trailing slash; `folder` holds its database, instance/ and log."""

    def __init__(self, url: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.url = url
        self.folder = folder
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All that the service has printed since its first start."""
        return (self.folder / "service.log").read_text(encoding="utf-8", errors="replace")

    def command(self, *words: str) -> str:
        """Runs `huifu WORDS` with the same settings; gives its output. Raises RuntimeError if it fails."""
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            told = done.stdout + done.stderr
            raise RuntimeError(f"huifu {' '.join(words)} ended with {done.returncode}:\n{told}")
        return done.stdout

    def start(self, *, within_seconds: float = 240) -> None:
        """Starts it and waits until it answers. Raises RuntimeError, with the log, if it never does."""
        with (self.folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "run"],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + within_seconds
        while not answers(f"{self.url}/health/live"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"huifu run did not come up:\n{self.log}")
            time.sleep(0.05)  # another process is being waited for: there is no clock to move

    def stop(self, *, within_seconds: float = 60) -> int:
        """Asks it to end, as a supervisor does (SIGTERM); kills it when it does not. Gives its exit code."""
        if self._process is None:
            return 0
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within_seconds)
        return self.kill()

    def kill(self) -> int:
        """Ends it and its children at once (SIGKILL), as a power cut would. `start` starts it again."""
        if self._process is None:
            return 0
        self._signal(signal.SIGKILL)
        code = self._process.wait()
        self._process = None
        return code

    def _signal(self, number: signal.Signals) -> None:
        """To the whole process group: a killed server must not leave workers that go on answering."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def answers(url: str) -> bool:
    """True when a GET of `url` on this machine is answered with 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=60) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A TCP port on loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_service(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    before: Sequence[Sequence[str]] = (("migrate",),),
) -> Iterator[Service]:
    """Runs the commands in `before`, then `huifu run`, in `folder`; ends it when the block is left.

    `settings` are environment variables; defaults: simulator gateway, SQLite in `folder`, a free port.
    """
    port = (settings or {}).get("PORT") or str(free_port())
    url = f"http://127.0.0.1:{port}"
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    environment |= {"DATABASE_URL": f"sqlite:///{folder}/huifu.db", "GATEWAY": "simulator"}
    environment |= {"SECRET_KEY": "only for tests"}
    environment |= {"HOST": "127.0.0.1", "PORT": port, "PUBLIC_URL": url, **(settings or {})}
    service = Service(url, folder, environment)
    for words in before:
        service.command(*words)
    try:
        service.start()
        yield service
    finally:
        service.stop()
