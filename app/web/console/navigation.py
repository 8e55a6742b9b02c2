"""What stands in the navigation. Whom an entry is shown to is said by the page itself: `needs` at its route."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.web.console.doors import seat


@dataclass(frozen=True, slots=True)
class Entry:
    """`endpoint` is the page's first; `icon` one of Bootstrap Icons."""

    endpoint: str
    icon: str
    label: LazyString


# In this order. An entry whose page is not there, or not for the role, does not show.
ENTRIES = (
    Entry("console.queue", "inbox", _l("Queue")),
    Entry("console.callbacks", "telephone", _l("Callbacks")),
    Entry("console.search", "search", _l("Search")),
    Entry("console.figures", "speedometer2", _l("Figures")),
    Entry("console.people", "people", _l("People")),
    Entry("console.hours", "calendar-week", _l("Hours")),
    Entry("console.replies", "chat-square-text", _l("Replies")),
    Entry("console.audit", "journal-check", _l("Audit")),
    Entry("console.templates", "envelope-paper", _l("Templates")),
    Entry("console.programmes", "megaphone", _l("Programmes")),
    Entry("console.plans", "send-check", _l("Plans")),
    Entry("console.results", "bar-chart", _l("Results")),
    Entry("console.checks", "shield-check", _l("Self-check")),
    Entry("console.settings", "sliders", _l("Settings")),
)


ROLE_NAMES = {
    "agent": _l("Agent"),
    "supervisor": _l("Supervisor"),
    "operator": _l("Operator"),
    "auditor": _l("Auditor"),
}


def role_name(role: str) -> str:
    return str(ROLE_NAMES.get(role, role))


def entries() -> list[Entry]:
    """Those of the role of whoever is signed in; none while something is owed."""
    held = seat()
    if held is None or held.owes:
        return []
    views = current_app.view_functions
    return [entry for entry in ENTRIES if held.agent.role in getattr(views.get(entry.endpoint), "open_to", ())]


def current(entry: Entry) -> bool:
    """True on its page, and on those whose endpoint or path begins with its own."""
    endpoint = request.endpoint or ""
    return endpoint == entry.endpoint or endpoint.startswith(f"{entry.endpoint}_")
