"""The figures of the distributed mode: one table on a terminal, and data for a script."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from app.bench.distributed import SHARE, Found, Options, Past, Webhooks
from app.bench.figures import CEILING, EMPTY, FIGURES, FULL, OURS, Rounds, as_data
from app.bench.show import extent, machine, shown

Line = tuple[str, ...]
"""Load, side, turns a second, their range, p50, p99, processor time of the server and of the database, lost."""


def data(options: Options, found: Found) -> dict[str, Any]:
    """Everything that was measured, and with what; times in milliseconds, rates a second."""
    chosen = asdict(options)
    for secret in ("postgres_url", "redis_url"):  # may hold a password
        chosen.pop(secret)
    return {
        "machine": machine(),
        "options": chosen,
        "statements_of_each_text": found.plan,
        "durability": found.durability,
        "webhooks": [
            {
                "processes": one.processes,
                "closed": one.closed.data(),
                "open": [rounds.data() for rounds in one.open],
                "at_60_percent": one.share.data(),
            }
            for one in found.webhooks
        ],
        "memory": found.memory,
        "text_to_answer": asdict(found.answers) if found.answers else None,
        "sender": asdict(found.sent) if found.sent else None,
        "history": _past(found.past) if found.past else None,
    }


def _past(past: Past) -> dict[str, Any]:
    ratios = {f"ratio_{figure}": as_data(past.ratio(figure)) for figure in FIGURES}
    given = {"messages": past.messages, "customers": past.customers, "fill_seconds": round(past.fill_seconds, 1)}
    return given | past.rounds.sides() | ratios


def tables(console: Console, options: Options, found: Found) -> None:
    durability = ", ".join(f"{setting}={value}" for setting, value in found.durability.items())
    console.print(
        f"{os.cpu_count()} processors with everything on them, Python {platform.python_version()}, {options.threads} "
        f"threads a web process, PostgreSQL ({durability}), Redis. Medians of {options.rounds} rounds of "
        f"{options.seconds:g} s, with the range of turns/s; cpu and db: processor time of the web processes and of "
        f"PostgreSQL, ms for one turn. {sum(found.plan.values()) / len(found.plan):.2f} SQL statements a turn."
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("load", "side", "turns/s", "", "p50 ms", "p99 ms", "cpu", "db", "lost"):
        table.add_column(column, no_wrap=True, justify="left" if column in {"load", "side", ""} else "right")
    for one in found.webhooks:
        for line in _webhooks(one, options):
            table.add_row(*line, style="bold" if line[1] == "ratio" else "")
    if found.past:
        for line in _lines(f"history, {options.connections} conn.", found.past.rounds, FULL, EMPTY):
            table.add_row(*line, style="bold" if line[1] == "ratio" else "")
    console.print(table)
    for said in _said(options, found):
        console.print(said)


def _webhooks(one: Webhooks, options: Options) -> Iterator[Line]:
    yield from _lines(f"{one.processes} web, {options.connections} conn.", one.closed, OURS, CEILING)
    for rounds in one.open:
        yield from _lines(f"{one.processes} web, {rounds.rate:g}/s", rounds, OURS, CEILING)
    yield from _lines(f"{one.processes} web, {SHARE:.0%}: {one.share.rate:.0f}/s", one.share, OURS, CEILING)


def _lines(load: str, rounds: Rounds, *sides: str) -> Iterator[Line]:
    for side in sides:
        pace = rounds.of(side, "turns_per_second")
        times = [shown(rounds.of(side, figure)) for figure in FIGURES[1:]]
        yield load, side.replace("_", " "), shown(pace), extent(pace), *times, str(rounds.lost(side))
        load = ""
    # What is offered at a fixed rate is answered at that rate: there only the times tell.
    pace = rounds.ratio("turns_per_second", *sides) if rounds.rate is None else None
    times = [shown(rounds.ratio(figure, *sides), 2) for figure in FIGURES[1:]]
    yield "", "ratio", shown(pace, 2), extent(pace, 2), *times, ""


def _said(options: Options, found: Found) -> Iterator[str]:
    if found.answers:
        told = found.answers
        yield (
            f"From a text to its answer at a gateway that takes no time, {told.rate:g} texts a second: "
            f"p50 {told.p50_ms:.0f} ms, p99 {told.p99_ms:.0f} ms, {told.lost} of {told.texts} lost."
        )
    if found.sent:
        cpu = f", {found.sent.processor_ms:.1f} ms of processor time each" if found.sent.processor_ms else ""
        yield (
            f"The sender, one process, a gateway that takes {options.gateway_delay:g} s: "
            f"{found.sent.per_second:.0f} messages a second{cpu}, {found.sent.lost} of {options.messages} lost."
        )
    if found.memory:
        yield (
            f"Memory of a web process: {found.memory['without_reader_mb']:.0f} MB without the reader's model, "
            f"{found.memory['with_reader_mb']:.0f} MB with it."
        )
    if found.past:
        yield (
            f"The history: {found.past.messages:,} messages of two years to {found.past.customers:,} customers, "
            f"written in {found.past.fill_seconds:.0f} s."
        )
