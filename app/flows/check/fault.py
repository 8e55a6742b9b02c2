from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, in a sentence that says how to mend it. `step` is empty when the whole flow is meant, `flow`
    when it is no flow's fault."""

    flow: str
    step: str
    sentence: str

    def __str__(self) -> str:
        return f"{'.'.join(filter(None, (self.flow, self.step))) or 'texts'}: {self.sentence}"
