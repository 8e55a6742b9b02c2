"""What templates may ask for beside names: places in the order of the queue, times, and what a customer is called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.rules.titles import address
from app.store.queue import QueueRow
from app.web.console import console, names

MOST_PRIORITY = 99


def queue_key(row: QueueRow) -> str:
    """Sorts as the queue is served, compared as text: by priority, then by age."""
    urgent = MOST_PRIORITY - max(0, min(row.priority, MOST_PRIORITY))
    return f"{urgent:02d}.{int(row.since.timestamp() * 1000):014d}.{row.id:010d}"


def customer_name(row: Any) -> str:
    """王先生, Mr Wang; in words that nobody knows when the number is bound to nobody or to several."""
    return (
        address(row.name, row.title, names.language())
        or address(row.name, row.title, "zh-CN")
        or str(_("Unknown customer"))
    )


def tail(phone: str) -> str:
    """…8000: no more of a number stands in a page."""
    return f"…{phone[-4:]}"


def iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="milliseconds") if moment else ""


def local(moment: datetime | None, form: str = "%H:%M") -> str:
    """A moment in the bank's zone."""
    return moment.astimezone(current_app.extensions["huifu"].zone).strftime(form) if moment else ""


for shown in (
    queue_key,
    customer_name,
    tail,
    iso,
    local,
    names.topic_name,
    names.place_name,
    names.mood_name,
    names.outcome_name,
    names.language_name,
    names.flow_name,
    names.scope_name,
    names.callback_name,
):
    console.add_app_template_filter(shown, shown.__name__)
