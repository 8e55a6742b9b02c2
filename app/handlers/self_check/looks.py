"""The checks that read: numbers on file, sent texts by today's rules, links, approvals."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast

from app.care.library import shipped
from app.flows.reading.language import language_of
from app.flows.reading.masking import secrets_in
from app.handlers.care import switches, templates
from app.handlers.self_check.finding import Finding, Problem
from app.handlers.service import Service
from app.rules.gate import Draft, judge
from app.rules.gate.links import within
from app.rules.purpose import Purpose
from app.store import self_checks, senders

LOOK_BACK = timedelta(days=30)
SOON = timedelta(days=30)
SAMPLE = 200
MOST_LINKS = 50
AT_ONCE = 16
"""Pages that are opened at a time, so that a page of dead links does not keep a person waiting."""


def numbers(service: Service) -> Finding:
    """Every number that texts leave from is on file, from a day on and until a day."""
    today = service.clock().astimezone(service.zone).date()
    with service.database.begin() as connection:
        on_file = {row.number: row for row in senders.listed(connection)}
    problems = []
    for number in sorted(service.own_numbers):
        row = on_file.get(number)
        if row is None:
            problems.append(Problem("not_on_file", number))
        elif row.valid_from is not None and row.valid_from > today:
            problems.append(Problem("file_not_begun", number))
        elif row.expires_on is None:
            problems.append(Problem("file_open_ended", number, "warnings"))
        elif row.expires_on < today:
            problems.append(Problem("file_expired", number))
        elif row.expires_on <= today + SOON:
            problems.append(Problem("file_expires", number, "warnings"))
    return Finding("numbers", len(service.own_numbers), tuple(problems))


def sample(service: Service, chance: random.Random, most: int = SAMPLE) -> Finding:
    """Texts that were sent, drawn at random, judged by the rules of today. What a customer had proven then counts."""
    with service.database.begin() as connection:
        rows = self_checks.sent(connection, service.clock() - LOOK_BACK, most, chance)
    problems = []
    for row in rows:
        language = language_of(row.body) or service.language
        verdict = judge(
            Draft(
                words=row.body,
                language=language,
                purpose=cast(Purpose, row.purpose),
                count_parts=service.gateway.count_parts,
                signature=service.signature(language),
                verified=row.figures,
                code_open=True,
                domains=service.domains,
                trial=service.trial,
                hotline=service.hotline,
                phones=frozenset({service.caller}),
                secrets_in=secrets_in,
            )
        )
        codes = ", ".join(dict.fromkeys(reason.code for reason in verdict.refusals))
        if codes:
            problems.append(Problem("rules_changed", f"message {row.id}: {codes}", "warnings"))
    return Finding("sample", len(rows), tuple(problems))


def links(service: Service) -> Finding:
    """Where our texts lead: https, on the bank's list, and alive. Nobody's transaction is open meanwhile (law 9)."""
    with service.database.begin() as connection:
        targets = set(self_checks.targets(connection, service.clock() - LOOK_BACK, MOST_LINKS))
        for key in {key for programme in switches.active(connection).values() for key in programme.texts}:
            for language in service.catalogue.texts.languages:
                template = templates.approved(connection, key, language)
                if template is not None and template.target:
                    targets.add(template.target)
    if service.info_link:
        targets.add(service.info_link)
    found = sorted(targets)[:MOST_LINKS]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looked = list(pool.map(lambda url: list(_link(service, url)), found))
    return Finding("links", len(found), tuple(problem for problems in looked for problem in problems))


def _link(service: Service, url: str) -> Iterator[Problem]:
    if not url.startswith("https://"):
        yield Problem("link_not_https", url)
        return
    if not within(url.split("/")[2].partition(":")[0].casefold(), service.targets):
        yield Problem("link_foreign", url)
    elif why := service.probe(url):
        yield Problem("link_dead", f"{url}: {why}", "warnings")


def approvals(service: Service) -> Finding:
    """What was sent had an approved version, and what is on has one in every language."""
    problems = []
    with service.database.begin() as connection:
        sent = self_checks.versions_sent(connection, service.clock() - LOOK_BACK)
        judged = self_checks.versions_judged(connection)
        there = templates.languages(connection)
        active = switches.active(connection)
    released = {(template.key, template.language, template.version) for template in shipped().values()}
    for key, language, version in sorted(sent - judged - released):
        problems.append(Problem("sent_unapproved", f"{key} {language} @{version}"))
    keys = {key for programme in active.values() for key in programme.texts}
    needed = {(key, language) for key in keys for language in service.catalogue.texts.languages}
    for key, language in sorted(needed - there):
        problems.append(Problem("programme_without_text", f"{key} {language}", "warnings"))
    return Finding("approvals", len(sent) + len(needed), tuple(problems))
