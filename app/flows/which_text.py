"""Two texts of ours offered the same answer with different ends: which one was meant is asked once."""

from app.flows.table import Flow, ask, end, go, hours

NAMES = ("first", "second", "third")
"""Options, the newest text first. The slot of that name holds the flow that the answer leads into, `first_day` the
text's day, and `first:…` what goes along."""

FLOW = Flow(
    "which_text",
    ask("which", "choice", *NAMES, waits=hours(2), tries=0, fleeting=True),
    go("to_first", flow_from="first"),
    go("to_second", flow_from="second"),
    go("to_third", flow_from="third"),
    go("unclear", "unclear"),
    end("kept", quiet=True),
    moves=[
        ("which", "first",   "to_first"),
        ("which", "second",  "to_second"),
        ("which", "third",   "to_third"),
        ("which", "no",      "kept"),
        ("which", "give_up", "unclear"),
        ("which", "silence", "kept"),
    ],
)  # fmt: skip
