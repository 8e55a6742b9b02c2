"""A bank with customers by the million on a day on which many have an occasion, written by the database itself."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from app.bench.side import Tell
from app.store.database import Database

DAY = date(2027, 12, 22)
"""A Wednesday, on which a solar term begins that everybody may be greeted for."""
PROGRAMMES = (
    *("birthday", "settled", "unused_quota", "repayment_reminder", "limit_expiring", "good_payer", "solar_term"),
    *("wake_up", "info_update", "page_seen", "calculator_used", "appointment_missed"),
)
"""Occasions of all kinds: anniversaries, dates before and after, a named day, behaviour."""

CUSTOMERS = """
INSERT INTO customers (customer_id, name, title, language, segment, region, birthday, card_last4, credit_limit,
  available_limit, limit_expires_on, limit_activated_on, loan_product, loan_balance, amount_due, due_on, overdue_days,
  autopay, settled_on, opened_on, last_active_on, info_updated_on, manager_name, manager_phone, email)
SELECT 'C' || lpad(n::text, 8, '0'), '王建国', '先生', CASE WHEN n % 50 = 0 THEN 'en' ELSE '' END,
  (ARRAY['employee', 'owner', 'vip', ''])[1 + h % 4], '上海', DATE '1950-01-01' + (h % 18000)::int,
  lpad((n % 10000)::text, 4, '0'), 50000, CASE WHEN h % 3 = 0 THEN 50000 ELSE 12000 END,
  {day} + (h % 720)::int - 30, {day} - (h % 1000)::int, (ARRAY['consumer', 'business', 'mortgage', 'car'])[1 + h % 4],
  30000, CASE WHEN h % 5 < 3 THEN 5360 END, {day} + (h % 31)::int - 2, CASE WHEN h % 20 = 0 THEN 9 ELSE 0 END,
  h % 2 = 0, CASE WHEN h % 10 = 0 THEN {day} - (h % 400)::int END, {day} - (h % 3000)::int, {day} - (h % 400)::int,
  {day} - (h % 720)::int, '李雷', '', ''
FROM generate_series(1, {customers}) n, LATERAL (SELECT n::bigint * 7919 % 1000003 / 3 AS h) AS t;

INSERT INTO phone_bindings (phone, customer_id, bound_at, ended_because)
SELECT '+86138' || lpad((CASE WHEN n % 100 = 1 THEN n - 1 ELSE n END)::text, 8, '0'), 'C' || lpad(n::text, 8, '0'),
  {day} - 400, '' FROM generate_series(1, {customers}) n WHERE n % 50 <> 2;
INSERT INTO phone_bindings (phone, customer_id, bound_at, ended_because)
SELECT '+86139' || lpad(n::text, 8, '0'), 'C' || lpad(n::text, 8, '0'), {day} - 200, ''
FROM generate_series(1, {customers}, 50) n;

INSERT INTO consents (phone, scope, verdict, source, evidence, at)
SELECT phone, 'commercial', CASE WHEN id % 8 = 0 THEN 'refused' ELSE 'granted' END, 'import', '', bound_at
FROM phone_bindings WHERE id % 5 <> 0;

INSERT INTO customer_events (event_key, customer_id, kind, at, detail, received_at, source)
SELECT 'bench:' || n || ':' || k, 'C' || lpad(n::text, 8, '0'),
  (ARRAY['page_viewed', 'calculator_used'])[1 + n / 20 % 2], {day} - k * interval '20 hours', '{{}}', {day}, 'bench'
FROM generate_series(1, {customers}, 20) n, generate_series(1, 4) k;

INSERT INTO occasions (programme, customer_id, phone, occasion, template, variant, language, purpose, kind, segment,
  priority, zone, state, reason, given, menu, due_at, closes_at, planned_at, queued_at)
SELECT 'returning', customer_id, phone, 'earlier:' || id, 'returning', '', 'zh-CN', 'commercial', 'care', '', 50,
  'Asia/Shanghai', 'queued', '', '{{}}', '{{}}', at, at + interval '2 h', at, at
FROM phone_bindings, LATERAL (SELECT {day} - interval '19 days' AS at) AS t WHERE id % 3 = 0
"""
STEPS = 6 + 1
"""How many lines `fill` tells."""


def fill(url: str, customers: int, tell: Tell) -> None:
    """Customers with what programmes ask about: most with one number and consent, some with two numbers, a shared one
    or none, some who refused; events of one in twenty; a text of this month for one in three."""
    database = Database(url, threads=1)
    day = f"timestamp '{DAY}'::date"
    try:
        for statement in CUSTOMERS.format(customers=customers, day=day).split(";"):
            tell(f"{customers:,} customers: {statement.split()[2]}")
            with database.begin() as connection:
                connection.execute(text(statement))
        tell(f"{customers:,} customers: statistics")
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
    finally:
        database.close()
