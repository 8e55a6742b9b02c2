"""The picture guide by e-mail (A13): sent beside the guide that is open, which then goes on by text."""

from app.flows.table import Flow, end, lookup

FLOW = Flow(
    "by_mail",
    lookup("sending", "guide.mail"),
    end("sent"),
    end("again"),
    end("nowhere"),
    end("which"),
    end("unable"),
    moves=[
        ("sending", "sent",    "sent"),
        ("sending", "again",   "again"),
        ("sending", "nowhere", "nowhere"),
        ("sending", "which",   "which"),
        ("sending", "unable",  "unable"),
        ("sending", "failed",  "unable"),
        ("sending", "silence", "unable"),
    ],
)  # fmt: skip
