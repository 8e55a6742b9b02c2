"""A template becomes the words of one customer, judged as it would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.care.event_kinds import kinds
from app.care.person import Person
from app.care.render import render, values_of
from app.care.template import Template
from app.flows.reading.masking import secrets_in
from app.handlers.service import Service
from app.rules.gate import Draft, Verdict, judge
from app.store import customer_events


@dataclass(frozen=True, slots=True)
class Written:
    """`words`: unsigned, with the way out at the end. `parts`: signed, as the gateway counts. `verdict.body` has the
    whole text."""

    words: str
    parts: int
    verdict: Verdict


def given_of(connection: Connection, row: Any) -> dict[str, Any]:
    """What led to a planned text, for `write`: the day, or what the customer's event says. `row`: of `occasions`."""
    kind = str(row.occasion).partition(":")[0]
    event = customer_events.latest(connection, row.customer_id, kind, row.planned_at) if kind in kinds() else {}
    return {**event, **row.given, "occasion": row.occasion}


def write(
    service: Service, template: Template, person: Person, given: Mapping[str, Any], *, link: str, way_out: str
) -> Written:
    """The words for that customer and what the gate says of them. `given`: of the event or day that led to it. `link`:
    what stands for `{link}`, empty without one. `way_out`: how to refuse, by the route; empty for a service text.

    Raises `MissingValue` when a placeholder has neither value nor fall-back: such a text never leaves.
    """
    language = template.language
    values = values_of(
        person, given, bank=service.name(language), hotline=service.hotline, link=link, language=language
    )
    words = ended(render(template, values), way_out, language)
    verdict = judge(
        Draft(
            words=words,
            language=language,
            purpose=template.purpose,
            count_parts=service.gateway.count_parts,
            signature=service.signature(language),
            refused=person.refused,
            domains=service.domains,
            trial=service.trial,
            hotline=service.hotline,
            phones=frozenset({person.manager_phone, service.caller} - {""}),
            names=frozenset({person.name, person.manager_name} - {""}),
            secrets_in=secrets_in,
        )
    )
    return Written(words, verdict.parts, verdict)


def ended(words: str, way_out: str, language: str) -> str:
    """`words` and how to refuse behind them, parted as the language parts sentences."""
    if not way_out:
        return words
    if words.endswith(("。", "！", "？")):
        return f"{words}{way_out}"
    stop = "" if words.endswith((".", "!", "?")) or "://" in words.split()[-1] else "." if language == "en" else "。"
    return f"{words}{stop}{'' if stop == '。' else ' '}{way_out}"
