"""One-time codes that come when no question for one is open."""

from __future__ import annotations

import re

from app.flows.reading.meaning import Reading, Values

_CODE = re.compile(r"(?:\d[ \-]?){4,8}")


def bare_code(text: str) -> Reading | None:
    """A normalised text that is only a number of four to eight digits, also in groups ("44 91 02"), or None.

    `values.code` is filled for the lengths that we send: four and six digits.
    """
    if not _CODE.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    code = digits if len(digits) in (4, 6) else None
    return Reading(
        "otp_code",
        0.9 if len(digits) >= 6 else 0.75,
        ("digits",),
        Values(code=code, last4=digits if len(digits) == 4 else None),
    )
