"""Every question that a flow may ask, with the outcomes it can have. `failed` is always possible beside these.

`bank.*` goes to the bank, with no transaction open; all others are answered by the desk (`handlers/desk/`) inside the
turn's own transaction. A flow must have a move for every outcome (`huifu flows check`).
"""

QUESTIONS: dict[str, frozenset[str]] = {
    "bank.quota": frozenset({"found", "expired", "none", "other_card"}),
    "bank.repayment": frozenset({"due", "overdue", "nothing", "other_card"}),
    "customer.identify": frozenset({"one", "several", "nobody", "other_card"}),
    "code.issue": frozenset({"sent", "locked", "limited"}),
    "code.check": frozenset({"right", "wrong", "expired", "locked"}),
    "consent.refuse": frozenset({"done"}),
    "number.disown": frozenset({"done"}),
    "ticket.open": frozenset({"queued", "closed"}),
    "ticket.flag": frozenset({"done"}),
    "callback.slots": frozenset({"offered", "nearest", "exact", "booked", "past", "none"}),
    "callback.book": frozenset({"booked", "moved", "taken"}),
    "callback.cancel": frozenset({"done", "none"}),
    "promise.note": frozenset({"noted", "missing", "too_late"}),
    "survey.keep": frozenset({"kept", "late"}),
    "guide.mail": frozenset({"sent", "again", "nowhere", "which", "unable"}),
}

FACTS: dict[str, dict[str, str]] = {
    "bank.quota": {"found": "available limit expires_on?", "expired": "limit expires_on"},
    "bank.repayment": {"due": "amount due_on autopay balance?", "overdue": "amount days autopay"},
    "code.issue": {"locked": "minutes?"},
    "code.check": {"wrong": "left", "locked": "minutes?"},
    "ticket.open": {"queued": "ahead wait", "closed": "opens"},
    "callback.slots": {
        "offered": "slot1 slot2?",
        "nearest": "slot1 slot2?",
        "exact": "slot1",
        "booked": "start",
    },
    "callback.book": {"booked": "start tail", "moved": "start tail"},
    "promise.note": {"noted": "day"},
    "guide.mail": {"sent": "address", "again": "address"},
}
"""What an outcome tells, by question: names of slots, with `?` behind those that may be missing.

Money is decimal yuan, dates and times are ISO; `slot1`, `slot2` and `start` are windows, `start/end`; `opens` is a
moment; `ahead`, `wait` and `minutes` are whole numbers; `tail` are the last four digits of the number to be called;
`address` is an e-mail address of which next to nothing can be read (`w***@...cn`).
"""
