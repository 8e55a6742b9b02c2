"""How a template reads to real customers: the words, what the gate says, parts and cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy import Connection

from app.care.person import Person
from app.care.template import Template
from app.handlers.care import sampling
from app.handlers.care.sampling import INVENTED, Filling
from app.handlers.service import Service
from app.rules.gate import Reason
from app.rules.titles import address
from app.store import customers_shown, persons
from app.web.console import console
from app.web.console.words import tail

MOST = 3
"""Customers that are shown at once."""
GROUPS = 8
"""So many times as many can be chosen from; one more group is invented."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`tail`: the last four digits of the number, empty for somebody invented. `said`: empty when one of `missing`
    placeholders has no value. `instead`: placeholders for which a fall-back or an example stands."""

    who: str
    tail: str
    language: str
    said: Markup
    parts: int
    cost: str
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    instead: tuple[Filling, ...]


def seen(service: Service, connection: Connection, template: Template, group: int = 0) -> list[Sample]:
    """As the customers of a group of `groups` would read it; as invented ones when nobody reads its language."""
    people: list[Person | None] = []
    if group < GROUPS:
        rows = customers_shown.reading(connection, template.language, service.language, MOST * (group + 1))
        look = persons.Look(service.language, service.zone.key, (), ())
        people = [persons.one(connection, row.customer_id, "", service.clock(), look) for row in rows[MOST * group :]]
    found = [person for person in people if person is not None] or INVENTED[template.language]
    return [_shown(service, template, person) for person in found]


def groups(service: Service, connection: Connection, language: str) -> list[tuple[int, str]]:
    """Customers to choose from, a few at a time: (number of the group, who they are); invented ones at the end."""
    rows = customers_shown.reading(connection, language, service.language, MOST * GROUPS)
    told = [f"{masked(row.name, row.title, language)} {tail(row.phone)}" for row in rows]
    real = [(at // MOST, _(", ").join(told[at : at + MOST])) for at in range(0, len(told), MOST)]
    return [*real, (GROUPS, _("invented: everything is known, a name in another script, nothing is known"))]


def sized(service: Service, template: Template) -> tuple[int, str]:
    """Parts and cost when everything is known: for lists."""
    found = sampling.sample(service, template, INVENTED[template.language][0])
    return found.parts, _cost(found.cost)


def masked(name: str, title: str, language: str) -> str:
    """Surname and title: nobody's full name stands on these pages."""
    return address(name, title, language) or address(name, title, "zh-CN") or str(_("a customer without a name"))


def _shown(service: Service, template: Template, person: Person) -> Sample:
    found = sampling.sample(service, template, person)
    return Sample(
        who=masked(person.name, person.title, template.language),
        tail=tail(person.phone) if person.phone else "",
        language=template.language,
        said=marked(found.body, found.reasons),
        parts=found.parts,
        cost=_cost(found.cost),
        reasons=found.reasons,
        missing=found.missing,
        instead=tuple(one for one in found.fillings if one.source in {"fallback", "sample"}),
    )


def _cost(yuan: Decimal | None) -> str:
    """¥0.05; empty when nobody told what a part costs."""
    return "" if yuan is None else f"¥{format_decimal(yuan, '#,##0.00##')}"


def marked(body: str, reasons: tuple[Reason, ...]) -> Markup:
    """The text with the words that the gate found marked."""
    out, at = Markup(), 0
    spots = sorted(
        (place, -len(reason.words), reason.level)
        for reason in reasons
        if reason.words and (place := body.find(reason.words)) >= 0
    )
    for place, size, level in spots:
        if place < at:
            continue
        mild = Markup(' class="mild"') if level == "warn" else Markup()
        out += escape(body[at:place]) + Markup("<mark{}>{}</mark>").format(mild, body[place : place - size])
        at = place - size
    return out + escape(body[at:])


@console.app_template_filter("found_by_gate")
def found_by_gate(samples: list[Sample]) -> list[Reason]:
    """What the gate says of any of them, once each, refusals first."""
    found = dict.fromkeys(reason for one in samples for reason in one.reasons)
    return sorted(found, key=lambda reason: reason.level != "refuse")


@console.app_template_filter("holes")
def holes(words_of_it: str) -> Markup:
    """A template's words with its placeholders marked."""
    out, at = Markup(), 0
    while (start := words_of_it.find("{", at)) >= 0 and (end := words_of_it.find("}", start)) >= 0:
        out += escape(words_of_it[at:start]) + Markup('<span class="hole">{}</span>').format(
            words_of_it[start : end + 1]
        )
        at = end + 1
    return out + escape(words_of_it[at:])
