"""The words that a gateway answers itself, so that we record them and stay silent (`gateways.md` §4.1)."""

from __future__ import annotations

from typing import Final

from app.gateways.port import Keyword

# Twilio's default handling. YES, which is in its START set for long codes, is left out on purpose: it answers
# our own questions far more often than it lifts a block, and Twilio sends nothing for the YES of somebody who
# is not blocked. With Advanced Opt-Out a YES that counts comes with OptOutType.
_DEFAULT: Final[dict[str, Keyword]] = {
    **dict.fromkeys(("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"), "stop"),
    **dict.fromkeys(("START", "UNSTOP"), "start"),
    **dict.fromkeys(("HELP", "INFO"), "help"),
}


def default_keyword(body: str) -> Keyword | None:
    """Only the whole single word counts, in any case: "STOP PLEASE" blocks nothing at Twilio.

    When in doubt the answer is None: then the conversation opts the customer out and confirms, and if the
    gateway had blocked after all, that confirmation is refused as 21610. The other way round nobody would
    answer.
    """
    return _DEFAULT.get(body.upper()) if body.isascii() else None
