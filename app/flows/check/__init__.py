"""Is the catalogue fit to talk to customers? Pure; `huifu flows check` prints what is found.

    faults = check(CATALOGUE, published=json.loads(PUBLISHED.read_text()))

Each fault names flow, step and what to do about it. None means that every customer who can be asked something can
answer it, stay silent, give up or be refused, and still ends up somewhere that speaks their language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.flows.check import moves, published, words
from app.flows.check.fault import Fault
from app.flows.check.samples import SIGNATURE, ucs2_parts
from app.flows.library import Catalogue


def check(
    catalogue: Catalogue,
    *,
    record: Mapping[str, Sequence[str]] | None = None,
    count: Callable[[str], int] = ucs2_parts,
    signature: str = SIGNATURE,
) -> list[Fault]:
    """All faults, by flow and step.

    `record`: the waiting steps of each flow as last published (`published.record`), None before the first time.
    `count`: SMS parts of a text; `signature` is what the sender puts in front of it.
    """
    faults = [
        *moves.faults(catalogue),
        *words.faults(catalogue, count, signature),
        *(published.faults(catalogue, record) if record is not None else ()),
    ]
    return sorted(set(faults))


__all__ = ["Fault", "check"]
