"""How long whoever waits for us can wait: past that no further statement begins, so that there is time left to do less.

A gateway hangs up after some seconds (Twilio after 15). A statement that has begun is not cut off: the server would go
on with it, and we could not tell what it did.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

_until: ContextVar[float | None] = ContextVar("until", default=None)


class TooSlow(RuntimeError):
    """The database took longer than there was patience for; nothing was committed."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within the block, a statement that would begin later than that raises `TooSlow`."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def watch(engine: Engine) -> None:
    """Makes every statement of an engine ask first."""
    event.listen(engine, "before_cursor_execute", _in_time, retval=True)


def _in_time(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
    until = _until.get()
    if until is not None and time.monotonic() > until:
        raise TooSlow
    return statement, parameters
