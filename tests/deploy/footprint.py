"""What a turn leaves behind on PostgreSQL: rows, bytes on disk and bytes of WAL. `python -m tests.deploy.footprint`.

Customers say the script of `huifu bench`, their answers leave through a gateway that takes everything at once, and two
receipts come for each. Nothing is timed, so it may run on a busy machine. The figures of docs/scale.md are from here.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from app.bench import script
from app.bench.databases import add_customers, postgres, postgres_server
from app.config import load_settings
from app.gateways.port import Accepted, OutboundText, Status, WebhookRequest
from app.gateways.twilio import TwilioGateway
from app.handlers.receipt_came import receive_receipt
from app.handlers.service import Service
from app.handlers.text_arrived import receive, take_waiting
from app.handlers.text_leaves import drain
from app.logs import set_up_logs
from app.store.database import Database
from app.wiring import build_service

Sizes = dict[str, tuple[int, int, int]]
"""(rows, bytes of rows with what is stored beside them, bytes of indexes) by table."""
TABLES = ("conversations", "inbound", "messages", "receipts", "trace", "one_time_codes", "console_events")


class TakesAll(TwilioGateway):
    """Twilio's own reading, and a send that is accepted without a network."""

    numbers = itertools.count()

    def send(self, text: OutboundText) -> Accepted:
        return Accepted(f"SM{next(self.numbers):032x}", Status.QUEUED)


def settings(url: str) -> Any:
    return load_settings(
        {
            "database_url": url,
            "gateway": "twilio",
            "twilio_account_sid": script.ACCOUNT,
            "twilio_auth_token": script.TOKEN,
            "twilio_from": script.OUR_NUMBER,
            "public_url": script.PUBLIC_URL,
            "secret_key": "footprint",
        }
    )


def call(form: dict[str, str]) -> WebhookRequest:
    return WebhookRequest("POST", script.PUBLIC_URL, {}, {name: [value] for name, value in form.items()}, b"")


def hear(service: Service, customers: range) -> int:
    said = 0
    for customer, line in script.texts(customers, 20):
        outcome = receive(service, service.gateway.read_inbound(call(script.form(customer, line))))
        while outcome == "later" and not take_waiting(service, script.phone(customer)):
            pass  # the machine was too slow for a webhook: the worker would take the turn
        said += 1
    return said


def send(service: Service) -> int:
    return sum(iter(lambda: drain(service), 0))


def report(service: Service) -> int:
    """`sent` and `delivered` of every text that has no receipt yet, as Twilio posts them."""
    with service.database.begin() as connection:
        query = "SELECT id, phone, gateway_id FROM messages WHERE gateway_id IS NOT NULL AND status < 20"
        rows = connection.execute(text(query)).all()
    for row, status in itertools.product(rows, ("sent", "delivered")):
        sid, given = row.gateway_id, {"MessageStatus": status, "SmsStatus": status, "From": script.OUR_NUMBER}
        form = {**given, "MessageSid": sid, "SmsSid": sid, "To": row.phone, "AccountSid": script.ACCOUNT}
        form |= {"ApiVersion": "2010-04-01", "RawDlrDoneDate": "2611222310"}
        receive_receipt(service, service.gateway.read_receipt(call(form), row.id))
    return 2 * len(rows)


def sizes(connection: Connection) -> Sizes:
    """Of every table, its partitions added up."""
    found = {}
    for table in TABLES:
        query = text(
            "SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) FROM"
            " (SELECT relid FROM pg_partition_tree(:t) UNION SELECT CAST(:t AS regclass)) AS parts"
        )
        heap, index = connection.execute(query, {"t": table}).one()
        rows = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        found[table] = (int(rows), int(heap), int(index))
    return found


def settled(database: Database) -> Sizes:
    """Sizes without the dead rows of updates: the room that stays in use."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM FULL")
        return sizes(connection)


def written(database: Database, act: Callable[[], int]) -> tuple[int, int]:
    """How many `act` did, and the bytes of WAL."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar_one()
        done = act()
        query = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), CAST(:before AS pg_lsn))")
        return done, int(connection.execute(query, {"before": before}).scalar_one())


def main(customers: int = 1000) -> None:
    warm = 50
    set_up_logs("ERROR")
    gateway = TakesAll(account_sid=script.ACCOUNT, auth_token=script.TOKEN, sender=script.OUR_NUMBER)
    with postgres_server(None) as server, postgres(server) as url:
        add_customers(url, range(warm + customers))
        service = build_service(settings(url), gateway=gateway)
        for act in (lambda: hear(service, range(warm)), lambda: send(service), lambda: report(service)):
            act()
        before = settled(service.database)
        steps = {
            "turn": written(service.database, lambda: hear(service, range(warm, warm + customers))),
            "send": written(service.database, lambda: send(service)),
            "receipt": written(service.database, lambda: report(service)),
        }
        with service.database.begin() as connection:
            lived = sizes(connection)
        show(customers, before, lived, settled(service.database), steps)
        service.database.close()


def show(customers: int, before: Sizes, lived: Sizes, after: Sizes, steps: dict[str, tuple[int, int]]) -> None:
    turns = steps["turn"][0]
    print(f"{customers} customers, {turns} turns; bytes")
    print(f"{'table':16}{'rows':>7}{'a row':>8}{'index':>8}{'as lived':>10}{'a turn':>8}")
    total = 0
    for table, (rows, heap, index) in after.items():
        new = rows - before[table][0]
        if not new:
            continue
        grown, keyed = heap - before[table][1], index - before[table][2]
        kept = sum(lived[table][1:]) - sum(before[table][1:])
        total += grown + keyed
        print(f"{table:16}{new:7}{grown / new:8.0f}{keyed / new:8.0f}{kept / new:10.0f}{(grown + keyed) / turns:8.0f}")
    print(f"{'together':16}{'':33}{total / turns:8.0f}")
    for step, (done, wal) in steps.items():
        print(f"WAL of a {step}: {wal / done:.0f}; {done / turns:.2f} of them a turn")
    print(f"WAL of a turn, its send and its receipts: {sum(wal for _, wal in steps.values()) / turns:.0f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
