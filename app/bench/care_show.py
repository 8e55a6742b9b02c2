"""What was measured of the planner, as tables on a terminal and as data for a script."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from app.bench.care import CareFigures, Options, Pass
from app.bench.show import machine

WANTED = {"seconds": 300, "peak_mb": 300, "gate": 20_000}
"""At most, at most, at least: for a million customers under twelve programmes on two cores, and for one core."""


def data(options: Options, found: CareFigures) -> dict[str, Any]:
    """Everything that was measured, and with what; times in seconds."""
    chosen = asdict(options)
    del chosen["postgres_url"]  # it may hold a password
    figures = {name: _rounded(value) for name, value in asdict(found).items()}
    rate = {"customers_per_second": round(options.customers / found.first.seconds)}
    ratio = {"of_the_ceiling": round(found.ceiling / found.first.seconds, 3)}
    return {"machine": machine(), "options": chosen, "wanted": WANTED, **figures, **rate, **ratio}


def tables(console: Console, options: Options, found: CareFigures) -> None:
    console.print(
        f"{os.cpu_count()} processors, Python {platform.python_version()}, PostgreSQL. {options.customers:,} customers "
        f"under {options.programmes} programmes; cpu: seconds of the planner, and of the database."
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "seconds", "customers/s", "cpu", "database", "peak MB", "new rows"):
        table.add_column(column, no_wrap=True, justify="right" if column else "left")
    killed = ", ".join(f"{seen:,}" for seen in found.killed_at)
    table.add_row(f"planned, killed at {killed}" if killed else "planned", *_cells(options, found.first))
    table.add_row("once more", *_cells(options, found.second))
    console.print(table)
    console.print(
        f"{found.rows:,} rows; {found.twice} occasions twice, {found.unseen} customers not seen. Reading the customers "
        f"and copying as many rows takes {found.ceiling:.1f} s: {found.ceiling / found.first.seconds:.2f} of that time."
    )
    console.print(
        f"The gate judges {found.gate.campaign:,.0f} texts of a campaign a second on one core, and "
        f"{found.gate.unseen:,.0f} whose words it has never seen."
    )
    console.print(
        f"Wanted for a million customers: at most {WANTED['seconds']} s and {WANTED['peak_mb']} MB; of the gate at "
        f"least {WANTED['gate']:,} texts a second."
    )


def _cells(options: Options, found: Pass) -> tuple[str, ...]:
    times = [f"{value:.1f}" if value is not None else "–" for value in (found.planner, found.database)]
    peak = f"{found.peak_mb:.0f}" if found.peak_mb is not None else "–"
    rate = f"{options.customers / found.seconds:,.0f}"
    return f"{found.seconds:.1f}", rate, *times, peak, f"{found.planned:,}"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value
