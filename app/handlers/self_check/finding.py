"""What one check found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["good", "warnings", "bad"]
WORST: tuple[Verdict, ...] = ("good", "warnings", "bad")
MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """`code`: a key of `PROBLEMS`; `about`: an id, a number of ours, an address of the bank; never a customer."""

    code: str
    about: str = ""
    verdict: Verdict = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`looked`: how many things were looked at."""

    check: str
    looked: int
    problems: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return worst([problem.verdict for problem in self.problems])

    def kept(self) -> dict[str, Any]:
        """As plain data. Of very many problems the first are told."""
        return {
            "looked": self.looked,
            "verdict": self.verdict,
            "count": len(self.problems),
            "problems": [[one.code, one.about, one.verdict] for one in self.problems[:MOST_TOLD]],
        }


PROBLEMS = {
    "not_withdrawn": "An offer that waited was not withdrawn by the refusal.",
    "not_kept": "The refusal did not reach the consent ledger.",
    "not_confirmed": "The refusal was not confirmed, or not once.",
    "answered_again": "The same refusal was answered a second time.",
    "offer_left": "An offer could leave after the refusal.",
    "turn_failed": "The refusal was stored, but its turn failed.",
    "not_on_file": "A number that texts leave from is not on file: huifu senders add.",
    "file_expired": "The registration of a number has expired.",
    "file_expires": "The registration of a number expires within 30 days.",
    "file_not_begun": "The registration of a number is not valid yet.",
    "file_open_ended": "The registration of a number has no date at which it expires.",
    "rules_changed": "A text that was sent would be refused under today's rules.",
    "link_not_https": "A link does not begin with https://.",
    "link_foreign": "A link leads to a domain that is not on the bank's list.",
    "link_dead": "A link does not answer as a page.",
    "sent_unapproved": "A text was sent by a version of a template that nobody approved.",
    "programme_without_text": "A programme that is on has no approved text in a language.",
}
"""What each code says, in English. The console has them in its reader's language."""


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, key=WORST.index, default="good")
