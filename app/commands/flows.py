"""`huifu flows check` and `huifu flows draw`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from app.flows.catalogue import CATALOGUE
from app.flows.check import check, published
from app.flows.draw import draw
from app.gateways.parts import measure

PAGES = Path(__file__).resolve().parents[2] / "docs" / "flows"
PUBLISHED = "published.json"

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=PAGES,
    help="Where the pages and the published record lie; docs/flows of the checkout unless told.",
)


@click.group("flows", short_help="The conversations, as tables.")
def flows() -> None:
    """The conversations, as tables: are they fit to talk, and what do they look like?

    \b
    Example:
      huifu flows check
    """


@flows.command("check", short_help="Refuse flows that are unfit to talk to customers.")
@click.option("--publish", is_flag=True, help="When there is no fault, record the steps in which customers may wait.")
@click.option("--json", "as_json", is_flag=True, help="Print the faults for a script.")
@folder_option
def check_command(publish: bool, as_json: bool, folder: Path) -> None:
    """Refuse flows that are unfit to talk to customers: dead ends, missing words, texts that are too long, steps that
    waiting customers would lose. Ends with 1 when there is a fault.

    \b
    Example:
      huifu flows check
      huifu flows check --publish
    """
    kept = folder / PUBLISHED
    record = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else None
    faults = check(CATALOGUE, record=record, count=lambda text: measure(text).parts)
    if as_json:
        click.echo(json.dumps([asdict(fault) for fault in faults], ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(str(fault))
        click.echo(f"{len(CATALOGUE.flows)} flows, {len(faults)} faults.")
    if faults:
        raise click.exceptions.Exit(1)
    if publish:
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(published.record(CATALOGUE), indent=1) + "\n", encoding="utf-8")


@flows.command("draw", short_help="Write a page with a picture of each flow.")
@folder_option
def draw_command(folder: Path) -> None:
    """Write a page with a picture of each flow, and an index of them all.

    \b
    Example:
      huifu flows draw
      huifu flows draw --folder /tmp/flows
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = draw(CATALOGUE)
    for name, content in pages.items():
        (folder / name).write_text(content, encoding="utf-8")
    gone = [page for page in folder.glob("*.md") if page.name not in pages]
    for page in gone:
        page.unlink()
    click.echo(f"{len(pages)} pages written to {folder}" + (f", {len(gone)} removed." if gone else "."))
