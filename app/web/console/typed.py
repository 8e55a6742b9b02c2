"""What people type into fields, and what stands in addresses, as numbers and days."""

from __future__ import annotations

from datetime import date

from app.web.console.unstorable import BEYOND


def whole(typed: str, allowed: range = range(BEYOND)) -> int | None:
    """A whole number of `allowed`, written with plain digits; None for anything else."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(BEYOND))):
        return None
    return int(typed) if int(typed) in allowed else None


def day(typed: str) -> date | None:
    """A date as the browser's field gives it, 2026-12-24; None when it is none."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
