"""Figures as tables on a terminal, and as data for a script."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from app.bench.figures import CEILING, OURS, DatabaseFigures, Rounds, Spread
from app.bench.measure import Options

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def data(options: Options, found: Mapping[str, DatabaseFigures]) -> dict[str, Any]:
    """Everything that was measured, and with what; times in milliseconds, rates a second."""
    chosen = asdict(options)
    chosen.pop("postgres_url")  # may hold a password
    return {
        "machine": machine(),
        "options": chosen,
        "databases": {name: figures.data() for name, figures in found.items()},
    }


def machine() -> dict[str, Any]:
    """On what it was measured."""
    return {
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def tables(console: Console, options: Options, found: Mapping[str, DatabaseFigures]) -> None:
    console.print(
        f"{os.cpu_count()} processors, Python {platform.python_version()}, one server process with {options.threads} "
        f"threads. Medians of {options.rounds} rounds of {options.seconds:g} s, with the range of turns/s; cpu: of the "
        "server process, for one turn."
    )
    for name, figures in found.items():
        console.print()
        console.print(_statements(name, figures))
        console.print(_table(options, figures))
        if figures.worker is not None:
            console.print("With the worker, every answer is also sent, to a stand-in that accepts at once.")


def _statements(name: str, figures: DatabaseFigures) -> str:
    ours, ceiling = (figures.closed.statements_per_turn(side) for side in (OURS, CEILING))
    durability = ", ".join(f"{setting}={value}" for setting, value in figures.durability.items())
    return (
        f"[bold]{NAMES[name]}[/bold] ({durability}). SQL statements a turn: ours {ours:.2f}, ceiling {ceiling:.2f}. "
        f"{figures.rows['inbound']} texts were stored, {figures.rows['messages']} answers queued."
    )


def _table(options: Options, figures: DatabaseFigures) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("load", "side", "turns/s", "", "p50 ms", "p99 ms", "cpu ms", "lost"):
        table.add_column(column, no_wrap=True, justify="left" if column in {"load", "side", ""} else "right")
    for load, name, side, rounds in _rows(options, figures):
        times = [shown(rounds.of(side, figure)) for figure in ("p50_ms", "p99_ms", "processor_ms")]
        pace = rounds.of(side, "turns_per_second")
        table.add_row(load, name, shown(pace), extent(pace), *times, str(rounds.lost(side)))
        if side == CEILING:
            times = [shown(rounds.ratio(figure), 2) for figure in ("p50_ms", "p99_ms", "processor_ms")]
            # What is offered at a fixed rate is answered at that rate: there only the times tell.
            pace = rounds.ratio("turns_per_second") if rounds.rate is None else None
            table.add_row("", "ratio", shown(pace, 2), extent(pace, 2), *times, "", style="bold")
    return table


def _rows(options: Options, figures: DatabaseFigures) -> Iterator[tuple[str, str, str, Rounds]]:
    """Load, name and side of each line, with its figures."""
    yield f"{options.connections} connections", "ours", OURS, figures.closed
    yield "", "ceiling", CEILING, figures.closed
    if figures.worker is not None:
        yield "", "with worker", OURS, figures.worker
    for rounds in figures.open:
        yield f"{rounds.rate:g} texts/s", "ours", OURS, rounds
        yield "", "ceiling", CEILING, rounds


def shown(figure: Spread | None, places: int = 1) -> str:
    """Its median."""
    return f"{figure.median:.{places}f}" if figure else "–"


def extent(figure: Spread | None, places: int = 0) -> str:
    return f"{figure.least:.{places}f}–{figure.most:.{places}f}" if figure else ""
