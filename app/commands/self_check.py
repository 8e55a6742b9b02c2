"""`huifu self-check`."""

from __future__ import annotations

import getpass
import json

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.commands.opening import serving
from app.commands.stops import Stop
from app.config import load_settings
from app.handlers.self_check.finding import PROBLEMS
from app.handlers.self_check.run import Report, check
from app.logs import set_up_logs

TITLES = {
    "opt_out": "refusals by a number that nobody has, in every spelling and situation",
    "numbers": "numbers that texts leave from, on file",
    "sample": "sent texts, drawn at random, by today's rules",
    "links": "pages that texts lead to",
    "approvals": "approval of templates",
}


@click.command("self-check", short_help="Prove that refusals work, and look at what is sent.")
@click.option("--as", "agent", default=getpass.getuser, metavar="NAME", help="Who you are; your login name.")
@click.option("--json", "as_json", is_flag=True, help="Print the report for a script.")
def self_check(agent: str, as_json: bool) -> None:
    """Prove that refusals work, and look at what is sent.

    A number that nobody can have refuses on the real path, in a transaction that is rolled back: nothing is sent.
    Numbers that texts leave from must be on file (huifu senders); sent texts are drawn at random and judged by today's
    rules; links must be https and alive; templates approved. The report is kept, and the console shows it. The worker
    does the same once a day. Ends with 1 when something is bad.

    \b
    Example:
      huifu self-check
      huifu self-check --json > report.json
    """
    settings = load_settings()
    set_up_logs(settings.log_level)
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    silent = as_json or not console.is_terminal
    with serving(settings) as service, Progress(*columns, console=console, disable=silent, transient=True) as progress:
        task = progress.add_task("beginning")
        report = check(service, by=agent, hear=lambda name: progress.update(task, description=TITLES.get(name, name)))
    if as_json:
        click.echo(json.dumps(_data(report), ensure_ascii=False))
    else:
        _show(report)
    if report.verdict == "bad":
        raise Stop("Something is bad: see the lines above.")


def _data(report: Report) -> dict[str, object]:
    return {
        "began_at": report.began_at.isoformat(),
        "ended_at": report.ended_at.isoformat(),
        "verdict": report.verdict,
        "checks": {finding.check: finding.kept() for finding in report.findings},
    }


def _show(report: Report) -> None:
    table = Table("check", "looked at", "found")
    for finding in report.findings:
        table.add_row(TITLES.get(finding.check, finding.check), f"{finding.looked:,}", finding.verdict)
    Console(highlight=False).print(table)
    for finding in report.findings:
        for problem in finding.problems:
            click.echo(f"{problem.verdict}: {problem.about}: {PROBLEMS[problem.code]}")
    click.echo(f"In all: {report.verdict}.")
