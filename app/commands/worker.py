"""`huifu worker`: the background work, in threads or, with PostgreSQL and Redis, through Celery on any number of
machines."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import cast, get_args

import click

from app.commands.opening import opened
from app.commands.stops import Misused, Stop
from app.config import Settings, load_settings
from app.worker.lanes import Name

NAMES: tuple[Name, ...] = get_args(Name)
PATIENCE = 30.0


@click.command("worker", short_help="Do the background work only; `huifu web` serves HTTP.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="With Redis only.")
@click.option("--lanes", default=",".join(NAMES), show_default=True, help="What to do; with Redis only.")
def worker(processes: int, lanes: str) -> None:
    """Do the background work: send texts, ask the bank, take waiting texts, watch the clock. `huifu web` serves HTTP.

    With PostgreSQL and REDIS_URL the work is spread by Celery: start it on as many machines as you like. Each
    lane must be done by some worker; every worker that does a lane sweeps for it, so none of them is special.

    \b
    Example:
      DATABASE_URL=postgresql://huifu@db/huifu huifu worker
      DATABASE_URL=postgresql://huifu@db/huifu REDIS_URL=redis://cache:6379/0 huifu worker --processes 4
      huifu worker --lanes answers,bank,inbox,clock
    """
    settings = load_settings()
    names = _read(lanes)
    with opened(settings):
        pass
    if settings.on_sqlite or not settings.redis_url:
        if processes > 1 or set(names) != set(NAMES):
            raise Misused("--processes and --lanes need PostgreSQL (DATABASE_URL) and Redis (REDIS_URL).")
        _threads(settings)
        return
    try:
        import celery  # noqa: F401 - only to tell in time
    except ModuleNotFoundError:
        raise Stop("REDIS_URL with PostgreSQL needs Celery; run: pip install 'huifu[scale]'") from None
    if processes == 1:
        _work(settings, names)
    else:
        _several(settings, names, processes)


def _read(lanes: str) -> tuple[Name, ...]:
    given = [name.strip() for name in lanes.split(",") if name.strip()]
    if not given or not set(given) <= set(NAMES):
        raise Misused(f"--lanes takes some of {', '.join(NAMES)}.")
    return tuple(cast(Name, name) for name in dict.fromkeys(given))


def _threads(settings: Settings) -> None:
    from app.logs import set_up_logs
    from app.wiring import build_carrier, build_service
    from app.worker.embedded import start_embedded
    from app.worker.wakes import build_wakes

    set_up_logs(settings.log_level)
    asked_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_end.set())
    service = build_service(settings, wake=build_wakes(settings.redis_url))
    running = start_embedded(service, settings, build_carrier(service))
    click.echo("The worker runs. Ctrl-C ends it.", err=True)
    asked_to_end.wait()
    running.stop()
    service.database.close()


def _work(settings: Settings, names: Sequence[Name]) -> None:
    """One process. As a child of `_several` it ends with its parent."""
    from app.logs import set_up_logs
    from app.wiring import build_carrier, build_service
    from app.worker.crew import Crew
    from app.worker.wakes import build_wakes

    set_up_logs(settings.log_level)
    service = build_service(settings, wake=build_wakes(settings.redis_url))
    crew = Crew(service, settings, names, build_carrier(service))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: crew.stop())
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    crew.serve(lambda: click.echo("The worker runs. Ctrl-C ends it.", err=True))


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _several(settings: Settings, names: Sequence[Name], count: int) -> None:
    """Keeps so many processes at work: one that dies is replaced, after a breath if it did not live long."""
    context = multiprocessing.get_context("spawn")
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())

    def start() -> SpawnProcess:
        process = context.Process(target=_work, args=(settings, names), name="huifu-worker")
        process.start()
        return process

    running = [start() for _ in range(count)]
    while not ending.wait(0.5):
        running = [process if process.is_alive() else start() for process in running]
    for process in running:
        process.terminate()
    for process in running:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
