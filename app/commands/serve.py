"""`huifu run` and `huifu web`: the service itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.synchronize import Semaphore
from multiprocessing.util import Finalize
from typing import Any

import click

from app.commands.opening import opened, reachable
from app.commands.stops import Misused
from app.config import Settings, load_settings
from app.store import migrate

KILL_AFTER_SECONDS = 15
"""A server that is asked to end and has not by then is ended; rows and leases make up for what it was doing."""


@click.command("run", short_help="Run the whole service in one process.")
def run() -> None:
    """Run the whole service in one process: HTTP, and all background work in threads beside it.

    On SQLite it first brings the tables up to date. On PostgreSQL, where others may use them, `huifu migrate` does
    that, and `run` stops with a sentence when it has not been done. Ctrl-C or SIGTERM ends it cleanly.

    \b
    Example:
      huifu run
      PORT=9000 BANK_NAME=江南银行 huifu run
    """
    settings = load_settings()
    if settings.on_sqlite:
        with reachable():
            migrate.upgrade(settings.database_url)
    _serve(settings, _whole_service)


@click.command("web", short_help="Serve HTTP only; `huifu worker` does the rest.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="With PostgreSQL only.")
def web(processes: int) -> None:
    """Serve HTTP only; `huifu worker` does the background work. Both may run several times on one database.

    Several processes share the port, one for each core or so; one that dies is replaced. `/metrics` tells of all.

    \b
    Example:
      DATABASE_URL=postgresql://huifu@db/huifu huifu web
      DATABASE_URL=postgresql://huifu@db/huifu REDIS_URL=redis://cache:6379/0 huifu web --processes 4
    """
    settings = load_settings()
    if processes == 1:
        _serve(settings, _web_alone)
        return
    if settings.on_sqlite:
        raise Misused("--processes needs PostgreSQL (DATABASE_URL): on SQLite one process writes at a time anyway.")
    with tempfile.TemporaryDirectory(prefix="huifu-metrics-") as counted:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counted  # before the library is loaded: it decides then
        _serve(settings, _web_alone, processes)


def _whole_service() -> Any:
    from wsgi import application, worker

    # The serving process is a child of ours and ends without `atexit`; this is what it does run. Texts that are on
    # their way get their outcome written down, instead of being looked up after the next start.
    Finalize(None, worker.stop, exitpriority=10)
    return application


def _web_alone() -> Any:
    from app import create_app

    return create_app()


def _serve(settings: Settings, load: Callable[[], Any], processes: int = 1) -> None:
    """Runs until a signal comes. `load` is called in each serving process and gives the WSGI application."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    with opened(settings):
        pass
    _require_free(settings.host, settings.port)

    class PatientServer(MPServer):
        def signal_handler_interrupt(self, *_: Any, **__: Any) -> None:
            # Ctrl-C reaches the serving process too. That it then ends before it is told to is no failure.
            for serving in self.wrks:
                serving.interrupt_by_parent = True
            super().signal_handler_interrupt()  # type: ignore[no-untyped-call]

    server = PatientServer(
        "wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=processes,
        respawn_failed_workers=processes > 1,  # of one, whoever started us learns that it ended
        blocking_threads=settings.web_threads + settings.console_pages,
        websockets=False,
        log_level=LogLevels.error,  # it warns of more threads than cores; ours wait for a database, not for a core
        workers_kill_timeout=KILL_AFTER_SECONDS,
    )
    first = multiprocessing.Semaphore(1)
    server.serve(target_loader=partial(_load, settings, load, first), wrap_loader=False)


def _load(settings: Settings, load: Callable[[], Any], first: Semaphore) -> Any:
    """In a serving process: the application; in the first of them a thread that tells where it is when it is there."""
    application = load()
    _end_pages_at_a_signal(application.extensions["huifu_live"].feed.stop)
    if first.acquire(block=False):
        threading.Thread(target=_say_where, args=(settings,), daemon=True).start()
    return application


def _end_pages_at_a_signal(end: Callable[[], None]) -> None:
    """The server waits for answers under way before it ends, and a page's stream never ends by itself. The server sets
    its own handlers after this; the descriptor hears of a signal whoever handles it."""
    hears, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        while told.fileno() >= 0:  # a second signal may come: `told` stays open
            if {signal.SIGINT, signal.SIGTERM}.intersection(hears.recv(16)):
                end()

    threading.Thread(target=wait, name="huifu-signals", daemon=True).start()


def _require_free(host: str, port: int) -> None:
    """The server shares its port with another instance of itself, and then each of them gets half of the texts."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise Misused(f"HOST {host} is no address of this machine.") from None
    except OSError as error:
        raise Misused(f"HOST {host} and PORT {port} cannot be used: {error.strerror}.") from None


def _say_where(settings: Settings) -> None:
    """Waits until the port answers: an address that is told too early is clicked on too early."""
    while True:
        with suppress(OSError), socket.create_connection((settings.host, settings.port), timeout=1):
            break
        time.sleep(0.05)
    if settings.gateway == "simulator":
        click.echo(f"Text the bot:  {settings.base_url}/phone/")
    else:
        click.echo(f"Webhook:       {settings.base_url}/webhooks/{settings.gateway}/inbound")
    click.echo(f"Console:       {settings.base_url}/console/")
    click.echo(f"Health:        {settings.base_url}/health/ready")
    click.echo("Ctrl-C ends it.")
