"""Doubt and mistake (A14): nothing is disclosed, and the right queue hears of it."""

from app.flows.table import Flow, agent, end, lookup

WRONG_PERSON = Flow(
    "wrong_person",
    lookup("stopping", "number.disown"),
    end("sorry", drops=True),
    moves=[
        ("stopping", "done",    "sorry"),
        ("stopping", "failed",  "sorry"),
        ("stopping", "silence", "sorry"),
    ],
)  # fmt: skip

FRAUD = Flow(
    "fraud",
    lookup("flagging", "ticket.flag", topic="fraud"),
    end("verify"),
    moves=[
        ("flagging", "done",    "verify"),
        ("flagging", "failed",  "verify"),
        ("flagging", "silence", "verify"),
    ],
)  # fmt: skip

COMPLAINT = Flow(
    "complaint",
    lookup("flagging", "ticket.flag", topic="complaint"),
    agent("handover", topic="complaint"),
    moves=[
        ("flagging", "done",    "handover"),
        ("flagging", "failed",  "handover"),
        ("flagging", "silence", "handover"),
    ],
)  # fmt: skip
