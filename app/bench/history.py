"""Years of talk in the database, written by the database itself: customers by the million, and what was said to them
and by them, spread over the months of two years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy import Connection, text

from app.bench import databases
from app.bench.side import Tell
from app.store.database import Database
from app.store.months import SPAN, TABLES, after

MONTHS = 24
FIRST = 2_000_000
"""The first customer with a history; those who are made for a load have lower numbers."""
STEP = 7919
"""From one customer to the next: neighbours in time are not neighbours in an index."""
_PHONE = "'+1556' || lpad(({first} + ({offset} + n::bigint) * {step} % {customers})::text, 7, '0')"

CUSTOMERS = """
INSERT INTO customers (customer_id, name, title, language, segment, region, card_last4, loan_product, manager_name,
  manager_phone, email)
SELECT 'C' || n, '王建国', '先生', '', '', '', lpad((n % 10000)::text, 4, '0'), '', '', '', ''
FROM generate_series({first}, {last}) n;
INSERT INTO phone_bindings (phone, customer_id, bound_at, ended_because)
SELECT '+1556' || lpad(n::text, 7, '0'), 'C' || n, now() - interval '2 years', ''
FROM generate_series({first}, {last}) n;
INSERT INTO consents (phone, scope, verdict, source, evidence, at)
SELECT '+1556' || lpad(n::text, 7, '0'), 'commercial', 'granted', 'import', '', now() - interval '2 years'
FROM generate_series({first}, {last}, 10) n
"""
CONVERSATIONS = """
INSERT INTO conversations (phone, language, flow, step, flow_version, memory, owner, version, updated_at)
SELECT '+1556' || lpad(n::text, 7, '0'), 'zh-CN', '', '', 0,
  '{{"slots": {{}}, "beneath": [], "tries": 0, "asked": 0, "guard": ["", 0, null, 0]}}', 'bot', 20, now()
FROM {numbers} n
"""
MESSAGES = """
INSERT INTO {leaf} (id, phone, purpose, lane, template, body, parts, figures, inbound_id, author, state, reason,
  created_at, due_at, expires_at, attempts, gateway, gateway_id, status, conflict, handed_at, status_at)
SELECT {month} * {span} + n, {phone}, CASE WHEN n % 10 = 0 THEN 'commercial' ELSE 'answer' END,
  CASE WHEN n % 10 = 0 THEN 2 ELSE 0 END, 'repayment.path',
  '【示例银行】您想了解哪种还款方式？回复数字：1手机银行 2网银 3柜台 4自动扣款；回复9转人工，回复0返回菜单', 2, false,
  n, 'bot', 'handed', '', at, at, at + interval '1 h', 1, 'twilio', 'SMh' || ({month} * {span} + n), 40, false, at, at
FROM generate_series(1, {count}) n, LATERAL (SELECT {begin} + n * interval '{days} days' / {count}) AS t (at)
"""
INBOUND = """
INSERT INTO inbound (gateway, gateway_id, phone, recipient, body, media, keyword, raw, received_at, state, attempts,
  reason)
SELECT 'twilio', 'SMh' || n, {phone}, '+15550100000', '怎么还钱', 0, '',
  '{{"To": ["+15550100000"], "Body": ["怎么还钱"], "NumMedia": ["0"], "FromCountry": ["CN"]}}',
  now() - interval '2 years' + n * interval '2 years' / {count}, 'taken', 0, ''
FROM generate_series(1, {count}) n
"""
TRACE = """
INSERT INTO trace (phone, inbound_id, event, detail, at)
SELECT {phone}, n, 'heard', '{{"path": ["repayment.path"], "said": ["repayment.path"], "notes": [], "score": 0.9}}',
  now() - interval '2 years' + n * interval '2 years' / {count}
FROM generate_series(1, {count}) n
"""
SECONDARY = """
SELECT indexname AS name, indexdef AS made FROM pg_indexes i WHERE tablename = :table AND schemaname = current_schema()
AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)
"""
STEPS = MONTHS + 4
"""How many lines `fill` tells."""


def fill(url: str, messages: int, customers: int, tell: Tell) -> float:
    """So many messages of ours, half as many texts and traces, for so many customers; the seconds that it took."""
    began, database = perf_counter(), Database(url, threads=1)
    last, each = FIRST + customers - 1, max(1, messages // MONTHS)

    def phone(offset: int = 0) -> str:
        return _PHONE.format(first=FIRST, step=STEP, customers=customers, offset=offset)

    try:
        with database.begin() as connection:
            tell(f"history: {customers:,} customers")
            for statement in CUSTOMERS.format(first=FIRST, last=last).split(";"):
                connection.execute(text(statement))
            connection.execute(text(CONVERSATIONS.format(numbers=f"generate_series({FIRST}, {last})")))
            for table in TABLES:  # it is empty, and stands where the months of the past belong
                connection.execute(text(f"ALTER TABLE {table} DETACH PARTITION {table}_before"))
        this = int(datetime.now(UTC).strftime("%Y%m"))
        for ago in range(MONTHS, 0, -1):
            month = after(this, -ago)
            tell(f"history: {each:,} messages of {month}")
            with database.begin() as connection:
                _month(connection, month, each, phone(ago * each))
        for name, table, statement in (("texts", "inbound", INBOUND), ("traces", "trace", TRACE)):
            tell(f"history: {messages // 2:,} {name}")
            with database.begin() as connection:
                _without_indexes(connection, table, statement.format(count=messages // 2, phone=phone()))
        tell("history: statistics")
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
    finally:
        database.close()
    return perf_counter() - began


def known(count: int, customers: int, skip: int = 0) -> list[int]:
    """So many customers with a history, far apart; `skip` of them were asked for before."""
    return [FIRST + number * STEP % customers for number in range(skip, min(skip + count, customers))]


def introduce(url: str, numbers: Sequence[int]) -> None:
    """Gives a database without a history the same customers, who have texted before too."""
    databases.add_customers(url, numbers)
    database = Database(url, threads=1)
    try:
        with database.begin() as connection:
            connection.execute(
                text(CONVERSATIONS.format(numbers="unnest(CAST(:numbers AS int[]))")), {"numbers": list(numbers)}
            )
    finally:
        database.close()


def _month(connection: Connection, month: int, count: int, phone: str) -> None:
    """Rows first, indexes when it is attached: half the time."""
    first, end = month * SPAN, after(month) * SPAN
    begin = f"timestamptz '{month // 100}-{month % 100:02}-01 00:00+00'"
    for table, unique in TABLES.items():
        leaf = f"{table}_{month}"
        connection.execute(text(f"CREATE TABLE {leaf} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
        if table == "messages":
            made = MESSAGES.format(leaf=leaf, month=month, span=SPAN, count=count, phone=phone, begin=begin, days=28)
            connection.execute(text(made))
        connection.execute(text(unique.format(leaf=leaf)))
        connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES FROM ({first}) TO ({end})"))


def _without_indexes(connection: Connection, table: str, statement: str) -> None:
    indexes = connection.execute(text(SECONDARY), {"table": table}).all()
    for index in indexes:
        connection.execute(text(f"DROP INDEX {index.name}"))
    connection.execute(text(statement))
    for index in indexes:
        connection.execute(text(index.made))
