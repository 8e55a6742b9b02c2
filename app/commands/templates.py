"""`huifu templates`: texts that start conversations, from the terminal. They are written in the console, by people."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from app.care.placeholders import LANGUAGES
from app.care.template import Template
from app.commands import templates_shown as shown
from app.commands.opening import serving
from app.commands.stops import Misused
from app.config import load_settings
from app.handlers.care import sampling
from app.handlers.care import templates as acts
from app.handlers.care.templates_listed import checked, listed
from app.store import templates as rows

json_option = click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
language_option = click.option("--language", type=click.Choice(LANGUAGES), default="zh-CN", show_default=True)


@click.group("templates", short_help="Texts that start conversations: which there are, and how they read.")
def templates() -> None:
    """Texts that start conversations: which there are, whether they may leave, and how customers would read them.

    They are written and approved in the console, by two people.

    \b
    Example:
      huifu templates list
      huifu templates preview birthday
    """


@templates.command("list")
@json_option
def list_templates(as_json: bool) -> None:
    """List every text in every language: what leaves, and which drafts wait for approval.

    \b
    Example:
      huifu templates list
    """
    with serving(load_settings()) as service, service.database.begin() as connection:
        found = listed(connection)
    if as_json:
        _print([shown.line(one) for one in found])
        return
    table = Table(*("template", "language", "state", "version", "kind", "purpose", "waiting"), box=None, pad_edge=False)
    for one in found:
        told = shown.line(one)
        waiting = ", ".join(f"{version} by {author}" for version, author in one.waiting)
        version = "" if one.template is None else str(one.template.version)
        table.add_row(one.key, one.language, one.state, version, told["kind"], told["purpose"], waiting)
    Console().print(table)


@templates.command("show")
@click.argument("key")
@language_option
@json_option
def show_template(key: str, language: str, as_json: bool) -> None:
    """Show what leaves, with its menu and fall-backs, and the history of its versions.

    \b
    Example:
      huifu templates show settled
      huifu templates show settled --language en --json
    """
    with serving(load_settings()) as service, service.database.begin() as connection:
        template = acts.approved(connection, key, language)
        history = rows.versions(connection, key, language)
        if template is None and not history:
            raise _unknown(key, language)
    if as_json:
        _print(shown.whole(template, history))
    else:
        shown.print_whole(template, history, service.zone)


@templates.command("check")
@json_option
def check_templates(as_json: bool) -> None:
    """Judge every text that leaves by the rules of today, as several kinds of customers would get it. Ends with 1 when
    one may not leave.

    \b
    Example:
      huifu templates check
    """
    with serving(load_settings()) as service, service.database.begin() as connection:
        found = checked(service, connection)
    bad = [one for one in found if not one.good]
    if as_json:
        _print([shown.verdict(one) for one in found if one.faults or one.samples])
    else:
        for one in found:
            for sentence in shown.sentences(one):
                click.echo(f"{one.template.key} [{one.template.language}] {sentence}")
        click.echo(f"{len(found)} texts, {len(bad)} that may not leave.")
    if bad:
        raise click.exceptions.Exit(1)


@templates.command("preview")
@click.argument("key")
@click.option("--customer", metavar="ID", default="", help="As this customer would get it.")
@click.option("--number", type=click.IntRange(1, 50), default=3, show_default=True, help="How many customers.")
@language_option
@json_option
def preview_template(key: str, customer: str, number: int, language: str, as_json: bool) -> None:
    """Show a text as real customers would get it now: words, parts, cost, and what stands for each placeholder. Nothing
    is sent.

    \b
    Example:
      huifu templates preview birthday
      huifu templates preview settled --customer C10023 --json
    """
    with serving(load_settings()) as service, service.database.begin() as connection:
        template = _known(connection, key, language)
        found = sampling.preview(service, connection, template, number, customer)
    if customer and not found:
        raise Misused(f"There is no customer {customer!r}; --customer takes a customer_id of customers.csv.")
    if as_json:
        _print([shown.sample(one) for one in found])
    else:
        shown.print_samples(found)


def _known(connection: Connection, key: str, language: str) -> Template:
    template = acts.approved(connection, key, language)
    if template is None:
        raise _unknown(key, language)
    return template


def _unknown(key: str, language: str) -> Misused:
    return Misused(f"No text {key!r} leaves in {language}; see `huifu templates list`.")


def _print(found: Any) -> None:
    click.echo(json.dumps(found, ensure_ascii=False))
