"""What Twilio's error codes mean for us (`gateways.md` §2.3): one table for REST refusals and for receipts.

Twilio's specification says that codes may change and "should not be used programmatically", so whatever the
table does not know gets the safe answer: no retry, and an alert on the rate. The simulator speaks the same
codes.
"""

from __future__ import annotations

from typing import Final

from app.gateways.port import Cause, Refused

# code -> (cause, may the same text be tried again later?)
CODES: Final[dict[str, tuple[Cause, bool]]] = {
    # the recipient
    "21610": (Cause.OPTED_OUT, False),
    "30004": (Cause.OPTED_OUT, False),  # blocked at the network: taken as a refusal
    "21211": (Cause.BAD_NUMBER, False),
    "21265": (Cause.BAD_NUMBER, False),  # a short code: the sign of a loop between two robots
    "21612": (Cause.BAD_NUMBER, False),  # no route from our number to this one
    "21614": (Cause.BAD_NUMBER, False),
    "21635": (Cause.BAD_NUMBER, False),
    "30006": (Cause.BAD_NUMBER, False),  # landline; Twilio: "do not retry"
    "30005": (Cause.DEAD_NUMBER, False),
    "30003": (Cause.UNREACHABLE, True),
    # the flow of texts
    "20429": (Cause.BUSY, True),
    "429": (Cause.BUSY, True),  # a proxy's answer, without Twilio's body
    "21611": (Cause.BUSY, True),
    "30001": (Cause.BUSY, True),
    "30036": (Cause.EXPIRED, False),
    "30410": (Cause.AMBIGUOUS, False),  # Twilio itself does not retry it "to avoid duplicate delivery"
    "30008": (Cause.UNKNOWN, True),  # one delayed retry at most
    # what was said
    "30007": (Cause.CONTENT, False),
    # our account and sender
    "20003": (Cause.CONFIG, False),
    "20404": (Cause.CONFIG, False),  # account or API address does not exist
    "401": (Cause.CONFIG, False),
    "403": (Cause.CONFIG, False),
    "404": (Cause.CONFIG, False),
    "21408": (Cause.CONFIG, False),
    "21606": (Cause.CONFIG, False),
    "21608": (Cause.CONFIG, False),
    "21659": (Cause.CONFIG, False),
    "30002": (Cause.CONFIG, False),
    "30034": (Cause.CONFIG, False),
    # a request that we should not have made
    "21602": (Cause.OUR_FAULT, False),  # no body
    "21604": (Cause.OUR_FAULT, False),  # no recipient
    "21617": (Cause.OUR_FAULT, False),
    "35114": (Cause.OUR_FAULT, False),
    "35115": (Cause.OUR_FAULT, False),
    "35117": (Cause.OUR_FAULT, False),
    "35118": (Cause.OUR_FAULT, False),
}


def judge(code: str | int | None) -> Refused:
    """What `code` means. None or an unknown code is `UNKNOWN` without retry."""
    text = "" if code is None else str(code).strip()
    cause, retry = CODES.get(text, (Cause.UNKNOWN, False))
    return Refused(text, cause, retry)
