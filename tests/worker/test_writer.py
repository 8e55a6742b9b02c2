"""Outcomes that are written down together: the same rows as one by one, and one bad row spoils no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from app.gateways.port import Accepted, Cause, Receipt, Refused, Status, Unsettled
from app.handlers.receipt_came import receive_receipt
from app.handlers.text_leaves import drain
from app.handlers.text_settled import Sent, settle_all
from app.store import tables
from app.worker.writer import Writer
from tests.clock import Clock
from tests.handlers.moody import TwoGateways
from tests.rig import sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[TwoGateways]:
    fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres_url")
    made = TwoGateways(fresh() if request.param == "postgres" else sqlite_url(tmp_path), clock)
    yield made
    made.close()


def claimed(rig: TwoGateways, count: int) -> list[Sent]:
    """So many texts that the gateway took, as S1, S2, …; nothing is written down yet."""
    for number in range(count):
        rig.queue(number)
    sent: list[Sent] = []
    drain(rig.service, note=sent.append)
    return [Sent(one.facing, one.row, Accepted(f"S{number}")) for number, one in enumerate(sent, start=1)]


def states(rig: TwoGateways) -> list[tuple[str, str | None, int]]:
    return [(row.state, row.gateway_id, row.status) for row in rig.rows(tables.Message)]


def test_a_batch_is_one_transaction(rig: TwoGateways) -> None:
    batch, commits = claimed(rig, 20), []
    event.listen(rig.service.database.engine, "commit", commits.append)
    settle_all(batch)
    assert len(commits) == 1
    assert states(rig) == [("handed", f"S{number}", Status.QUEUED) for number in range(1, 21)]
    assert {(row.lease_until, row.gateway, row.handed_at) for row in rig.rows(tables.Message)} == {
        (None, "simulator", rig.clock())
    }


def test_each_outcome_is_written_as_it_is(rig: TwoGateways) -> None:
    batch = claimed(rig, 5)
    outcomes = [batch[0].outcome, Refused("21211", Cause.BAD_NUMBER), Unsettled("x"), Refused("429", Cause.BUSY, True)]
    settle_all(
        [Sent(one.facing, one.row, what) for one, what in zip(batch, [*outcomes, batch[4].outcome], strict=True)]
    )
    assert [state for state, _, _ in states(rig)] == ["handed", "failed", "unsettled", "queued", "handed"]


def test_receipts_that_were_faster_stand(rig: TwoGateways) -> None:
    """One proved the send by our id in its path; another came with an id that nobody knew yet."""
    batch = claimed(rig, 3)
    receive_receipt(rig.service, Receipt("S1", Status.DELIVERED, message_id=batch[0].row.id))
    receive_receipt(rig.service, Receipt("S2", Status.DELIVERED))
    settle_all(batch)
    assert states(rig) == [("handed", "S1", 40), ("handed", "S2", 40), ("handed", "S3", 1)]
    assert {row.message_id for row in rig.rows(tables.Receipt)} == {one.row.id for one in batch[:2]}


def test_one_that_cannot_be_written_down_spoils_no_other(rig: TwoGateways) -> None:
    batch = claimed(rig, 4)
    batch[2] = Sent(batch[2].facing, batch[2].row, Accepted("S1"))  # which another text has
    with pytest.raises(DBAPIError):
        settle_all(batch)
    assert [state for state, _, _ in states(rig)] == ["handed", "handed", "sending", "handed"]


def test_who_notes_does_not_wait_and_closing_does(rig: TwoGateways) -> None:
    batch, writer = claimed(rig, 30), Writer()
    for sent in batch:
        writer.note(sent)
    writer.close()
    assert {state for state, _, _ in states(rig)} == {"handed"}
    Writer().close()
