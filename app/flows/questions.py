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
}
