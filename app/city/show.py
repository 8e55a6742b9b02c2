"""How a life of the city is told: a table for people, a dictionary for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from app.city.plan import Plan
from app.city.run import Report

MOST_TOLD = 5
"""Breaches of one law that are printed; `--json` has all."""


def data(plan: Plan, report: Report) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "texts": plan.texts,
        "customers": plan.customers,
        **plan.breaks,
        "on": plan.where,
        "seconds": round(report.seconds, 1),
        "counts": report.counts,
        "laws": {law: len(broken) for law, broken in report.verdict.items()},
        "broken": {law: broken for law, broken in report.verdict.items() if broken},
        "replay": plan.replay,
    }


def tables(console: Console, plan: Plan, report: Report) -> None:
    happened = Table(title=f"City {plan.seed}: what happened in {report.seconds:.0f} s on {plan.where}")
    happened.add_column("")
    happened.add_column("times", justify="right")
    for what, times in report.counts.items():
        happened.add_row(what, f"{times:,}")
    console.print(happened)
    laws = Table(title=f"City {plan.seed}: laws broken")
    laws.add_column("law")
    laws.add_column("breaches", justify="right")
    for law, broken in report.verdict.items():
        laws.add_row(law, str(len(broken)), style="bold red" if broken else "")
    console.print(laws)
    for law, broken in report.verdict.items():
        for what in broken[:MOST_TOLD]:
            console.print(f"{law}: {what}", style="red", highlight=False, markup=False)
    console.print(f"The same again: {plan.replay}", highlight=False, markup=False)


def total(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Runs, as `data` told them, summed up."""
    counts, laws, kinds = Counter[str](), Counter[str](), Counter[str]()
    for run in runs:
        counts.update(run["counts"])
        laws.update(run["laws"])
        kinds.update({what: times for what, times in run["counts"].items() if what.startswith(BROKEN)})
    return {
        "cities": len(runs),
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        "texts": counts["texts said"],
        "counts": dict(counts),
        "laws": dict(laws),
        "broken": [run["replay"] for run in runs if run["broken"]],
    }


def total_table(console: Console, runs: Sequence[dict[str, Any]]) -> None:
    summed = total(runs)
    table = Table(title=f"{summed['cities']} cities, {summed['seconds'] / 3600:.1f} hours")
    table.add_column("")
    table.add_column("times", justify="right")
    table.add_row("texts said", f"{summed['texts']:,}")
    for what, times in summed["counts"].items():
        if what.startswith(BROKEN):
            table.add_row(what, f"{times:,}")
    for law, times in summed["laws"].items():
        table.add_row(f"law: {law}", str(times), style="bold red" if times else "")
    console.print(table)
    for replay in summed["broken"]:
        console.print(f"Broken in: {replay}", style="red", highlight=False, markup=False)


BROKEN = ("kills", "restarts", "flushes", "pauses", "clocks wrong", "disks full")
