"""Two people at the same text at the same moment: the database decides."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.handlers.care import templates
from app.handlers.care.templates import NotDone, Outdated
from app.handlers.service import Service
from app.store import tables
from tests.handlers.care.bank import rows
from tests.handlers.care.versions import AMY, KEY, LANGUAGE, approve, draft, leaves, states, worded


def together(acts: list[Callable[[], object]]) -> list[object]:
    """What each of them gave or raised, begun at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(60)
        try:
            return act()
        except (NotDone, Outdated) as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_who_write_at_once_get_two_versions_or_one_begins_again(service: Service) -> None:
    found = together([partial(templates.draft, service, AMY, worded(), after=0)] * 4)
    assert found.count(1) == 1
    assert sum(isinstance(one, Outdated) for one in found) == 3
    assert states(service) == {1: "draft"}


def test_two_who_approve_at_once_approve_once(service: Service) -> None:
    version = draft(service)
    found = together([partial(approve, service, version, by) for by in ("b", "c", "d")])
    assert [getattr(one, "why", "") for one in found].count("decided") == 2
    assert [row.action for row in rows(service, tables.Audit)].count("template.approve") == 1


def test_of_two_drafts_approved_at_once_one_leaves(service: Service) -> None:
    first, second = draft(service), draft(service)
    together([partial(approve, service, first, "b"), partial(approve, service, second, "c")])
    assert sorted(states(service).values()) in (["approved", "replaced"], ["approved", "draft"])
    assert getattr(leaves(service), "version", None) == second


def test_one_who_approves_and_one_who_rejects_do_not_both_win(service: Service) -> None:
    version = draft(service)
    reject = partial(templates.reject, service, "c", KEY, LANGUAGE, version, "no")
    found = together([partial(approve, service, version), reject])
    assert [getattr(one, "why", "") for one in found].count("decided") == 1


def test_the_database_holds_to_one_approved_version(service: Service) -> None:
    approve(service, draft(service))
    draft(service)
    with pytest.raises(IntegrityError), service.database.begin() as connection:
        connection.execute(update(tables.TemplateVersion).values(state="approved"))
