"""What can go wrong on the simulated network, and the numbers on which it always does.

A phone page or a test texts a number of `MAGIC` to see a fault; `Network.plan` causes one on any number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    REFUSED = "refused"  # the gateway says no, with a code
    SILENT = "silent"  # the text is taken and delivered, but the sender gets no answer
    LOST = "lost"  # the request itself gets lost: no answer and no text
    UNDELIVERED = "undelivered"  # taken, sent, and then reported undelivered with a code
    CALLBACKS_TWICE = "callbacks_twice"
    CALLBACKS_REVERSED = "callbacks_reversed"  # "delivered" arrives before "sent"
    CALLBACKS_LATE = "callbacks_late"  # a minute
    CALLBACKS_NEVER = "callbacks_never"


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` is one of `twilio_codes.CODES`, for the kinds that have one."""

    kind: Kind
    code: str = ""


MAGIC: Final[dict[str, Fault]] = {
    "+8613900000610": Fault(Kind.REFUSED, "21610"),  # opted out at the gateway
    "+8613900000211": Fault(Kind.REFUSED, "21211"),  # no such number
    "+8613900000614": Fault(Kind.REFUSED, "21614"),  # a landline
    "+8613900000429": Fault(Kind.REFUSED, "20429"),  # too many requests, each time
    "+8613900000408": Fault(Kind.REFUSED, "21408"),  # our account may not send there
    "+8613900000504": Fault(Kind.SILENT),
    "+8613900000500": Fault(Kind.LOST),
    "+8613900000003": Fault(Kind.UNDELIVERED, "30003"),  # handset unreachable
    "+8613900000004": Fault(Kind.UNDELIVERED, "30004"),  # blocked by the customer
    "+8613900000005": Fault(Kind.UNDELIVERED, "30005"),  # number is dead
    "+8613900000007": Fault(Kind.UNDELIVERED, "30007"),  # filtered for its words
    "+8613900000410": Fault(Kind.UNDELIVERED, "30410"),  # nobody knows whether it arrived
    "+8613900000002": Fault(Kind.CALLBACKS_TWICE),
    "+8613900000021": Fault(Kind.CALLBACKS_REVERSED),
    "+8613900000060": Fault(Kind.CALLBACKS_LATE),
    "+8613900000000": Fault(Kind.CALLBACKS_NEVER),
}
