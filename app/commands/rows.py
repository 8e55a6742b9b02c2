"""A file of rows as a command takes it: how far it is, and what is wrong with which line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TimeRemainingColumn

from app.handlers.customers_file import Fault

MOST_LISTED = 1_000
"""Faults in the JSON result; each is also printed when it is found."""


@dataclass
class Rows:
    """What was heard of the rows of a file so far. `faults` and `warnings` are the first of each."""

    name: str
    console: Console
    progress: Progress
    task: TaskID
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def fault(self, fault: Fault) -> None:
        self._hear(self.faults, "", fault)

    def warning(self, fault: Fault) -> None:
        self._hear(self.warnings, "warning: ", fault)

    def reached(self, line: int) -> None:
        # Drawn at each batch: on a busy machine the timer of the bar may not run in between.
        self.progress.update(self.task, completed=line, refresh=not self.progress.disable)

    def _hear(self, kept: list[Fault], word: str, fault: Fault) -> None:
        if len(kept) < MOST_LISTED:
            kept.append(fault)
        self.console.print(f"{self.name}:{fault.line}: {word}{fault.reason}")


@contextmanager
def heard(file: Path, unknown: Sequence[str], lines: int, *, bar: bool) -> Iterator[Rows]:
    """Tells which columns are not read, and shows a bar at a terminal while the rows are taken."""
    if unknown:
        told = ", ".join(name or "(without a name)" for name in unknown)
        click.echo(f"{file.name}: columns that are not read: {told}", err=True)
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (bar and sys.stderr.isatty()), transient=True) as progress:
        yield Rows(file.name, console, progress, progress.add_task("rows", total=lines))
