"""Versions of one text, written and judged by two people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.care.library import shipped
from app.care.template import Template
from app.handlers.care import templates
from app.handlers.care.templates import NotDone
from app.handlers.care.templates_listed import Listed, listed
from app.handlers.service import Service
from app.store import tables
from tests.handlers.care.bank import rows

KEY, LANGUAGE = "birthday", "zh-CN"
SHIPPED = shipped()[KEY, LANGUAGE]
AMY, BEN = "amy", "ben"


def worded(body: str = "{customer}，生日快乐，回复1约回电，客服{hotline}。", **changed: Any) -> Template:
    return replace(SHIPPED, **{"body": body, **changed})


def leaves(service: Service, key: str = KEY, language: str = LANGUAGE) -> Template | None:
    with service.database.begin() as connection:
        found = templates.approved(connection, key, language)
        assert (found is not None) == ((key, language) in templates.languages(connection))
        return found


def line(service: Service, key: str = KEY, language: str = LANGUAGE) -> Listed:
    with service.database.begin() as connection:
        return next(one for one in listed(connection) if (one.key, one.language) == (key, language))


def states(service: Service) -> dict[int, str]:
    return {row.version: row.state for row in rows(service, tables.TemplateVersion)}


def refused(why: str, act: Callable[..., object], *told: Any) -> NotDone:
    with pytest.raises(NotDone) as error:
        act(*told)
    assert error.value.why == why
    return error.value


def draft(service: Service, template: Template | None = None, author: str = AMY) -> int:
    return templates.draft(service, author, template or worded())


def approve(service: Service, version: int, by: str = BEN) -> None:
    templates.approve(service, by, KEY, LANGUAGE, version)
