"""What is wrong with a draft beyond its own words: flows and commands, links, and the other versions of it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from app.care import checked
from app.care.checked import Fault
from app.care.library import shipped
from app.care.template import Template
from app.flows.interrupts import RESERVED
from app.flows.reading.commands import command
from app.flows.reading.normalise import normalise
from app.handlers.care import links
from app.handlers.service import Service
from app.store import templates as rows


def faults(service: Service, template: Template) -> list[Fault]:
    """Every fault that can be told without the other versions."""
    return [*checked.faults(template), *_replies(service, template), *_target(service, template)]


def strays(connection: Connection, template: Template) -> Fault | None:
    """What programmes rely on stays as it is: the purpose and kind of a template that exists; and its second text must
    be one that exists."""
    meant = {(one.purpose, one.kind) for (key, _), one in shipped().items() if key == template.key}
    written = [row for row in rows.versions(connection, template.key) if row.state != "rejected"]
    meant |= {(row.content["purpose"], row.content["kind"]) for row in written}
    if meant - {(template.purpose, template.kind)}:
        purpose, kind = min(meant)
        return Fault("purpose", "changed", f"{template.key} is {purpose}, {kind}; another purpose is another template")
    second = template.second, template.language
    if template.second and second not in shipped() and not rows.versions(connection, *second):
        return Fault("second", "second", f"there is no template {template.second} in {template.language}")
    return None


def _replies(service: Service, template: Template) -> Iterator[Fault]:
    catalogue = service.catalogue
    for reply in template.replies:
        field = f"replies.{reply.key}"
        if reply.flow not in catalogue.flows:
            yield Fault(field, "flow", f"there is no flow {reply.flow}; see docs/flows/README.md")
        for word in (reply.key, *reply.words):
            heard = command(normalise(word))
            opener = catalogue.openers.get(heard.meaning) if heard else None
            if word.casefold() in RESERVED:
                yield Fault(field, "reserved", f"{word} means the same everywhere; take a digit")
            elif opener is not None and opener.flow != reply.flow:
                yield Fault(field, "command", f"{word} always leads into {opener.flow}, not into {reply.flow}")


def _target(service: Service, template: Template) -> Iterator[Fault]:
    if not template.target:
        return
    try:
        links.check(template.target, service.targets)
    except links.BadTarget as bad:
        yield Fault("target", "target", str(bad))
