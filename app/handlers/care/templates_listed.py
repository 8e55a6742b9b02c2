"""All texts that start conversations, language by language: what leaves, what waits for approval, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.care.checked import Fault
from app.care.library import shipped
from app.care.placeholders import LANGUAGES
from app.care.template import Template
from app.handlers.care import drafts, templates
from app.handlers.care.sampling import Sample, invented
from app.handlers.service import Service
from app.store import templates as rows


@dataclass(frozen=True, slots=True)
class Listed:
    """A language of a template. `template`: what leaves, None when nothing does. `state`: shipped (as the release has
    it) · approved · retired · draft (was never approved) · missing (there is no such language). `waiting`: drafts that
    are newer than what leaves, (version, author), newest first."""

    key: str
    language: str
    state: str
    template: Template | None
    waiting: tuple[tuple[int, str], ...] = ()


def listed(connection: Connection) -> list[Listed]:
    """Every template in every language, by key."""
    found = rows.versions(connection)
    keys = sorted({key for key, _ in shipped()} | {row.template for row in found})
    return [_one(connection, key, language, found) for key in keys for language in LANGUAGES]


def _one(connection: Connection, key: str, language: str, found: rows.Rows) -> Listed:
    ours = [row for row in found if (row.template, row.language) == (key, language)]
    template = templates.approved(connection, key, language)
    states = {row.state for row in ours}
    if template is not None:
        state = "approved" if template.version else "shipped"
    elif states & {"approved", "retired"}:
        state = "retired"
    else:
        state = "draft" if "draft" in states else "missing"
    least = template.version if template else 0
    waiting = tuple((row.version, row.author) for row in ours if row.state == "draft" and row.version > least)
    return Listed(key, language, state, template, waiting)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a text that leaves. `faults`: of the template; `samples`: invented customers who would not get
    it, or only with a warning."""

    template: Template
    faults: tuple[Fault, ...]
    samples: tuple[Sample, ...]

    @property
    def good(self) -> bool:
        return not self.faults and all(sample.leaves for sample in self.samples)


def checked(service: Service, connection: Connection) -> list[Checked]:
    """Every text that leaves, judged by the rules of today; those with nothing to say of them as well."""
    return [
        Checked(
            one.template,
            tuple(drafts.faults(service, one.template)),
            tuple(sample for sample in invented(service, one.template) if sample.reasons or not sample.leaves),
        )
        for one in listed(connection)
        if one.template is not None
    ]
