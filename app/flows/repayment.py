"""How to repay (A6): the path, step by step, by the channel that the customer picks."""

from app.flows.table import Flow, agent, ask, end, go, guide, hours

FLOW = Flow(
    "repayment",
    ask("channel", "choice", "app", "autopay", "counter", "proxy", "early", waits=hours(1)),
    guide("app_steps", of="repay_app"),
    guide("autopay_steps", of="auto_debit"),
    go("early", "early"),
    agent("handover", topic="repayment"),
    end("counter"),
    end("proxy"),
    end("done"),
    end("kept", quiet=True),
    moves=[
        # from            when       to
        ("channel",       "app",     "app_steps"),
        ("channel",       "autopay", "autopay_steps"),
        ("channel",       "counter", "counter"),
        ("channel",       "proxy",   "proxy"),
        ("channel",       "early",   "early"),
        ("channel",       "give_up", "handover"),
        ("channel",       "silence", "kept"),
        ("app_steps",     "done",    "done"),
        ("app_steps",     "stuck",   "handover"),
        ("app_steps",     "stopped", "kept"),
        ("app_steps",     "give_up", "handover"),
        ("app_steps",     "silence", "kept"),
        ("autopay_steps", "done",    "done"),
        ("autopay_steps", "stuck",   "handover"),
        ("autopay_steps", "stopped", "kept"),
        ("autopay_steps", "give_up", "handover"),
        ("autopay_steps", "silence", "kept"),
    ],
)  # fmt: skip
