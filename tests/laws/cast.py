"""The customers of the laws' tests: whose number is whose, and which amounts belong to whom."""

from __future__ import annotations

from decimal import Decimal

from tests.laws.bench import Bench

WANG, LI, TWO_CARDS, NOBODY = "+8613800000001", "+8613800000002", "+8613800000003", "+8613800000004"
PHONES = (WANG, LI, TWO_CARDS, NOBODY)
FIGURES = {
    "50,000.00": "C1",
    "5,360.00": "C1",
    "61,000.00": "C2",
    "7,777.00": "C2",
    "72,000.00": "C3",
    "8,888.00": "C3",
    "83,000.00": "C4",
    "9,999.00": "C4",
}


def invite(bench: Bench) -> Bench:
    """Puts all customers into the bank's tables, and tells the checker whose figures are whose."""
    _customer(bench, WANG, "C1", "8000", "50000", "5360")
    _customer(bench, LI, "C2", "8001", "61000", "7777")
    _customer(bench, TWO_CARDS, "C3", "8002", "72000", "8888")
    _customer(bench, TWO_CARDS, "C4", "8003", "83000", "9999")
    bench.checker.figures.update(FIGURES)
    return bench


def _customer(bench: Bench, phone: str, customer_id: str, last4: str, limit: str, due: str) -> None:
    available, amount = Decimal(limit), Decimal(due)
    bench.customer(
        phone, customer_id, card_last4=last4, credit_limit=available, available_limit=available, amount_due=amount
    )
