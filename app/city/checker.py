"""The laws, checked from outside: it knows what was on the air, reads plain SQL, and shares no code with app."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.city import laws_of_programmes, laws_of_sends, laws_of_texts, looks
from app.city.evidence import Evidence

FINAL = 40


class Checker:
    """`observe` is called while the city lives; `verdict` once, when all work is done."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._statuses: dict[int, int] = {}

    def observe(self) -> None:
        """Delivery statuses: what falls and rises again would not show at the end."""
        for row in self.evidence.looks.rows(looks.STATUSES):
            before = self._statuses.get(row.id, -1)
            if row.status != before and _rank(row.status) <= _rank(before):
                self.evidence.fell.append(f"message {row.id} went from status {before} to {row.status}")
            self._statuses[row.id] = row.status

    def verdict(self) -> dict[str, list[str]]:
        """Every law with what broke it: nothing, if all is well."""
        self.observe()
        return {law: sorted(set(broken(self.evidence))) for law, broken in LAWS.items()}


def _rank(status: int) -> int:
    """Final statuses contradict each other and stand on one rank."""
    return status // 10 * 10 if status >= FINAL else status


LAWS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "texts acknowledged and lost": laws_of_texts.lost,
    "turns applied twice": laws_of_texts.twice,
    "texts or answers out of order": laws_of_texts.disordered,
    "turns torn apart": laws_of_texts.torn,
    "commercial texts after a refusal": laws_of_sends.refused,
    "conversations with two owners": laws_of_texts.owners,
    "sends repeated": laws_of_sends.repeated,
    "sends lost from sight": laws_of_sends.unknown,
    "statuses gone backwards": laws_of_sends.backwards,
    "figures told without proof": laws_of_sends.told,
    "forged requests taken": laws_of_texts.forged,
    "machines answered": laws_of_texts.machines,
    "texts that left too late": laws_of_sends.stale,
    "occasions told twice": laws_of_programmes.twice,
    "offers that nobody agreed to": laws_of_programmes.unwanted,
    "texts of programmes out of hours": laws_of_programmes.out_of_hours,
    "texts of programmes over a cap": laws_of_programmes.too_many,
    "texts of programmes switched off": laws_of_programmes.switched_off,
    "answers to programmes not kept": laws_of_programmes.unheard,
    "secrets kept or logged": laws_of_texts.kept,
    "work left undone": laws_of_texts.unfinished,
}
