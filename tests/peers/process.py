"""Starts a Node program on a free loopback port, waits until it answers, and ends it again."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.peers.install import MODULES, NODE, ensure

START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(program: str, arguments: Sequence[str], *, port: int, ready: str) -> Iterator[str]:
    """Runs `program` (a path in node_modules) and gives its URL, without a slash at the end.

    It is ready when `ready` (a path) is answered, with whatever status. Raises RuntimeError with the
    program's own words when it ends early or does not answer in time.
    """
    ensure()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log, requests.Session() as session:
        session.trust_env = False
        process = subprocess.Popen(
            [NODE, MODULES / program, *arguments],
            cwd=Path(tempfile.gettempdir()),  # away from files that a program may take for its configuration
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            until = time.monotonic() + START_SECONDS
            while not _answers(session, url + ready):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise RuntimeError(f"{program} did not start:\n{log.read().decode(errors='replace')}")
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(session: requests.Session, url: str) -> bool:
    try:
        session.get(url, timeout=60)
    except requests.RequestException:
        return False
    return True
