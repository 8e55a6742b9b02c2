"""A person (A9, the customer's side): the queue, the 30-second promise, and what happens when nobody is there."""

from app.flows.table import Flow, ask, end, go, hours, lookup, minutes

CALL = Flow(
    "human",
    lookup("calling", "ticket.open"),
    ask("waiting", "nothing", waits=minutes(30)),
    ask("sorry", "choice", "callback", "wait", lightly=True, waits=hours(1)),
    ask("closed", "choice", "callback", "leave", lightly=True, waits=hours(1)),
    go("booking", "callback"),
    end("stays"),
    end("bye"),
    end("down"),
    end("kept", quiet=True),
    moves=[
        # from      when                to
        ("calling", "queued",           "waiting"),
        ("calling", "closed",           "closed"),
        ("calling", "failed",           "down"),
        ("calling", "silence",          "down"),
        ("waiting", "unanswered",       "sorry"),
        ("waiting", "callback_request", "booking"),
        ("waiting", "silence",          "sorry"),
        ("sorry",   "callback",         "booking"),
        ("sorry",   "yes",              "booking"),
        ("sorry",   "wait",             "stays"),
        ("sorry",   "no",               "kept"),
        ("sorry",   "silence",          "kept"),
        ("closed",  "callback",         "booking"),
        ("closed",  "yes",              "booking"),
        ("closed",  "leave",            "bye"),
        ("closed",  "no",               "kept"),
        ("closed",  "silence",          "kept"),
    ],
)  # fmt: skip

HANDBACK = Flow(
    "handback",
    ask("welcome", "choice", "continue", waits=minutes(30), lightly=False, tries=0),
    end("back", quiet=True),
    end("dropped", quiet=True, drops=True),
    go("unclear", "unclear"),
    moves=[
        ("welcome", "continue", "back"),
        ("welcome", "yes",      "back"),
        ("welcome", "no",       "dropped"),
        ("welcome", "give_up",  "unclear"),
        ("welcome", "silence",  "dropped"),
    ],
)  # fmt: skip
