"""What a day on the bench led to, so that a run that never came to the hard places does not pass for a good one."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import text

from tests.laws.bench import Bench

PLACES = {
    "a figure was told": "SELECT count(*) FROM messages WHERE figures AND state = 'handed'",
    "a code was wrong": "SELECT count(*) FROM one_time_codes WHERE wrong > 0",
    "a text waited for its turn": "SELECT count(*) FROM inbound WHERE attempts > 0",
    "a text failed for good": "SELECT count(*) FROM inbound WHERE state = 'failed'",
    "an offer left": "SELECT count(*) FROM messages WHERE purpose = 'commercial' AND state = 'handed'",
    "an offer was withdrawn or withheld": "SELECT count(*) FROM messages WHERE state IN ('withdrawn', 'withheld')",
    "a send was never known": "SELECT count(*) FROM messages WHERE reason = 'never_known'",
    "final statuses contradicted each other": "SELECT count(*) FROM messages WHERE conflict",
    "the gateway refused a number": "SELECT count(*) FROM consents WHERE scope = 'gateway'",
    "a refusal was lifted": "SELECT count(*) FROM consents WHERE verdict = 'granted'",
    "the bank did not answer": "SELECT count(*) FROM bank_questions WHERE state = 'failed'",
    "a callback was booked": "SELECT count(*) FROM callbacks",
    "an agent had a conversation": "SELECT count(*) FROM tickets WHERE kind = 'talk' AND agent <> ''",
    "a wait ended in silence": "SELECT count(*) FROM trace WHERE event = 'silence'",
    "a promise ran out": "SELECT count(*) FROM trace WHERE event = 'unanswered'",
}


def reached(bench: Bench) -> Counter[str]:
    """How often each of `PLACES` was reached; deaths of processes are counted by the bench."""
    found = Counter({"a process died": bench.deaths})
    with bench.outside.begin() as connection:
        for place, statement in PLACES.items():
            found[place] = connection.execute(text(statement)).scalar_one()
    return found
