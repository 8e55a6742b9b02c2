"""Steps in which customers may be waiting right now, and whether a new version still knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.flows.check.fault import Fault
from app.flows.library import Catalogue


def record(catalogue: Catalogue) -> dict[str, list[str]]:
    """The waiting steps of each flow, for `docs/flows/published.json`: written when a version goes live."""
    return {
        name: [step.name for step in flow.steps.values() if step.waiting]
        for name, flow in sorted(catalogue.flows.items())
    }


def faults(catalogue: Catalogue, last: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    for name, steps in last.items():
        flow = catalogue.flows.get(name)
        if flow is None:
            yield Fault(name, "", "was published and is gone; keep it until nobody waits in it, then publish")
            continue
        for step in steps:
            found = flow.locate(step)
            if found is None:
                yield Fault(name, step, "was published and is gone; name its successor in `successors`")
            elif not found.waiting:
                yield Fault(name, step, f"customers may wait in it, but {found.name} does not wait any more")
