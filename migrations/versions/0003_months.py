"""messages and receipts by month on PostgreSQL; SQLite keeps its plain tables

Revises 0002. Written 2026-11-22.

It runs while the program of 0002 works on the same tables. Nothing is copied: the table that is there becomes the
first partition as it is. Each table is changed in a transaction of its own that holds it for some catalogue rows
only, and what was done before an interruption is found and not done again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SPAN = 10_000_000_000
AHEAD = 3

# A row's id begins with the month in which it was made, by the database's own clock, so that the key alone tells the
# partition. Bounded by the first month that may still be written to and the last that has a partition: a row always
# finds its place. `app/store/months.py` writes it anew when months are added.
MONTH = """
CREATE OR REPLACE FUNCTION huifu_month() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT least(greatest(to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM')::bigint, {first}), {last}) $$
"""

# The first id of the last two months or so: what a statement of the hot path looks at.
RECENT = """
CREATE OR REPLACE FUNCTION huifu_recent() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT least(to_char(now() - interval '62 days', 'YYYYMM')::bigint, {last}) * 10000000000 $$
"""

# No unique index can span partitions without their key. Each partition has its own; these triggers look into the
# other months, for the program of 0002 as well. A gateway's id counts for two months: some begin anew after a year.
ONE_OWNER = """
CREATE OR REPLACE FUNCTION huifu_one_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.gateway || ' ' || NEW.gateway_id, 7210003));
  IF EXISTS (SELECT FROM messages WHERE gateway = NEW.gateway AND gateway_id = NEW.gateway_id AND id <> NEW.id
             AND id >= huifu_recent()) THEN
    RAISE unique_violation USING MESSAGE = 'another message has this gateway id', CONSTRAINT = 'uq_messages_gateway_id';
  END IF;
  RETURN NEW;
END $$
"""
KEPT_ONCE = """
CREATE OR REPLACE FUNCTION huifu_kept_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  own bigint := NEW.id / 10000000000 * 10000000000;
  earliest bigint := coalesce(NEW.message_id / 10000000000 * 10000000000, 0);
BEGIN
  IF earliest >= own THEN
    RETURN NEW;  -- a receipt is never older than its message: the unique index of this month sees them all
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.gateway || ' ' || NEW.gateway_id, 7210004));
  IF EXISTS (SELECT FROM receipts WHERE gateway = NEW.gateway AND gateway_id = NEW.gateway_id
             AND status = NEW.status AND error_code = NEW.error_code AND id >= earliest AND id < own) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END $$
"""

# Whoever may use the old table may use the new one: rights on partitions are not asked for.
RIGHTS = """
DO $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT a.* FROM pg_class c, aclexplode(c.relacl) a
           WHERE c.oid = to_regclass('{old}') AND a.grantee <> c.relowner LOOP
    EXECUTE 'GRANT ' || r.privilege_type || ' ON {new} TO '
      || CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END
      || CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
  END LOOP;
END $$
"""

# What each table has beside its primary key: a check, indexes of all partitions, and a trigger.
TABLES = {
    "messages": (
        "ck_messages_state CHECK (state IN ('queued', 'sending', 'handed', 'unsettled', 'failed', 'withheld',"
        " 'withdrawn'))",
        {
            "ix_messages_phone_id": "(phone, id)",
            "ix_messages_commercial": "(phone, id) WHERE purpose = 'commercial'",
            "ix_messages_outbox": "(lane, due_at, id) WHERE state = 'queued'",
            "ix_messages_open": "(phone, lane, id) WHERE state IN ('queued', 'sending')",
            "ix_messages_unsettled": "(lease_until) WHERE state IN ('sending', 'unsettled')",
        },
        "BEFORE UPDATE OF gateway_id ON messages FOR EACH ROW WHEN (NEW.gateway_id IS DISTINCT FROM OLD.gateway_id"
        " AND NEW.gateway_id IS NOT NULL) EXECUTE FUNCTION huifu_one_owner()",
    ),
    "receipts": (
        None,
        {"ix_receipts_message_id": "(message_id)"},
        "BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION huifu_kept_once()",
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    months = _months(int(_one("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM')")))
    context = op.get_context()
    with context.autocommit_block():
        op.execute(MONTH.format(first=months[0], last=months[-1]))
        op.execute(RECENT.format(last=months[-1]))
        op.execute(ONE_OWNER)
        op.execute(KEPT_ONCE)
    for table in TABLES:
        with context.autocommit_block():  # statements that each commit by themselves
            if _is_plain(table):
                _prepare(table, months)
        if _is_plain(table):  # one transaction: the next block commits it
            _divide(table, months)


def _prepare(table: str, months: list[int]) -> None:
    """All that takes time: the partitions of the coming months, and the proof that the old rows belong before them."""
    for month in months:
        leaf = f"{table}_{month}"
        if not _one("SELECT to_regclass(:name) IS NOT NULL", name=leaf):
            op.execute(f"CREATE TABLE {leaf} (LIKE {table} INCLUDING INDEXES)")
    proof = f"ck_{table}_before_{months[0]}"
    known = "SELECT convalidated FROM pg_constraint WHERE conrelid = to_regclass(:name) AND conname = :proof"
    if _one(known, name=table, proof=proof) is None:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {proof} CHECK (id < {months[0] * SPAN}) NOT VALID")
    if not _one(known, name=table, proof=proof):
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {proof}")


def _divide(table: str, months: list[int]) -> None:
    check, indexes, trigger = TABLES[table]
    before = f"{table}_before"
    owner = _one("SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass(:name)", name=table)
    op.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    op.execute(f"ALTER TABLE {table} RENAME TO {before}")
    for name in _all(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = to_regclass(:name)", name=before
    ):
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(table, before, 1)}")
    op.execute(f"CREATE TABLE {table} (LIKE {before}) PARTITION BY RANGE (id)")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id)")
    if check:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check}")
    for name, what in indexes.items():
        op.execute(f"CREATE INDEX {name} ON {table} {what}")
    op.execute(f"ALTER TABLE {table} OWNER TO {owner}")
    op.execute(RIGHTS.format(old=before, new=table))
    op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
    op.execute(f"ALTER TABLE {table} ALTER id SET DEFAULT huifu_month() * {SPAN} + nextval('{table}_id_seq')")
    op.execute(f"ALTER TABLE {before} ALTER id DROP DEFAULT")
    op.execute(f"ALTER TABLE {table} ATTACH PARTITION {before} FOR VALUES FROM (MINVALUE) TO ({months[0] * SPAN})")
    for month, after in zip(months, [*months[1:], _next(months[-1])], strict=True):
        leaf = f"{table}_{month}"
        op.execute(f"ALTER TABLE {leaf} OWNER TO {owner}")
        if check:
            op.execute(f"ALTER TABLE {leaf} ADD CONSTRAINT {check}")
        op.execute(f"ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES FROM ({month * SPAN}) TO ({after * SPAN})")
    proofs = "SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(:name) AND conname LIKE :like"
    for name in _all(proofs, name=before, like=f"ck_{table}_before_%"):
        op.execute(f"ALTER TABLE {before} DROP CONSTRAINT {name}")
    op.execute(f"CREATE TRIGGER tr_{table} {trigger}")


def _is_plain(table: str) -> bool:
    return bool(_one("SELECT relkind = 'r' FROM pg_class WHERE oid = to_regclass(:name)", name=table))


def _months(first: int) -> list[int]:
    found = [first]
    while len(found) <= AHEAD:
        found.append(_next(found[-1]))
    return found


def _next(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def _one(query: str, **values: Any) -> Any:
    return op.get_bind().scalar(sa.text(query), values)


def _all(query: str, **values: Any) -> list[str]:
    return list(op.get_bind().scalars(sa.text(query), values))
