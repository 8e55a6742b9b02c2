"""Early repayment (A6): whole or part, and what it costs, without a figure that only the contract can give."""

from app.flows.table import Flow, agent, ask, end, guide, hours

FLOW = Flow(
    "early",
    ask("kind", "choice", "whole", "part", "cost", waits=hours(1)),
    guide("whole_steps", of="early_repayment"),
    guide("part_steps", of="early_partial"),
    agent("handover", topic="early_repayment"),
    end("cost"),
    end("done"),
    end("kept", quiet=True),
    moves=[
        # from          when             to
        ("kind",        "whole",         "whole_steps"),
        ("kind",        "part",          "part_steps"),
        ("kind",        "cost",          "cost"),
        ("kind",        "rate_question", "cost"),
        ("kind",        "give_up",       "handover"),
        ("kind",        "silence",       "kept"),
        ("whole_steps", "done",          "done"),
        ("whole_steps", "stuck",         "handover"),
        ("whole_steps", "stopped",       "kept"),
        ("whole_steps", "give_up",       "handover"),
        ("whole_steps", "silence",       "kept"),
        ("part_steps",  "done",          "done"),
        ("part_steps",  "stuck",         "handover"),
        ("part_steps",  "stopped",       "kept"),
        ("part_steps",  "give_up",       "handover"),
        ("part_steps",  "silence",       "kept"),
    ],
)  # fmt: skip
