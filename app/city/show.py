"""How a life of the city is told: a table for people, a dictionary for scripts."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from app.city.run import Plan, Report

MOST_TOLD = 5
"""Breaches of one law that are printed; `--json` has all."""


def replay(plan: Plan) -> str:
    """The command line that lives the same city again."""
    words = ["huifu city", f"--texts {plan.texts}", f"--customers {plan.customers}", f"--seed {plan.seed}"]
    words += [f"--kills {plan.kills}"] if plan.kills else []
    words += ["--database …"] if plan.database else []  # it may hold a password
    words += [f"--speed {plan.speed:g}"]
    return " ".join(words)


def data(plan: Plan, report: Report) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "texts": plan.texts,
        "customers": plan.customers,
        "kills": plan.kills,
        "database": "postgresql" if plan.database else "sqlite",
        "seconds": round(report.seconds, 1),
        "counts": report.counts,
        "laws": {law: len(broken) for law, broken in report.verdict.items()},
        "broken": {law: broken for law, broken in report.verdict.items() if broken},
        "replay": replay(plan),
    }


def tables(console: Console, plan: Plan, report: Report) -> None:
    happened = Table(title=f"City {plan.seed}: what happened in {report.seconds:.0f} s")
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
    console.print(f"The same again: {replay(plan)}", highlight=False, markup=False)
