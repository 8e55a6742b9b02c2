"""What is owed and when (A6): amount and date after a code; overdue goes over to the humane talk."""

from app.flows.table import Flow, agent, ask, end, go, lookup, minutes

FLOW = Flow(
    "owed",
    lookup("asking", "bank.repayment", proof=True, waits=minutes(0.5)),
    ask("told", "choice", "how", "human", lightly=True, figures=True, waits=minutes(10)),
    ask("late", "choice", "paid", "promise", "cannot", lightly=True, figures=True, waits=minutes(30)),
    go("paying", "repayment"),
    go("said_paid", "paid"),
    go("promising", "promise"),
    agent("handover", topic="repayment"),
    agent("hardship", topic="hardship"),
    end("nothing"),
    end("other_card"),
    end("down"),
    end("kept", quiet=True),
    moves=[
        # from     when              to
        ("asking", "due",            "told"),
        ("asking", "overdue",        "late"),
        ("asking", "nothing",        "nothing"),
        ("asking", "other_card",     "other_card"),
        ("asking", "unproven",       "kept"),
        ("asking", "failed",         "down"),
        ("asking", "silence",        "down"),
        ("told",   "how",            "paying"),
        ("told",   "human",          "handover"),
        ("told",   "silence",        "kept"),
        ("late",   "paid",           "said_paid"),
        ("late",   "already_paid",   "said_paid"),
        ("late",   "promise",        "promising"),
        ("late",   "promise_to_pay", "promising"),
        ("late",   "cannot",         "hardship"),
        ("late",   "silence",        "kept"),
    ],
)  # fmt: skip
