"""Templates as the pages show them: the list by kind, and one with its words, drafts and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.care.library import read, shipped
from app.care.placeholders import LANGUAGES
from app.care.template import Template
from app.handlers.service import Service
from app.store import templates as rows
from app.web.console import names
from app.web.console.care import templates_named as called
from app.web.console.care.templates_diff import Change, changes
from app.web.console.care.templates_marks import Mark, placeholders
from app.web.console.care.templates_samples import Sample, seen, sized


@dataclass(frozen=True, slots=True)
class Version:
    """A row of the versions. `state`: shipped · draft · approved · replaced · rejected · retired."""

    version: int
    state: str
    author: str
    written_at: datetime | None
    judged_by: str
    judged_at: datetime | None
    reason: str
    content: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Told:
    """A language of a template in the list. `draft`: who wrote the version that waits, empty without one."""

    language: str
    state: str
    by: str
    draft: str


@dataclass(frozen=True, slots=True)
class Line:
    """A template in the list; words, parts and cost are those of the page's language, for somebody invented."""

    key: str
    title: str
    kind: str
    purpose: str
    language: str
    words: str
    told: list[Told]
    parts: int
    cost: str

    @property
    def states(self) -> set[str]:
        return {one.state for one in self.told} | ({"draft"} if any(one.draft for one in self.told) else set())


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that waits. `mine`: whoever looks wrote it."""

    version: int
    author: str
    written_at: datetime | None
    mine: bool
    changes: list[Change]
    seen: list[Sample]


@dataclass(frozen=True, slots=True)
class Shown:
    """One template in one language. `standing`: what leaves; None when it was retired. `latest`: what stands on the
    page then."""

    key: str
    language: str
    standing: Template | None
    latest: Template
    state: str
    by: str
    drafts: list[Draft]
    versions: list[Version]
    seen: list[Sample]

    @property
    def title(self) -> str:
        return self.latest.scene or self.key

    @property
    def marks(self) -> list[Mark]:
        return [mark for mark in placeholders(self.latest) if mark.used]

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The five parts with their names; none without a model."""
        model = self.latest.model
        return [(str(said), getattr(model, part)) for part, said in called.PARTS.items()] if model else []


def versions(connection: Connection, key: str, language: str) -> list[Version]:
    """Newest first; the release's own is the last."""
    return _versions(rows.versions(connection, key), key).get((key, language), [])


def waiting(connection: Connection, key: str) -> list[str]:
    """The languages in which a version of the template waits for approval."""
    found = {row.language for row in rows.versions(connection, key) if row.state == "draft"}
    return [language for language in LANGUAGES if language in found]


def template_of(key: str, language: str, version: Version) -> Template:
    """The words of a version, also of one that today's rules would not take."""
    if version.content is None:
        return shipped()[key, language]
    return read(key, language, version.content, version.version, strict=False)


def lines(service: Service, connection: Connection) -> list[Line]:
    """All templates, in the order of their keys."""
    known = _versions(rows.versions(connection), "")
    keys = sorted({key for key, _ in known})
    language = names.language()
    return [_line(service, key, language, known) for key in keys]


def _line(service: Service, key: str, language: str, known: Mapping[tuple[str, str], list[Version]]) -> Line:
    told = [_told(one, known[key, one]) for one in LANGUAGES if (key, one) in known]
    spoken = language if (key, language) in known else told[0].language
    template = template_of(key, spoken, current(known[key, spoken]))
    parts, cost = sized(service, template)
    return Line(
        key=key,
        title=template.scene or key,
        kind=template.kind,
        purpose=template.purpose,
        language=spoken,
        words=template.words,
        told=told,
        parts=parts,
        cost=cost,
    )


def _told(language: str, found: Sequence[Version]) -> Told:
    now = current(found)
    draft = next((one.author for one in found if one.state == "draft"), "")
    return Told(language, now.state, now.judged_by, draft)


def current(found: Sequence[Version]) -> Version:
    """The version that leaves; when none does, the one that was retired last, else the first that was ever written."""
    for state in ("approved", "shipped", "retired"):
        for one in found:
            if one.state == state:
                return one
    return found[-1]


def shown(service: Service, connection: Connection, key: str, language: str, reader: str) -> Shown | None:
    """`reader`: who looks. None for a template or language that is not there."""
    found = versions(connection, key, language)
    if not found:
        return None
    now = current(found)
    latest = template_of(key, language, now)
    standing = latest if now.state in {"approved", "shipped"} else None
    return Shown(
        key=key,
        language=language,
        standing=standing,
        latest=latest,
        state=now.state,
        by=now.judged_by,
        drafts=[_draft(service, connection, one, latest, reader) for one in found if one.state == "draft"],
        versions=found,
        seen=seen(service, connection, latest),
    )


def _draft(service: Service, connection: Connection, version: Version, standing: Template, reader: str) -> Draft:
    template = template_of(standing.key, standing.language, version)
    return Draft(
        version=version.version,
        author=version.author,
        written_at=version.written_at,
        mine=version.author == reader,
        changes=changes(standing, template),
        seen=seen(service, connection, template),
    )


def _versions(found: Sequence[Any], key: str) -> dict[tuple[str, str], list[Version]]:
    """By key and language, newest first, the release's own among them. `key`: only that one, empty for all."""
    told: dict[tuple[str, str], list[Version]] = {}
    for row in found:
        told.setdefault((row.template, row.language), []).append(_version(row))
    for pair in shipped():
        if key in {"", pair[0]}:
            mine = told.setdefault(pair, [])
            if not any(one.version == 0 for one in mine):
                state = (
                    "replaced" if any(one.state in {"approved", "replaced", "retired"} for one in mine) else "shipped"
                )
                mine.append(Version(0, state, "", None, "", None, "", None))
    return told


def _version(row: Any) -> Version:
    return Version(
        row.version, row.state, row.author, row.written_at, row.judged_by, row.judged_at, row.reason, row.content
    )
