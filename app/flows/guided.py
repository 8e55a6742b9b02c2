"""One flow for every guide of `texts/guides/`, so that a new guide needs no code (A8)."""

from collections.abc import Iterable

from app.flows.table import Flow, agent, end, guide


def guided(names: Iterable[str]) -> tuple[Flow, ...]:
    """Flows `guide_<name>`, one for each guide."""
    return tuple(_flow(name) for name in names)


def _flow(name: str) -> Flow:
    return Flow(
        f"guide_{name}",
        guide("steps", of=name),
        agent("handover", topic=name),
        end("done"),
        end("kept", quiet=True),
        moves=[
            ("steps", "done",    "done"),
            ("steps", "stuck",   "handover"),
            ("steps", "stopped", "kept"),
            ("steps", "give_up", "handover"),
            ("steps", "silence", "kept"),
        ],
    )  # fmt: skip
