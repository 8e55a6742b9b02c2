"""`huifu agents`: the bank's people, before there is anybody who could add them at the console."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Table

from app.commands.opening import serving
from app.commands.stops import Stop
from app.config import load_settings
from app.handlers.accounts import others
from app.handlers.service import Service
from app.rules.routing import SKILLS
from app.store import agents as rows
from app.store.tables.agents import ROLES


@click.group("agents", short_help="The bank's people at the console.")
def agents() -> None:
    """The bank's people at the console: agents, supervisors, operators, auditors.

    \b
    Example:
      huifu agents add 小李 --role agent --skills repayment,quota --languages zh-CN,en
      huifu agents list
      huifu agents reset 小李
    """


@agents.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
@click.option("--skills", default="", metavar="A,B", help="Topics they are offered; all when left out.")
@click.option("--languages", default="", metavar="zh-CN,en", help="Languages they speak; all when left out.")
@click.option("--limit", default=4, show_default=True, help="Conversations they hold at a time, 1 to 50.")
def add(name: str, role: str, password_stdin: bool, skills: str, languages: str, limit: int) -> None:
    """Add a person. Without a password it prints one that must be changed at the first sign-in.

    \b
    Skills: human, complaint, hardship, repayment, early_repayment, quota, callback,
    application, closing, locked, check, unclear, fraud, wrong_person.

    \b
    Example:
      huifu agents add 张主管 --role supervisor
      huifu agents add 小李 --role agent --limit 6 --password-stdin < password.txt
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    if password_stdin and not password:
        raise Stop("There is no password on standard input.")
    if unknown := [one for one in _list(skills) if one not in SKILLS]:
        raise Stop(f"Nobody waits for {', '.join(unknown)}: skills are {', '.join(SKILLS)}.")
    with _service() as service:
        given = others.add(
            service,
            name,
            role,
            actor=_actor(),
            password=password,
            skills=_list(skills),
            languages=_list(languages),
            most_open=limit,
        )
    click.echo(f"{name} is there, role {role}.")
    if not password:
        _tell(given)


@agents.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
def list_agents(as_json: bool) -> None:
    """List everybody, those who may no longer sign in as well.

    \b
    Example:
      huifu agents list
    """
    with _service() as service, service.database.begin() as connection:
        now = service.clock()
        found = [
            {
                "name": row.name,
                "role": row.role,
                "state": "disabled"
                if row.disabled_at
                else "locked"
                if row.locked_until and row.locked_until > now
                else row.status,
                "second_factor": row.totp_since is not None,
                "skills": row.skills,
                "languages": row.languages,
                "limit": row.most_open,
                "signed_in": row.signed_in_at.astimezone(service.zone).isoformat(" ", "minutes")
                if row.signed_in_at
                else "",
            }
            for row in rows.listed(connection)
        ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        click.echo("Nobody is there yet: huifu agents add NAME --role supervisor")
        return
    table = Table(*(name.replace("_", " ") for name in found[0]), box=None, pad_edge=False)
    for row in found:
        table.add_row(*("yes" if value is True else "" if value is False else str(value) for value in row.values()))
    Console().print(table)


@agents.command("reset")
@click.argument("name")
def reset(name: str) -> None:
    """Give a new one-time password. Their lock, second factor and sessions are gone.

    \b
    Example:
      huifu agents reset 小李
    """
    with _service() as service:
        given = others.reset(service, name, actor=_actor())
    click.echo(f"{name} signs in anew.")
    _tell(given)


@agents.command("unlock")
@click.argument("name")
def unlock(name: str) -> None:
    """End the lock after wrong tries; the password stays.

    \b
    Example:
      huifu agents unlock 小李
    """
    with _service() as service:
        others.unlock(service, name, actor=_actor())
    click.echo(f"{name} can try again.")


@agents.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Let somebody sign in no more, and sign them out at once. What they did stays.

    \b
    Example:
      huifu agents disable 小李
    """
    with _service() as service:
        others.disable(service, name, actor=_actor())
    click.echo(f"{name} can sign in no more.")


@agents.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Let somebody sign in again, with the password that they had.

    \b
    Example:
      huifu agents enable 小李
    """
    with _service() as service:
        others.enable(service, name, actor=_actor())
    click.echo(f"{name} can sign in again.")


def _tell(password: str) -> None:
    click.echo(f"One-time password, to be changed at the first sign-in:  {password}")


def _actor() -> str:
    return f"terminal:{getpass.getuser()}"


def _list(given: str) -> list[str]:
    return [part.strip() for part in given.split(",") if part.strip()]


@contextmanager
def _service() -> Iterator[Service]:
    with serving(load_settings()) as service:
        try:
            yield service
        except others.BadAccount as error:
            raise Stop.saying(error) from None
