"""Quota (A5): the figure after a one-time code, and what to do with it. Anybody gets the path to look it up."""

from app.flows.table import Flow, agent, ask, end, go, lookup, minutes

FLOW = Flow(
    "quota",
    lookup("asking", "bank.quota", proof=True, waits=minutes(0.5)),
    ask("told", "choice", "renew", "use", "human", lightly=True, figures=True, waits=minutes(10)),
    ask("expired", "choice", "renew", "human", lightly=True, figures=True, waits=minutes(10)),
    go("renewing", "guide_renew_limit"),
    go("using", "guide_draw"),
    agent("handover", topic="quota"),
    end("none"),
    end("other_card"),
    end("down"),
    end("kept", quiet=True),
    moves=[
        # from       when          to
        ("asking",   "found",      "told"),
        ("asking",   "expired",    "expired"),
        ("asking",   "none",       "none"),
        ("asking",   "other_card", "other_card"),
        ("asking",   "unproven",   "kept"),
        ("asking",   "failed",     "down"),
        ("asking",   "silence",    "down"),
        ("told",     "renew",      "renewing"),
        ("told",     "use",        "using"),
        ("told",     "human",      "handover"),
        ("told",     "silence",    "kept"),
        ("expired",  "renew",      "renewing"),
        ("expired",  "human",      "handover"),
        ("expired",  "silence",    "kept"),
    ],
)  # fmt: skip
