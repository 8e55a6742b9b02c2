"""After a restore from yesterday: the statements of docs/scale.md do what is said there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from app.handlers.time_passed import take_waiting_texts
from app.store import tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.deploy.paper import CHECKOUT
from tests.rig import Rig

PHONE = "+8613800138000"
WITHDRAW, RAISE = re.findall(
    r"`((?:UPDATE|SELECT) [^`]+)`", (CHECKOUT / "docs" / "scale.md").read_text(encoding="utf-8")
)


@pytest.fixture
def rig(fresh_postgres_url: Callable[..., str], clock: Clock) -> Iterator[Rig]:
    rig = Rig(fresh_postgres_url(upgrade), clock)
    yield rig
    rig.close()


def run(rig: Rig, statement: str) -> None:
    with rig.service.database.begin() as connection:
        connection.execute(text(statement.replace("::regclass", "\\:\\:regclass")))


@pytest.mark.postgres
def test_what_was_queued_yesterday_does_not_leave_again(rig: Rig) -> None:
    rig.text(PHONE, "怎么还钱")
    take_waiting_texts(rig.service)  # its turn, if this machine was too busy for it within the webhook
    assert [row.state for row in rig.rows(tables.Message)] == ["queued"]
    run(rig, WITHDRAW)
    assert rig.answers(PHONE) == []
    (row,) = rig.rows(tables.Message)
    assert (row.state, row.reason) == ("withdrawn", "restored")


@pytest.mark.postgres
def test_no_id_of_today_is_given_twice(rig: Rig) -> None:
    rig.say(PHONE, "怎么还钱")
    before = max(row.id for row in rig.rows(tables.Message)), max(row.id for row in rig.rows(tables.Inbound))
    run(rig, RAISE)
    assert rig.say(PHONE, "菜单")
    after = max(row.id for row in rig.rows(tables.Message)), max(row.id for row in rig.rows(tables.Inbound))
    assert all(later > earlier + 9_000_000 for earlier, later in zip(before, after, strict=True))
