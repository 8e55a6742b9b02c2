"""How a command ends when it cannot go on: one sentence, no traceback, and a code that a script can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import IO, Any

import click
from sqlalchemy.exc import InterfaceError, OperationalError

from app.config import BadSettings
from app.store.migrate import NotMigrated


class Stop(click.ClickException):
    """A sentence on the error stream, and exit code 1: it could not be done."""

    exit_code = 1

    @classmethod
    def saying(cls, words: object) -> Stop:
        """With what an exception says, as a sentence: a capital in front, one full stop behind."""
        told = str(words)
        return cls(f"{told[:1].upper()}{told[1:].rstrip('.')}.")

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.format_message(), file=file, err=file is None)


class Misused(Stop):
    """Exit code 2: a setting, an option or an argument is wrong, and another try would end the same."""

    exit_code = 2


class Commands(click.Group):
    """The top group: turns what stops any command into a sentence.

    `places`: where each command stands, as `file:name` in this folder. It is loaded when it is asked for: a worker
    that starts need not load the console.
    """

    places: Mapping[str, str] = {}

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(self.places)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        place = self.places.get(cmd_name)
        if place is None:
            return None
        file, name = place.split(":")
        command: click.Command = getattr(import_module(f"app.commands.{file}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise Misused(str(error)) from None
        except NotMigrated as error:
            raise Stop(str(error)) from None
        except (OperationalError, InterfaceError) as error:
            raise Stop(f"The database of DATABASE_URL does not work: {_first_line(error)}.") from None


def _first_line(error: OperationalError | InterfaceError) -> str:
    """The driver's words: SQLAlchemy's own add the statement with its values, which may be a customer's."""
    return next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__).rstrip(".")
