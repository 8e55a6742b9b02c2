"""A bank's side of docs/connect-your-bank.md, small enough to read: customers in memory, one URL.

.venv/bin/python examples/bank.py
"""

import os
from datetime import date

from flask import Flask, request

CUSTOMERS = {
    "C1001": {
        "card": "8000", "limit": "80000.00", "available": "50000.00", "limit_ends": "2030-03-31",
        "owes": "5360.00", "due": "2030-08-25", "autopay": "no", "balance": "42000.00",
    },
    "C1002": {"card": "0042", "limit": "20000.00", "available": "0.00", "limit_ends": "2026-01-31"},
    "C1003": {"card": "7315", "owes": "1280.50", "due": "2026-11-01", "autopay": "yes"},
    "C1004": {"card": "6620"},
}  # fmt: skip


def create_bank(customers=CUSTOMERS, token="local-token", today=date.today):
    bank = Flask("bank")

    def error(status, code, message):
        return {"error": {"code": code, "message": message}}, status

    @bank.post("/v1/questions")
    def questions():
        if request.headers.get("Authorization") != f"Bearer {token}":
            return error(401, "unauthorized", "The bearer token is missing or wrong.")
        asked = request.get_json(silent=True)
        if not isinstance(asked, dict) or asked.get("topic") not in ANSWERS:
            return error(400, "unknown_topic", "Send JSON with the topic quota or repayment.")
        customer = customers.get(asked.get("customer_id"))
        if customer is None:
            return error(404, "unknown_customer", "There is no such customer.")
        if asked.get("last4") not in {None, customer["card"]}:
            return {"outcome": "other_card", "facts": {}}
        outcome, facts = ANSWERS[asked["topic"]](customer, today())
        return {"outcome": outcome, "facts": facts}

    return bank


def quota(customer, today):
    if "limit" not in customer:
        return "none", {}
    if date.fromisoformat(customer["limit_ends"]) < today:
        return "expired", {"limit": customer["limit"], "expires_on": customer["limit_ends"]}
    return "found", {
        "available": customer["available"], "limit": customer["limit"], "expires_on": customer["limit_ends"],
    }  # fmt: skip


def repayment(customer, today):
    if "owes" not in customer:
        return "nothing", {}
    late = (today - date.fromisoformat(customer["due"])).days
    facts = {"amount": customer["owes"], "autopay": customer["autopay"]}
    if late > 0:
        return "overdue", {**facts, "days": str(late)}
    return "due", {**facts, "due_on": customer["due"], "balance": customer.get("balance")}


ANSWERS = {"quota": quota, "repayment": repayment}

if __name__ == "__main__":
    create_bank(token=os.environ.get("BANK_TOKEN", "local-token")).run(port=9000)
