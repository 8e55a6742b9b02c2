"""The interface speaks Chinese everywhere, and the committed catalogues are what the code says."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from app.web.console.languages import AREAS
from tools.translations import faults, homeless, missing


def test_every_file_with_messages_belongs_to_an_area() -> None:
    assert homeless() == []


@pytest.mark.parametrize("area", AREAS)
def test_every_message_is_translated_and_compiled(area: str) -> None:
    assert faults(area) == []


@pytest.mark.parametrize(
    ("said", "fault"), [("", "no translation"), ("有%(nmae)s", "other placeholders"), ("有", "other placeholders")]
)
def test_a_translation_that_is_wrong_is_found(said: str, fault: str) -> None:
    catalog = Catalog(locale="zh_CN")
    catalog.add("With %(name)s", said)
    (line,) = missing(catalog)
    assert fault in line
