"""The same four customers as a bank's service holds them and as our tables do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

TODAY = date(2026, 6, 10)

AT_THE_BANK = {
    "C-whole": {
        "card": "8000", "limit": "80000.00", "available": "50000.00", "limit_ends": "2027-03-31",
        "owes": "5360.00", "due": "2026-06-25", "autopay": "yes", "balance": "42000.00",
    },
    "C-late": {
        "card": "0042", "limit": "20000.00", "available": "0.00", "limit_ends": "2026-06-09",
        "owes": "1280.50", "due": "2026-06-03", "autopay": "no",
    },
    "C-today": {
        "card": "7315", "limit": "10000.00", "available": "0.00", "limit_ends": "2026-06-10",
        "owes": "99.99", "due": "2026-06-10", "autopay": "no",
    },
    "C-nothing": {"card": "6620"},
}  # fmt: skip

IN_OUR_TABLES: dict[str, dict[str, object]] = {
    "C-whole": {
        "card_last4": "8000", "credit_limit": Decimal("80000"), "available_limit": Decimal("50000"),
        "limit_expires_on": date(2027, 3, 31), "amount_due": Decimal("5360"), "due_on": date(2026, 6, 25),
        "overdue_days": 0, "autopay": True, "loan_balance": Decimal("42000.00"), "settled_on": None,
    },
    "C-late": {
        "card_last4": "0042", "credit_limit": Decimal("20000"), "available_limit": Decimal("0"),
        "limit_expires_on": date(2026, 6, 9), "amount_due": Decimal("1280.50"), "due_on": date(2026, 6, 3),
        "overdue_days": 7, "autopay": False, "loan_balance": None, "settled_on": None,
    },
    "C-today": {  # as it stands in the file
        "card_last4": "7315", "credit_limit": "10000", "available_limit": "0", "limit_expires_on": "2026-06-10",
        "amount_due": "99.99", "due_on": "2026-06-10", "overdue_days": "", "autopay": "no", "loan_balance": "",
        "settled_on": "",
    },
    "C-nothing": {
        "card_last4": "6620", "credit_limit": None, "available_limit": None, "limit_expires_on": None,
        "amount_due": None, "due_on": None, "overdue_days": None, "autopay": None, "loan_balance": None,
        "settled_on": date(2026, 1, 5),
    },
}  # fmt: skip
