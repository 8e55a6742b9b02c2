"""`huifu understand`."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click

from app.commands import understand_review, understand_score, understand_train
from app.config import load_settings
from app.flows.reading import Hearing, Reading, Values, read
from app.flows.reading.meaning import Expects
from app.understanding.texts import FOLDER


@click.command("understand", short_help="Tell what a text means; measure, train and review the reader.")
@click.argument("text", required=False)
@click.option("--language", type=click.Choice(["zh-CN", "en"]), help="The customer's; DEFAULT_LANGUAGE unless told.")
@click.option(
    "--expects", type=click.Choice(list(get_args(Expects))), default="nothing", show_default=True, help="Open question."
)
@click.option(
    "--score", "files", type=click.Path(path_type=Path, dir_okay=False), multiple=True, help="Labelled texts."
)
@click.option("--baselines", is_flag=True, help="With --score: three other readers beside ours.")
@click.option("--train", "training", is_flag=True, help="Learn the training texts anew.")
@click.option("--candidates", is_flag=True, help="Measure every kind of model on the training texts.")
@click.option("--bench", "benching", is_flag=True, help="Seconds to load, memory, milliseconds a text.")
@click.option("--review", "reviewing", is_flag=True, help="Turn doubtful texts of late into training lines.")
@click.option("--days", default=7, show_default=True, help="With --review: how far back.")
@click.option("--as", "meaning", metavar="MEANING", help="Keep TEXT as a training line of this meaning.")
@click.option("--texts", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="Training texts.")
@click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
def understand(
    text: str | None,
    language: str | None,
    expects: Expects,
    files: tuple[Path, ...],
    baselines: bool,
    training: bool,
    candidates: bool,
    benching: bool,
    reviewing: bool,
    days: int,
    meaning: str | None,
    texts: Path,
    as_json: bool,
) -> None:
    """Tell what TEXT means to the service: the meaning, how sure it is, why, and what else the text carries.

    Nothing is stored and nobody is texted. Without TEXT, one of --score, --train, --candidates, --bench and --review;
    docs/understanding.md explains each.

    \b
    Example:
      huifu understand "我还有多少额度"
      huifu understand --expects yes_no "好的"
      huifu understand --score labelled.tsv --baselines
      huifu understand --review --days 3
      huifu understand --as quota_query "花了不少还剩几个子儿能用"
    """
    asked = (text is not None, bool(files), training, candidates, benching, reviewing)
    if sum(asked) != 1:
        raise click.UsageError("Give a TEXT, or one of --score, --train, --candidates, --bench and --review.")
    if text is not None and meaning:
        understand_review.keep_line(text, meaning, texts)
    elif text is not None:
        _one(text, language, expects, as_json=as_json)
    elif files:
        understand_score.score(files, baselines=baselines, as_json=as_json)
    elif reviewing:
        understand_review.review(days, texts, as_json=as_json)
    elif training:
        understand_train.train(texts, as_json=as_json)
    elif candidates:
        understand_train.candidates(texts, as_json=as_json)
    else:
        understand_train.bench(texts, as_json=as_json)


def _one(text: str, language: str | None, expects: Expects, *, as_json: bool) -> None:
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
        if field.repr and value != field.default:
            shown[field.name] = f"{value.start:%Y-%m-%d %H:%M} to {value.end:%H:%M}" if field.name == "when" else value
    return shown
