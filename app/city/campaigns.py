"""The programmes that are on in a city, as somebody outside knows them: by what only their texts say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

HOURS = ((time(10), time(11)), (time(15), time(16)))
"""Of the customer, within which each of them is sent: B4, the hours that are neither a product's nor an audience's."""
WAYS_OUT = ("拒收请回复TD", "Reply TD to opt out")
"""The end of an offer on the city's route, whatever row it stands in."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """`kind`: what caps count. `says`: by language, what only its text says; `says_again`: its second text. `menus`: by
    language, what the text invites the customer to send."""

    key: str
    kind: str
    says: tuple[str, ...]
    menus: tuple[tuple[str, ...], ...]
    says_again: tuple[str, ...] = ()

    def menu(self, body: str) -> tuple[str, ...]:
        """Of the language in which this text of its is written."""
        spoken = (place for says in (self.says, self.says_again) for place, words in enumerate(says) if words in body)
        return self.menus[next(spoken)]


CAMPAIGNS = (
    Campaign(
        "good_payer",
        "activity",
        ("优质客户可享", "always paying on time"),
        (("1", "2", "提前还款"), ("1", "2", "early")),
        ("按时还款的客户权益还留着", "the benefit for paying on time"),
    ),
    Campaign("birthday", "care", ("谢谢您一直以来的信任", "may the day be good"), (("1", "回电"), ("1", "call"))),
    Campaign("repayment_reminder", "service", ("还款日快到了", "repayment day is near"), (("ZD", "HK"), ("ZD", "HK"))),
    Campaign("limit_expiring", "service", ("额度快到有效期了", "credit line ends"), (("1", "续期"), ("1", "renew"))),
)


def told_by(body: str) -> tuple[Campaign, bool] | None:
    """Whose text this is, and whether it is a second one; None for any other text."""
    for one in CAMPAIGNS:
        for again, says in ((False, one.says), (True, one.says_again)):
            if any(words in body for words in says):
                return one, again
    return None
