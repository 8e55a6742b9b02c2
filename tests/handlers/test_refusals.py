"""A refusal that the bank's file brought, and one that the customer texts (law 5, rule 1 of sending)."""

from __future__ import annotations

import pytest

from app.store import consents, tables
from tests.handlers.talk import ANN
from tests.rig import Rig


def refused_at_the_bank(rig: Rig, source: str) -> None:
    rig.customer(ANN)
    with rig.service.database.begin() as connection:
        consents.record(connection, ANN, "commercial", "refused", source, "customer:C1", rig.clock())


@pytest.mark.parametrize("source", ["import", "moved"])
def test_who_refused_at_the_bank_hears_once_that_a_text_counts_too(rig: Rig, source: str) -> None:
    refused_at_the_bank(rig, source)
    (words,) = rig.say(ANN, "TD")
    assert "已为您退订" in words
    assert rig.say(ANN, "TD") == []
    assert [row.source for row in rig.rows(tables.Consent)] == [source, "reply"]


@pytest.mark.parametrize("source", ["reply", "gateway_keyword", "wrong_person"])
def test_who_refused_by_text_is_not_written_to_again(rig: Rig, source: str) -> None:
    refused_at_the_bank(rig, source)
    assert rig.say(ANN, "TD") == []
    assert [row.source for row in rig.rows(tables.Consent)] == [source]
