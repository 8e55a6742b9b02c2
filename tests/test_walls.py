"""The walls between the rooms of app/: imports go one way, and the rooms that decide are pure.

flows, rules <- store <- handlers <- web, worker; gateways, bank and companions are called by handlers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[1] / "app"

# Room or file of app/: what it may import of app/, besides itself. A dotted name opens one file only.
MAY_IMPORT: dict[str, set[str]] = {
    "flows": set(),
    "rules": set(),
    "gateways": set(),
    "understanding": {"flows"},  # measures and trains the reader; the service runs without it
    "bank": set(),
    "companions": set(),
    # Working hours and routes are read by the rules that use them: both refuse the same.
    "config": {"rules", "care.routes", "setting_checks"},
    "setting_checks": {"rules", "companions.email", "companions.signature"},  # these say how a setting is written
    "care": {"rules"},
    "store": {"flows", "rules", "care"},
    "handlers": {"flows", "rules", "care", "store", "gateways", "bank", "companions", "config"},
    "worker": {"flows", "rules", "store", "handlers", "config", "wiring"},
    "web": {"flows", "rules", "care", "store", "handlers", "gateways.port", "config", "wiring"},
    "logs": set(),
}

# These put the parts together, so they know them all.
KNOWS_ALL = {"__init__", "wiring", "cli", "commands", "bench", "city"}

# What the pure rooms may use from outside: nothing that reads a clock, chance, a file or a network.
# fmt: off
PURE_LIBRARIES = {
    "__future__", "abc", "bisect", "calendar", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "hmac",
    "importlib.resources", "io.BytesIO", "itertools", "json", "math", "operator", "pathlib", "re", "string", "textwrap",
    "tomllib", "types", "typing", "unicodedata", "urllib.parse", "zlib", "zoneinfo",
    "holidays", "lunar_python", "numpy", "opencc", "phonenumbers", "scipy.special", "statistics.NormalDist",
    "transitions",
}
# fmt: on
PURE_ROOMS = ("flows", "rules", "care")

# Calls that reach the clock or the disk through a library that is allowed for other reasons.
IMPURE_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
IMPURE_CALLS |= {"open", "input", "print", "__import__"}
IMPURE_METHODS = {"write_text", "write_bytes", "unlink", "mkdir"}

# Libraries that must not leak into a room that has nothing to do with them.
NEVER: dict[str, set[str]] = {
    "store": {"flask", "werkzeug", "requests", "twilio", "celery"},
    "handlers": {"flask", "werkzeug", "requests", "twilio", "celery"},
    "gateways": {"flask", "werkzeug", "sqlalchemy", "celery"},
    "bank": {"flask", "werkzeug", "celery", "twilio"},
    "companions": {"flask", "werkzeug", "sqlalchemy", "celery", "twilio"},
    "worker": {"flask", "werkzeug", "twilio", "requests"},
    "web": {"requests", "twilio"},
    "understanding": {"flask", "werkzeug", "requests", "sqlalchemy", "twilio", "celery"},
}


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, wherever in the file, type-checking blocks included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def within(name: str, allowed: set[str]) -> bool:
    return any(name == entry or name.startswith(f"{entry}.") for entry in allowed)


def faults(source: str, module: str) -> list[str]:
    """What `source`, standing in app/ as `module` (such as `app.flows.quota`), breaks: one sentence each."""
    room = module.split(".")[1]
    tree = ast.parse(source)
    found: list[str] = []
    if room in KNOWS_ALL:
        return found
    if room not in MAY_IMPORT:
        return [f"{module}: app/{room} is in no table of tests/test_walls.py"]
    for line, name in imports(tree, module.rpartition(".")[0]):
        if name == "app" or name.startswith("app."):
            inside = name.removeprefix("app").removeprefix(".")
            if not within(inside, MAY_IMPORT[room] | {room}):
                found.append(f"{module}:{line} imports {name}, which {room} must not know")
        elif room in PURE_ROOMS and not within(name, PURE_LIBRARIES):
            found.append(f"{module}:{line} imports {name}, and {room} is pure")
        elif within(name, NEVER.get(room, set())):
            found.append(f"{module}:{line} imports {name}, which is not the business of {room}")
    if room in PURE_ROOMS:
        found.extend(f"{module}:{line} calls {call}, and {room} is pure" for line, call in impure_calls(tree))
    return found


def impure_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            short = ".".join(call.split(".")[-2:])
            if short in IMPURE_CALLS or call.split(".")[-1] in IMPURE_METHODS:
                yield node.lineno, call


def modules() -> dict[str, Path]:
    """Every file of app/ by its module name; a package counts as its `__init__`."""
    return {".".join(file.relative_to(APP.parent).with_suffix("").parts): file for file in sorted(APP.rglob("*.py"))}


@pytest.mark.parametrize("module", modules())
def test_no_wall_is_broken(module: str) -> None:
    assert faults(modules()[module].read_text(encoding="utf-8"), module) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app.flows.quota", "import flask"),
        ("app.flows.quota", "from app.store.tables import Message"),
        ("app.flows.quota", "from ..store import tables"),
        ("app.flows.reading.dates", "from ...store import tables"),
        ("app.flows.quota", "from app.rules import words"),
        ("app.flows.quota", "import time"),
        ("app.flows.quota", "import random"),
        ("app.flows.quota", "from secrets import randbelow"),
        ("app.flows.quota", "def later():\n    import os"),
        ("app.flows.quota", "if TYPE_CHECKING:\n    from app.web import views"),
        ("app.rules.hours", "from datetime import datetime\nnow = datetime.now()"),
        ("app.rules.hours", "import datetime\nnow = datetime.datetime.utcnow()"),
        ("app.rules.hours", "from datetime import date\nday = date.today()"),
        ("app.rules.hours", "words = open('words.txt')"),
        ("app.rules.hours", "from app import config"),
        ("app.store.tables", "from app.handlers import inbound"),
        ("app.store.tables", "import flask"),
        ("app.gateways.twilio", "from app.store import tables"),
        ("app.gateways.twilio", "from app.config import Settings"),
        ("app.bank.http", "from app.gateways.port import Forged"),
        ("app.companions.email", "from app.gateways.port import Forged"),
        ("app.companions.webhook", "import sqlalchemy"),
        ("app.handlers.inbound", "from app.web import webhooks"),
        ("app.handlers.inbound", "from app import web"),
        ("app.web.webhooks", "from app.gateways.twilio import Twilio"),
        ("app.web.webhooks", "from app.worker import jobs"),
        ("app.worker.jobs", "from app.web import webhooks"),
        ("app.config", "from app.store import tables"),
        ("app.attic.old", "import re"),
    ],
)
def test_every_kind_of_breach_is_seen(module: str, source: str) -> None:
    assert len(faults(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app.flows.quota", "from .table import ask\nfrom app.flows import vocabulary\nimport transitions"),
        ("app.flows.quota", "from datetime import UTC, datetime\nthen = datetime(2026, 1, 1, tzinfo=UTC)"),
        ("app.flows.texts", "from importlib.resources import files\nwords = files('app').read_text()"),
        ("app.store.tables", "import sqlalchemy\nfrom app.flows.vocabulary import Conversation"),
        ("app.handlers.inbound", "from datetime import datetime\nfrom app.gateways.port import Gateway"),
        ("app.web.webhooks", "import flask\nfrom app.gateways.port import WebhookRequest"),
        ("app.wiring", "from app.web import webhooks\nimport random"),
        ("app.__init__", "from app.wiring import wire"),
    ],
)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert faults(source, module) == []
