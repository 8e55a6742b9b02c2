"""`docs/console.md` says who may do what and what is recorded of it, just as the doors and the audit have it.

`pytest tests/console/test_documented.py --update` writes the table anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.console.permitted import ANYBODY, AUDITED, PERMITTED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "console.md"
BEGIN, END = "<!-- roles: written by tests/console/test_documented.py --update -->\n", "<!-- end of roles -->"
ROLES = ("agent", "supervisor", "operator", "auditor")

ACTS: dict[str, tuple[str, ...]] = {
    "see the queue, and be told what happens": ("queue", "events", "changes", "alive"),
    "be available or away": ("status",),
    "claim a conversation, or take on a flag": ("claim_ticket",),
    "read a conversation (an agent: one's own, and whoever waits)": ("ticket",),
    "write to the customer, judged by the content gate": ("reply", "judge"),
    "send a picture guide by e-mail, beside a text": ("send_guide",),
    "ask for a one-time code": ("ask_code",),
    "look at a masked fact of the customer": ("reveal",),
    "write a note": ("add_note",),
    "hand on, to a colleague or a team": ("transfer",),
    "hand back to the bot": ("release",),
    "close, with how it ended": ("close",),
    "take over from a colleague": ("take_over",),
    "give a conversation to a colleague": ("reassign",),
    "see callbacks, start a call, say what came of it": ("callbacks", "callbacks_start", "callbacks_outcome"),
    "search (an agent: one's own customers of 30 days)": ("search", "search_look"),
    "see figures, and take them away as CSV": ("figures", "figures_csv"),
    "make accounts, change what people take on, close accounts": (
        *("people", "people_add", "people_work", "people_act"),
    ),
    "set working hours, dates, and what is said when nobody is there": (
        *("hours", "hours_week", "hours_days", "hours_days_drop", "hours_words", "hours_words_preview"),
    ),
    "write canned replies": ("replies", "replies_write", "replies_remove", "replies_restore", "replies_preview"),
    "set routing, sign-in and the survey": (*("settings", "settings_routing", "settings_access", "settings_survey"),),
    "read the audit, and take it away as CSV": ("audit", "audit_export"),
    "see templates, programmes and plans; ask who would get a text": (
        *("templates", "templates_one", "programmes", "programmes_one", "programmes_dry", "plans"),
    ),
    "write a new version of a template": ("templates_edit", "templates_draft", "templates_preview"),
    "approve or reject what somebody else wrote, retire a text": ("templates_judge",),
    "see results, and take them away as CSV": ("results", "results_one", "results_csv"),
    "begin a comparison of arms": ("results_declare",),
    "switch on again what stopped itself": ("results_resume",),
    "read self-checks": ("checks",),
    "check at once": ("checks_run",),
    "switch programmes on and off, start a run of the planner": ("programmes_switch", "plans_start"),
    "one's own account: password, second factor, sessions": (
        *("home", "logout", "account", "end_others", "password", "change_password"),
        *("factor", "prove_factor", "drop_factor"),
    ),
}


def table() -> str:
    """The table in Markdown. What one does with several routes has the same roles at all of them."""
    lines = [f"| what | {' | '.join(ROLES)} | recorded as |", f"|---|{'---|' * len(ROLES)}---|"]
    for what, names in ACTS.items():
        allowed = {frozenset(PERMITTED[f"console.{name}"] or ()) for name in names}
        assert len(allowed) == 1, f"{what}: these routes have different roles"
        [roles] = allowed
        words = sorted({word for name in names for word in AUDITED.get(f"console.{name}", ())})
        told = " · ".join(f"`{word}`" for word in words) or "–"
        lines.append(f"| {what} | {' | '.join('yes' if role in roles else '' for role in ROLES)} | {told} |")
    return "\n".join(lines) + "\n"


def test_every_route_that_needs_a_role_is_in_the_table() -> None:
    told = {f"console.{name}" for names in ACTS.values() for name in names}
    assert told == {endpoint for endpoint, roles in PERMITTED.items() if roles is not ANYBODY}


def test_the_table_is_that_of_the_doors(pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    written, _, after = rest.partition(END)
    if pytestconfig.getoption("--update"):
        PAGE.write_text(before + BEGIN + table() + END + after, encoding="utf-8")
        return
    assert written == table()


def test_every_picture_is_shown_or_linked() -> None:
    shown = set(re.findall(r"\(images/console/([^)]+\.png)\)", PAGE.read_text(encoding="utf-8")))
    assert shown == {image.name for image in (PAGE.parent / "images" / "console").glob("*.png")}
