"""A process of the service as the city starts it: the same command as in use, on the city's clock.

Processes are forked from a server that has imported the program already, so that a restart costs tenths of a second
and not seconds: a city has many.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.city.clock import FastClock, ProcessClock


def start(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, clock: FastClock, wrong: Path
) -> BaseProcess:
    """Starts `huifu WORDS` in `folder`, its output added to `log`. It leads a process group of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.city.warm"])
    process = context.Process(
        target=_be, args=(tuple(words), folder, dict(environment), log, clock, wrong), name=f"huifu {words[0]}"
    )
    process.start()
    return process


def _be(
    words: tuple[str, ...], folder: Path, environment: dict[str, str], log: Path, clock: FastClock, wrong: Path
) -> None:
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)  # no .env of somebody's is read
    # The server makes its own process by a fork when it may: then it needs no imports, and has the clock set below.
    multiprocessing.set_start_method("fork", force=True)
    from app import wiring
    from app.cli import main as huifu

    # The one thing that differs from the service in use: every lease, promise and code lives by a faster clock.
    vars(wiring)["build_service"] = partial(wiring.build_service, clock=ProcessClock(clock, wrong))
    huifu(args=list(words), prog_name="huifu")
