"""`huifu understand --train`, `--candidates` and `--bench`."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click
from rich.console import Console
from rich.table import Table

from app.commands.stops import Misused, Stop
from app.understanding import texts as training_texts
from app.understanding.bench import bench as measure


def train(folder: Path, *, as_json: bool) -> None:
    """Learns the texts of `folder` and writes the weights that the reader uses."""
    trainer = _needs_training_packages("train")
    with Console(stderr=True, quiet=as_json).status("learning") as status:
        try:
            header = trainer.train(folder, told=status.update)
        except ValueError as fault:
            raise Misused(f"{fault}.") from None
    if as_json:
        click.echo(json.dumps(header, ensure_ascii=False))
        return
    click.echo(f"{header['texts']} texts learnt.")
    for script, told in cast(dict[str, Any], header["scripts"]).items():
        held = told["held_out"]
        click.echo(
            f"  {script:<6} {held['texts']} texts; held out: {held['right']:.1%} right, "
            f"{held['right_of_answered']:.1%} right of the {held['answered']:.1%} answered"
        )


def candidates(folder: Path, *, as_json: bool) -> None:
    """Cross-validates every kind of model on the texts of `folder`."""
    measuring = _needs_training_packages("candidates")
    with Console(stderr=True, quiet=as_json).status("measuring") as status:
        figures = measuring.measure(training_texts.load(folder), told=status.update)
    if as_json:
        click.echo(json.dumps([figure._asdict() for figure in figures]))
        return
    table = Table("script", "candidate", "right", "macro F1", "right at 0.8", "answered at 0.95", "seconds")
    for f in figures:
        shares = (f.right, f.macro_f1, f.right_at_80, f.answered_at_95)
        table.add_row(f.script, f.name, *(f"{share:.3f}" for share in shares), f"{f.seconds:.0f}")
    Console().print(table)


def bench(folder: Path, *, as_json: bool) -> None:
    """Measures load time, memory and time per text of the whole `read` in a fresh process."""
    found = measure([text.raw for text in training_texts.load(folder)][::7])
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"load and first texts   {found['load_s']:.2f} s   (wanted: under 2 s)")
    click.echo(f"memory added           {found['added_mb']:.0f} MB   (wanted: under 200 MB)")
    click.echo(f"one text, median       {found['median_ms']:.2f} ms   (wanted: under 3 ms)")
    click.echo(f"one text, p99          {found['p99_ms']:.2f} ms   over {found['texts']} texts, one thread")


def _needs_training_packages(name: str) -> Any:
    """A module of `app/understanding/` that learns: a service runs without the packages that it needs."""
    try:
        return import_module(f"app.understanding.{name}")
    except ModuleNotFoundError as missing:
        raise Stop(f"{missing.name} is not installed; run: pip install 'huifu[train]'") from None
