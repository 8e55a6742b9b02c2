"""`huifu understand --score`: the figures over labelled texts, as tables or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.commands.stops import Misused, Stop
from app.config import load_settings
from app.understanding import rows as labelled
from app.understanding import texts as training_texts
from app.understanding.score import Guess, Reader, Report, by_tier, our_reader

FIGURES = ("rows", "strict", "lenient", "macro F1", "coverage", "right of answered", "refusals missed", "invented")


def score(files: Iterable[Path], *, baselines: bool, as_json: bool) -> None:
    """Prints the figures of each file, per tier; with `baselines` those of three other readers beside ours."""
    readers = readers_of(baselines=baselines)
    found: dict[str, dict[str, dict[str, Report]]] = {}
    for file in files:
        try:
            rows = labelled.load(file)
            if not rows:
                raise ValueError(f"{file} holds no row")
        except (OSError, ValueError) as fault:
            raise Misused(f"{fault}.") from None
        found[str(file)] = {
            name: by_tier(
                [Guess(row, *reader(row.text)) for row in track(rows, name, console=_bar(as_json), transient=True)]
            )
            for name, reader in readers.items()
        }
    if as_json:
        told = {
            file: {
                name: {tier: report.as_json() for tier, report in tiers.items()} for name, tiers in by_reader.items()
            }
            for file, by_reader in found.items()
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    console = Console()
    for path, by_reader in found.items():
        console.rule(path)
        console.print(_figures(by_reader))
        ours = by_reader["huifu"]["all"]
        console.print(_meanings(ours))
        console.print(_confusions(ours))
        for title, texts in (("missed", ours.missed), ("asked about", ours.asked), ("invented", ours.invented)):
            if texts:
                console.print(f"Refusals {title}: {' | '.join(texts)}", markup=False)


def readers_of(*, baselines: bool) -> dict[str, Reader]:
    """Our reader, and those that it is compared with. The comparison needs rapidfuzz (extra `train`)."""
    ours: dict[str, Reader] = {"huifu": our_reader(datetime.now(UTC).astimezone(load_settings().zone))}
    if not baselines:
        return ours
    try:
        from app.understanding import baselines as others
    except ModuleNotFoundError as missing:
        raise Stop(f"{missing.name} is not installed; run: pip install 'huifu[train]'") from None
    fuzzy = others.fuzzy_against(training_texts.load())
    return ours | {"exact keywords": others.exact_keywords, "whole words": others.whole_words, "rapidfuzz": fuzzy}


def _bar(hidden: bool) -> Console:
    return Console(stderr=True, quiet=hidden)


def _figures(by_reader: dict[str, dict[str, Report]]) -> Table:
    table = Table("reader", "tier", *FIGURES)
    for name, tiers in by_reader.items():
        for tier, report in tiers.items():
            shares = (report.strict, report.lenient, report.macro_f1, report.coverage, report.right_of_answered)
            refusals = (f"{len(report.missed)}/{report.refusals}", str(len(report.invented)))
            table.add_row(name, tier, str(report.rows), *(f"{share:.3f}" for share in shares), *refusals)
    return table


def _meanings(report: Report) -> Table:
    table = Table("meaning", "rows", "recall", "read so", "precision")
    for meaning, figure in report.meanings.items():
        recall = f"{figure.recall:.2f}" if figure.rows else "-"
        precision = f"{figure.precision:.2f}" if figure.read_so else "-"
        table.add_row(meaning, str(figure.rows), recall, str(figure.read_so), precision)
    return table


def _confusions(report: Report) -> Table:
    table = Table("labelled", "read as", "times", "for example", title="Worst confusions")
    for intent, meaning, times, example in report.confusions:
        table.add_row(intent, meaning, str(times), example[:60])
    return table
