"""`huifu understand --review`: recent texts that were not understood become training lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from app.commands.opening import opened
from app.commands.stops import Misused
from app.config import load_settings
from app.store import doubts as kept
from app.understanding import texts as training_texts
from app.understanding.review import Doubt, doubts, keep

MOST = 5_000


def review(days: int, folder: Path, *, as_json: bool) -> None:
    """Lists the doubtful texts of the last `days` days; in a terminal asks for the right meaning of each."""
    found = _found(days, folder)
    if as_json:
        told = [{"said": d.said, "read_as": d.read_as, "score": d.score, "why": d.why, "at": d.at} for d in found]
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    if not found:
        click.echo("Nothing to review.")
        return
    click.echo("The right meaning of each text, Enter to leave it out, q to stop.")
    written = 0
    for at, doubt in enumerate(found, start=1):
        click.echo(f"\n{at}/{len(found)}  {doubt.said}\n     read as {doubt.read_as} {doubt.score:.2f}, {doubt.why}")
        answer = click.prompt("     meaning", default="", show_default=False).strip()
        if answer == "q":
            break
        written += bool(answer) and _kept(doubt.said, answer, folder)
    click.echo(f"\n{written} lines written. They count after: huifu understand --train")


def keep_line(said: str, meaning: str, folder: Path) -> None:
    """The same for a script: one text under one meaning."""
    try:
        path = keep(said, meaning, folder)
    except ValueError as fault:
        raise Misused(f"{fault}.") from None
    click.echo(f"{path}" if path else "It stands there already.")


def _found(days: int, folder: Path) -> list[Doubt]:
    known = frozenset(text.plain for text in training_texts.load(folder))
    with opened(load_settings()) as database, database.begin() as connection:
        return doubts(kept.heard_since(connection, datetime.now(UTC) - timedelta(days=days), MOST), known)


def _kept(said: str, meaning: str, folder: Path) -> bool:
    try:
        return keep(said, meaning, folder) is not None
    except ValueError as fault:
        click.echo(f"     {fault}")
        return False
