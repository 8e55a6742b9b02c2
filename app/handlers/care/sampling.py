"""A template as customers would read it: the words, what stands for which placeholder, parts, cost and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from app.care.person import Person
from app.care.placeholders import PLACEHOLDERS
from app.care.render import filled, values_of
from app.care.template import Template
from app.handlers.care.links import LENGTH, LETTERS
from app.handlers.care.words import write
from app.handlers.service import Service
from app.rules.gate import Reason
from app.store import customers_shown, persons

INVENTED: Mapping[str, Sequence[Person]] = {
    "zh-CN": (
        Person(customer_id="", name="欧阳震华", title="先生", manager_name="李晓明", manager_phone="400-889-5501"),
        Person(customer_id="", name="Wang Jianguo", title="先生"),
        Person(customer_id=""),
    ),
    "en": (
        Person(customer_id="", name="Emily Featherstone", title="女士", manager_name="Ann Lee", manager_phone="95501"),
        Person(customer_id="", name="王建国", title="先生", manager_name="李晓明"),
        Person(customer_id=""),
    ),
}
"""The kinds of customers that a text has to suit: everything is known, a name in another script, nothing is."""
_GIVEN: Mapping[str, Mapping[str, Any]] = {
    "zh-CN": {"branch": "城东科技园支行", "gift": "50元话费券"},
    "en": {"branch": "the East Street branch", "gift": "a phone voucher of CNY 50"},
}


@dataclass(frozen=True, slots=True)
class Filling:
    """`source`: value · fallback · sample (an event or a day would give it) · missing."""

    placeholder: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Sample:
    """`customer_id`: empty for somebody invented. `body`: signed, with the way out; empty when a value is missing.
    `cost` in yuan; None when nobody told what a part costs."""

    customer_id: str
    body: str
    parts: int
    cost: Decimal | None
    reasons: tuple[Reason, ...]
    fillings: tuple[Filling, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(one.placeholder for one in self.fillings if one.source == "missing")

    @property
    def leaves(self) -> bool:
        """Whether these words may leave."""
        return not self.missing and all(reason.level != "refuse" for reason in self.reasons)


def preview(
    service: Service, connection: Connection, template: Template, most: int = 3, customer_id: str = ""
) -> list[Sample]:
    """As real customers who read its language would get it, in the order of their ids; or that one customer. When there
    is nobody, as invented ones would. What only an event or a day gives is an example."""
    ids = [customer_id]
    if not customer_id:
        ids = [
            row.customer_id for row in customers_shown.reading(connection, template.language, service.language, most)
        ]
    look = persons.Look(service.language, service.zone.key, (), ())
    known = (persons.one(connection, one, "", service.clock(), look) for one in ids)
    found = [person for person in known if person is not None]
    if not found and not customer_id:
        found = list(INVENTED[template.language])
    return [sample(service, template, person) for person in found]


def invented(service: Service, template: Template) -> list[Sample]:
    """As every kind of customer would get it: what an approval rests on."""
    return [sample(service, template, person) for person in INVENTED[template.language]]


def sample(service: Service, template: Template, person: Person) -> Sample:
    """As that customer would get it. Whether they refuse such texts is no fault of the words and is left out."""
    language = template.language
    given = examples(service, language)
    link = example_link(service) if template.target else ""
    named = {"bank": service.name(language), "hotline": service.hotline, "link": link}
    fillings = tuple(
        Filling(name, words, "sample" if source == "value" and _is_example(name) else source)
        for name, (words, source) in filled(template, values_of(person, given, language=language, **named)).items()
    )
    if any(one.source == "missing" for one in fillings):
        return Sample(person.customer_id, "", 0, None, (), fillings)
    way_out = service.route.leaves_with(template.purpose, language)
    willing = replace(person, refused=frozenset())
    written = write(service, template, willing, given, link=link, way_out=way_out)
    cost = service.part_price * written.parts if service.part_price else None
    return Sample(person.customer_id, written.verdict.body, written.parts, cost, written.verdict.reasons, fillings)


def examples(service: Service, language: str) -> dict[str, Any]:
    """What stands in a preview for what an event or a day gives."""
    today = service.clock().astimezone(service.zone).date()
    ends = (today.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    days = {"appointment": today.isoformat(), "until": ends.isoformat(), "days": 30}
    return {
        "occasion": f"xiaoshu:{date(today.year, 7, 7)}",
        "product": "consumer",
        "ceiling": Decimal(300_000),
        **days,
        **_GIVEN[language],
    }


def example_link(service: Service) -> str:
    """As long as a real one, and leading nowhere. On a machine without a name of its own it has the bank's, so that the
    words are judged and not the machine."""
    base = service.link_url if service.link_url.startswith("https://") else f"https://{_host(service)}"
    return f"{base}/r/{LETTERS[:LENGTH]}"


def _host(service: Service) -> str:
    return urlsplit(service.info_link).hostname or "bank.example.com"


def _is_example(name: str) -> bool:
    return PLACEHOLDERS[name].source in {"given", "day"}
