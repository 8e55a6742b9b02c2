"""Overdue (A6), in a humane tone: already paid, will pay on a day, or cannot pay, which leads to a person."""

from app.flows.table import Flow, agent, ask, end, go, hours, lookup

TALK = Flow(
    "overdue",
    ask("talk", "choice", "paid", "promise", "cannot", waits=hours(2)),
    go("said_paid", "paid"),
    go("promising", "promise"),
    agent("hardship", topic="hardship"),
    end("kept", quiet=True),
    moves=[
        # from   when                 to
        ("talk", "paid",              "said_paid"),
        ("talk", "already_paid",      "said_paid"),
        ("talk", "promise",           "promising"),
        ("talk", "promise_to_pay",    "promising"),
        ("talk", "cannot",            "hardship"),
        ("talk", "overdue_negotiate", "hardship"),
        ("talk", "early_repayment",   "hardship"),  # "先还2000行不行": a part is a thing to be agreed on
        ("talk", "give_up",           "hardship"),
        ("talk", "silence",           "kept"),
    ],
)  # fmt: skip

PAID = Flow(
    "paid",
    lookup("flagging", "ticket.flag", topic="already_paid"),
    end("thanks"),
    moves=[
        ("flagging", "done",    "thanks"),
        ("flagging", "failed",  "thanks"),
        ("flagging", "silence", "thanks"),
    ],
)  # fmt: skip

PROMISE = Flow(
    "promise",
    lookup("noting", "promise.note"),
    ask("day", "date", waits=hours(2)),
    ask("sooner", "date", waits=hours(2), tries=1),
    agent("hardship", topic="hardship"),
    end("noted"),
    end("kept", quiet=True),
    moves=[
        # from     when        to
        ("noting", "noted",    "noted"),
        ("noting", "missing",  "day"),
        ("noting", "too_late", "sooner"),
        ("noting", "failed",   "hardship"),
        ("noting", "silence",  "kept"),
        ("day",    "date",     "noting"),
        ("day",    "give_up",  "hardship"),
        ("day",    "silence",  "kept"),
        ("sooner", "date",     "noting"),
        ("sooner", "give_up",  "hardship"),
        ("sooner", "silence",  "kept"),
    ],
)  # fmt: skip
