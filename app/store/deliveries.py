"""What became of a claimed message: handed over, failed, unsettled; and the receipts that say so later (laws 7, 8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, case, func, null, or_, select, update

from app.store import tables
from app.store.insert import InsertNew
from app.store.statement import Statement

ROW, RECEIPT = tables.Message, tables.Receipt
FINAL = 40  # statuses from here on are final; equals among them never replace each other
NEVER_KNOWN = "never_known"
"""Reason of a failed message of which several look-ups found no trace. A callback can still prove that it was sent."""
WITH_THE_GATEWAY: ColumnElement[bool] = or_(
    ROW.state == "sending", ROW.state == "unsettled", and_(ROW.state == "failed", ROW.reason == NEVER_KNOWN)
)
"""The request left, or may have left, and nobody knows the gateway's id yet."""
LEASE_ENDED = "lease_ended"
"""Reason of a send whose lease seemed to have ended, once: the first look-up found nothing."""
SEEMS_OVER: ColumnElement[bool] = and_(ROW.state == "sending", ROW.reason != LEASE_ENDED)
RANK: ColumnElement[int] = case((ROW.status >= FINAL, ROW.status // 10), else_=ROW.status)
ADD_RECEIPT = InsertNew(
    RECEIPT,
    "gateway",
    "gateway_id",
    "message_id",
    "status",
    "error_code",
    "raw",
    "received_at",
    returning="id",
)

NOW = bindparam("now", type_=ROW.handed_at.type)
RAISED: ColumnElement[bool] = bindparam("rank", type_=Integer()) > RANK
TAKEN = Statement(
    update(ROW)
    .where(ROW.id == bindparam("message"), WITH_THE_GATEWAY)
    .where(or_(ROW.gateway_id.is_(None), ROW.gateway_id == bindparam("its_id")))
    .values(
        state="handed",
        gateway=bindparam("its_gateway"),
        gateway_id=bindparam("its_id"),
        handed_at=NOW,
        lease_until=None,
        reason="",
        status=case((RAISED, bindparam("its_status", type_=Integer())), else_=ROW.status),
        error_code=case((RAISED, null()), else_=ROW.error_code),
        status_at=case((RAISED, NOW), else_=ROW.status_at),
    )
)


def rank(status: int) -> int:
    """As `gateways.port.Status.rank`: numbers are what both sides of the wall share."""
    return status // 10 if status >= FINAL else status


def hand_over(connection: Connection, message_id: int, gateway: str, gateway_id: str, at: datetime) -> None:
    """The gateway has it, since `at`. A callback may have said so before: then nothing is overwritten."""
    connection.execute(
        update(ROW)
        .where(ROW.id == message_id, or_(ROW.gateway_id.is_(None), ROW.gateway_id == gateway_id), WITH_THE_GATEWAY)
        .values(state="handed", gateway=gateway, gateway_id=gateway_id, handed_at=at, lease_until=None, reason="")
    )


def taken(connection: Connection, message_id: int, gateway: str, gateway_id: str, status: int, now: datetime) -> bool:
    """`hand_over` and `raise_status` in one statement, for the thousands of which nothing else is known. False when it
    changed nothing: somebody else has said so already."""
    told = {"its_gateway": gateway, "its_id": gateway_id, "its_status": status, "rank": rank(status), "now": now}
    return TAKEN.run(connection, {"message": message_id, **told}) == 1


def stop(connection: Connection, message_id: int, state: str, reason: str, code: str | None = None) -> None:
    """It did not leave and will not: `failed`, with a reason and the gateway's code."""
    connection.execute(
        update(ROW)
        .where(ROW.id == message_id, ROW.state.in_(("sending", "unsettled")))
        .values(state=state, reason=reason, error_code=code, lease_until=None)
    )


def try_later(connection: Connection, message_id: int, due_at: datetime, reason: str) -> None:
    """The gateway surely did not send it: back into the queue, for whichever gateway is there then."""
    connection.execute(
        update(ROW)
        .where(ROW.id == message_id, ROW.state == "sending")
        .values(state="queued", due_at=due_at, reason=reason, gateway=None, lease_until=None)
    )


def put_back(connection: Connection, message_id: int) -> None:
    """It was claimed and nobody has begun to send it: back to its place in the queue, as if it had not been."""
    connection.execute(
        update(ROW)
        .where(ROW.id == message_id, ROW.state == "sending")
        .values(state="queued", reason="", gateway=None, attempts=ROW.attempts - 1, lease_until=None)
    )


def leave_open(connection: Connection, message_id: int, look_at: datetime, reason: str) -> None:
    """Nobody knows whether it left: a callback or a look-up from `look_at` on must tell."""
    connection.execute(
        update(ROW)
        .where(ROW.id == message_id, ROW.state.in_(("sending", "unsettled")))
        .values(state="unsettled", lease_until=look_at, reason=reason)
    )


def claim_open(connection: Connection, now: datetime, lease: datetime, most: int) -> Sequence[Any]:
    """Unsettled messages whose look-up is due, and sends whose process died: each counted as one more look.

    Of a send whose lease seems to have ended it is only believed that its process died when the next look is due: one
    clock of the two may be wrong, and the request under way. Until then it holds up the next text of its number.
    """
    due = (
        select(ROW.id)
        .where(ROW.state.in_(("sending", "unsettled")), ROW.lease_until <= now)
        .order_by(ROW.lease_until)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(due).scalars())
    if not ids:
        return []
    return connection.execute(
        update(ROW)
        .where(ROW.id.in_(ids))
        .values(
            state=case((SEEMS_OVER, "sending"), else_="unsettled"),
            reason=case((SEEMS_OVER, LEASE_ENDED), else_=ROW.reason),
            lease_until=lease,
            attempts=ROW.attempts + 1,
        )
        .returning(
            ROW.id,
            ROW.phone,
            ROW.purpose,
            ROW.body,
            ROW.code_id,
            ROW.figures,
            ROW.gateway,
            ROW.attempts,
            ROW.created_at,
            ROW.expires_at,
        )
    ).all()


def owned_ids(connection: Connection, phone: str, since: datetime) -> frozenset[str]:
    """Gateway ids that messages of this number own already: a look-up must not adopt them again. By when they were
    handed over: a text can leave long after it was queued."""
    left = func.coalesce(ROW.handed_at, ROW.created_at) >= bindparam("since", since, ROW.created_at.type)
    found = connection.execute(select(ROW.gateway_id).where(ROW.phone == phone, left, ROW.gateway_id.is_not(None)))
    return frozenset(gateway_id for gateway_id in found.scalars() if gateway_id)


def alike(connection: Connection, message_id: int, phone: str, body: str) -> Sequence[Any]:
    """`id`, `state` and `attempts` of other texts with the same words to the same number that the gateway may have."""
    return connection.execute(
        select(ROW.id, ROW.state, ROW.attempts).where(
            ROW.phone == phone, ROW.body == body, ROW.id != message_id, ROW.state.in_(("sending", "unsettled"))
        )
    ).all()


def add_receipt(
    connection: Connection,
    gateway: str,
    gateway_id: str,
    message_id: int | None,
    status: int,
    error_code: str,
    raw: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Keeps a callback. False when the same one was kept before."""
    made = ADD_RECEIPT(
        connection,
        gateway=gateway,
        gateway_id=gateway_id,
        message_id=message_id,
        status=status,
        error_code=error_code,
        raw=dict(raw),
        received_at=now,
    )
    return made is not None


def whose(connection: Connection, gateway: str, gateway_id: str, message_id: int | None) -> Any:
    """The message that a receipt is about, locked: by the gateway's id, else by ours from the URL.

    Ours counts only for a message that may have left by that gateway without an answer. One that is still queued, or
    has another gateway or id, shares its number by chance: the callback is of an earlier database, or came to a wrong
    URL.
    """
    columns = (ROW.id, ROW.phone, ROW.purpose, ROW.status, ROW.gateway_id, ROW.state)
    by_gateway = select(*columns).where(ROW.gateway == gateway, ROW.gateway_id == gateway_id).order_by(ROW.id.desc())
    if message_id is not None:
        # Our id leads to one month; the gateway's is looked for in all of them.
        row = connection.execute(by_gateway.where(ROW.id == message_id).with_for_update()).first()
        if row is not None:
            return row
    row = connection.execute(by_gateway.with_for_update()).first()
    if row is not None or message_id is None:
        return row
    asked = or_(ROW.gateway.is_(None), ROW.gateway == gateway)
    by_ours = select(*columns).where(ROW.id == message_id, ROW.gateway_id.is_(None), asked, WITH_THE_GATEWAY)
    row = connection.execute(by_ours.with_for_update()).first()
    # Whoever handed it over may have been at it: while we waited for the row it got this very id, and is no longer
    # without one. Asked again, it is found, or the receipt would wait for an owner for ever.
    return row if row is not None else connection.execute(by_gateway.with_for_update()).first()


def give_to_twin(connection: Connection, row: Any, message_id: int, gateway: str, now: datetime) -> Any:
    """The message that a callback names, locked, when it says the same to the same number as `row`, which has the
    gateway's id, and nobody knows of it: a look-up goes by words and took one for the other. `row` gives the id back
    and is looked up once more. None when they are no such pair."""
    body = select(ROW.body).where(ROW.id == row.id).scalar_subquery()
    twin = connection.execute(
        select(ROW.id, ROW.phone, ROW.purpose, ROW.status, ROW.gateway_id, ROW.state)
        .where(ROW.id == message_id, ROW.phone == row.phone, ROW.body == body)
        .where(ROW.gateway_id.is_(None), ROW.gateway == gateway, WITH_THE_GATEWAY)
        .with_for_update()
    ).first()
    if twin is not None:
        connection.execute(
            update(ROW)
            .where(ROW.id == row.id)
            .values(state="unsettled", reason="", gateway_id=None, handed_at=None, lease_until=now)
        )
    return twin


def raise_status(connection: Connection, message_id: int, status: int, error_code: str | None, now: datetime) -> bool:
    """Sets a delivery status of a higher rank. False when the one that stands is as high or higher (law 8)."""
    changed = connection.execute(
        update(ROW)
        .where(ROW.id == message_id, RANK < rank(status))
        .values(status=status, error_code=error_code, status_at=now)
    )
    if changed.rowcount:
        return True
    connection.execute(
        update(ROW)
        .where(ROW.id == message_id, ROW.status >= FINAL, ROW.status != status, RANK == rank(status))
        .values(conflict=True)
    )
    return False


def orphans(connection: Connection, gateway: str, gateway_id: str) -> Sequence[Any]:
    """Receipts that came before anybody knew whose they were."""
    return connection.execute(
        select(RECEIPT.id, RECEIPT.status, RECEIPT.error_code)
        .where(RECEIPT.gateway == gateway, RECEIPT.gateway_id == gateway_id, RECEIPT.message_id.is_(None))
        .order_by(RECEIPT.id)
    ).all()


def with_orphans(connection: Connection, gateway_ids: Collection[str]) -> frozenset[str]:
    """Those of these ids of which receipts came before anybody knew whose they were."""
    found = select(RECEIPT.gateway_id).where(RECEIPT.gateway_id.in_(gateway_ids), RECEIPT.message_id.is_(None))
    return frozenset(connection.execute(found).scalars())


def adopt(connection: Connection, receipt_id: int, message_id: int) -> None:
    connection.execute(update(RECEIPT).where(RECEIPT.id == receipt_id).values(message_id=message_id))
