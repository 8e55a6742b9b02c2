"""Each row of `gateways.md` §2.3."""

from __future__ import annotations

import pytest

from app.gateways.port import Cause, Refused
from app.gateways.twilio_codes import CODES, judge

ROWS = {
    "20003": (Cause.CONFIG, False),
    "20429": (Cause.BUSY, True),
    "21211": (Cause.BAD_NUMBER, False),
    "21265": (Cause.BAD_NUMBER, False),
    "21408": (Cause.CONFIG, False),
    "21606": (Cause.CONFIG, False),
    "21659": (Cause.CONFIG, False),
    "21608": (Cause.CONFIG, False),
    "21610": (Cause.OPTED_OUT, False),
    "21611": (Cause.BUSY, True),
    "21612": (Cause.BAD_NUMBER, False),
    "21614": (Cause.BAD_NUMBER, False),
    "21617": (Cause.OUR_FAULT, False),
    "21635": (Cause.BAD_NUMBER, False),
    "30001": (Cause.BUSY, True),
    "30002": (Cause.CONFIG, False),
    "30003": (Cause.UNREACHABLE, True),
    "30004": (Cause.OPTED_OUT, False),
    "30005": (Cause.DEAD_NUMBER, False),
    "30006": (Cause.BAD_NUMBER, False),
    "30007": (Cause.CONTENT, False),
    "30008": (Cause.UNKNOWN, True),
    "30034": (Cause.CONFIG, False),
    "30036": (Cause.EXPIRED, False),
    "30410": (Cause.AMBIGUOUS, False),
    "35114": (Cause.OUR_FAULT, False),
    "35115": (Cause.OUR_FAULT, False),
    "35117": (Cause.OUR_FAULT, False),
    "35118": (Cause.OUR_FAULT, False),
}


@pytest.mark.parametrize(("code", "meaning"), ROWS.items())
def test_each_row(code: str, meaning: tuple[Cause, bool]) -> None:
    assert judge(code) == judge(int(code)) == Refused(code, *meaning)


def test_only_what_was_surely_not_delivered_may_be_tried_again() -> None:
    retried = {cause for cause, retry in CODES.values() if retry}
    assert retried == {Cause.BUSY, Cause.UNREACHABLE, Cause.UNKNOWN}
    assert [code for code, (cause, retry) in CODES.items() if retry and cause is Cause.UNKNOWN] == ["30008"]
