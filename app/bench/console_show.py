"""What was measured of open pages, as tables on a terminal and as data for a script."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from app.bench.console import OTHER, REDIS, SAME, ConsoleFigures, Idle, Options
from app.bench.show import NAMES, machine

WHERE = {SAME: "in the same process", OTHER: "in another process", REDIS: "in another, with Redis"}


def data(options: Options, found: Mapping[str, ConsoleFigures]) -> dict[str, Any]:
    """Everything that was measured, and with what; times in milliseconds."""
    chosen = asdict(options)
    del chosen["postgres_url"], chosen["redis_url"]  # they may hold a password
    return {
        "machine": machine(),
        "options": chosen,
        "databases": {name: figures.data() for name, figures in found.items()},
    }


def tables(console: Console, options: Options, found: Mapping[str, ConsoleFigures]) -> None:
    console.print(
        f"{os.cpu_count()} processors, Python {platform.python_version()}, one server process. {options.pages} pages "
        f"open, {options.waiting} tickets waiting, {options.rate:g} changes a second for {options.seconds:g} s: from "
        "the commit of a change until the last page has it."
    )
    for name, figures in found.items():
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("change", "p50 ms", "p99 ms", "most ms", "cpu ms", "statements", "lost"):
            table.add_column(column, no_wrap=True, justify="left" if column == "change" else "right")
        for where, delays in figures.delays.items():
            times = [f"{value:.1f}" for value in (delays.p50_ms, delays.p99_ms, delays.most_ms)]
            cost = f"{delays.processor_ms:.1f}" if delays.processor_ms is not None else "–"
            table.add_row(WHERE[where], *times, cost, f"{delays.statements:.1f}", str(delays.lost))
        console.print(f"\n[bold]{NAMES[name]}[/bold]")
        console.print(table)
        if figures.idle is not None:
            console.print(_idle(options, figures.idle))


def _idle(options: Options, idle: Idle) -> str:
    used = f"{idle.processor_percent:.1f} % of a core" if idle.processor_percent is not None else "–"
    memory = f", {idle.memory_mb:.0f} MB" if idle.memory_mb is not None else ""
    return (
        f"While nothing happens: {used}{memory}; {idle.statements_per_second:.1f} statements a second in all, "
        f"{idle.statements_per_second / options.pages:.3f} a page ({idle.pings} pings in {idle.seconds:.0f} s)."
    )
