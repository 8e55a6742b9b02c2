"""`huifu understand`."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args

import click

from app.config import load_settings
from app.flows.reading import Hearing, Reading, Values, read
from app.flows.reading.meaning import Expects


@click.command("understand", short_help="Tell what a text means to the service.")
@click.argument("text")
@click.option("--language", type=click.Choice(["zh-CN", "en"]), help="The customer's; DEFAULT_LANGUAGE unless told.")
@click.option(
    "--expects", type=click.Choice(list(get_args(Expects))), default="nothing", show_default=True, help="Open question."
)
@click.option("--json", "as_json", is_flag=True, help="Print the reading for a script.")
def understand(text: str, language: str | None, expects: Expects, as_json: bool) -> None:
    """Tell what TEXT means to the service: the meaning, how sure it is, why, and what else the text carries.

    Nothing is stored and nobody is texted.

    \b
    Example:
      huifu understand "我还有多少额度"
      huifu understand --expects yes_no "好的"
    """
    settings = load_settings()
    now = datetime.now(UTC).astimezone(settings.zone)
    found = read(text, Hearing(now=now, language=language or settings.default_language, expects=expects))
    if as_json:
        click.echo(json.dumps(told(found), ensure_ascii=False, default=str))
        return
    for reading in (found, *found.also):
        lead = "meaning" if reading is found else "also"
        click.echo(f"{lead:<9}{reading.meaning}  {reading.score:.2f}")
        click.echo(f"{'reasons':<9}{', '.join(reading.reasons) or '-'}")
        for name, value in carried(reading.values).items():
            click.echo(f"{name:<9}{value}")
    for meaning, score in found.likely.items():
        click.echo(f"{'perhaps':<9}{meaning}  {score:.2f}")


def told(reading: Reading) -> dict[str, Any]:
    return {
        "meaning": reading.meaning,
        "score": round(reading.score, 3),
        "reasons": reading.reasons,
        "values": carried(reading.values),
        "likely": dict(reading.likely),
        "also": [told(other) for other in reading.also],
    }


def carried(values: Values) -> dict[str, Any]:
    """The values that differ from an empty text's."""
    shown: dict[str, Any] = {}
    for field in fields(values):
        value = getattr(values, field.name)
        if value != field.default:
            shown[field.name] = f"{value.start:%Y-%m-%d %H:%M} to {value.end:%H:%M}" if field.name == "when" else value
    return shown
