"""Short flows: the menu, the question after an unclear text, and answers of one text."""

from app.flows.table import Flow, agent, ask, end, go, hours, lookup, minutes

MENU = Flow(
    "menu",
    ask("main", "choice", "quota", "owed", "repayment", "callback", "human", lightly=True, waits=minutes(30)),
    go("quota", "quota"),
    go("owed", "owed"),
    go("repayment", "repayment"),
    go("callback", "callback"),
    go("human", "human"),
    end("kept", quiet=True),
    moves=[
        ("main", "quota",     "quota"),
        ("main", "owed",      "owed"),
        ("main", "repayment", "repayment"),
        ("main", "callback",  "callback"),
        ("main", "human",     "human"),
        ("main", "silence",   "kept"),
    ],
)  # fmt: skip

UNCLEAR = Flow(
    "unclear",
    ask("which", "choice", options_from="likely", fills="chosen", tries=0, fleeting=True),
    go("opened", flow_from="chosen"),
    agent("handover", topic="unclear"),
    end("kept", quiet=True),
    moves=[
        ("which", "chosen",  "opened"),
        ("which", "no",      "kept"),
        ("which", "give_up", "handover"),
        ("which", "silence", "kept"),
    ],
)  # fmt: skip

OPTOUT = Flow(
    "optout",
    ask("sure", "yes_no", waits=hours(24), tries=1, fleeting=True),
    lookup("refusing", "consent.refuse"),
    end("done"),
    end("kept"),
    end("left", quiet=True),
    go("unclear", "unclear"),
    moves=[
        ("sure",     "yes",     "refusing"),
        ("sure",     "no",      "kept"),
        ("sure",     "give_up", "unclear"),
        ("sure",     "silence", "left"),
        ("refusing", "done",    "done"),
        ("refusing", "failed",  "done"),
        ("refusing", "silence", "done"),
    ],
)  # fmt: skip

APPLICATION = Flow(
    "application",
    ask("path", "choice", "callback", "human", lightly=True),
    go("callback", "callback"),
    agent("handover", topic="application"),
    end("kept", quiet=True),
    moves=[
        ("path", "callback", "callback"),
        ("path", "human",    "handover"),
        ("path", "silence",  "kept"),
    ],
)  # fmt: skip

CLOSING = Flow(
    "closing",
    ask("sure", "choice", "human", "callback", lightly=True),
    go("callback", "callback"),
    agent("handover", topic="closing"),
    end("kept", quiet=True),
    moves=[
        ("sure", "human",    "handover"),
        ("sure", "callback", "callback"),
        ("sure", "silence",  "kept"),
    ],
)  # fmt: skip

INTEREST = Flow(
    "interest",
    ask("how", "choice", "draw", "callback", lightly=True, waits=hours(2)),
    go("drawing", "guide_draw"),
    go("callback", "callback"),
    end("kept", quiet=True),
    moves=[
        ("how", "draw",     "drawing"),
        ("how", "callback", "callback"),
        ("how", "silence",  "kept"),
    ],
)  # fmt: skip


def remark(name: str) -> Flow:
    """A flow of one text: it says `<name>.said` and ends."""
    return Flow(name, end("said"), moves=[])


REMARKS = tuple(remark(name) for name in ("who_are_you", "rates", "late_code", "no_code", "courtesy"))
