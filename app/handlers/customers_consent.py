"""What a row of the bank's file says about consent, and what it cannot say.

Law 5 and rule 3 of sending (silence is refusal, only an explicit opt-in lifts a refusal) decide each case:

* `yes` grants where nothing was said yet. It never lifts a refusal, whoever wrote it: a customer who texts TD after
  the bank's own `no` leaves no second row, so that even a refusal that an import wrote may be the customer's.
* `no` refuses, unless the customer has opted in since the file first said so: then the `no` is older.
* A refusal follows the customer to a new number: a person refused, not a SIM card.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.handlers.customers_file import Row
from app.store.ledger import Entry, Ledger, Standing

SCOPES = ("commercial", "reminders")


def entries(row: Row, left: Collection[str], ledger: Ledger, file: str) -> Iterator[Entry]:
    """The ledger's rows for one row of the file; `left` are the numbers that the customer leaves with it.

    `ledger` is brought up to date, so that the next row of the same number sees them.
    """
    for speaker in (_follows(row, left, ledger), _said(row, ledger, file)):
        for entry in speaker:
            ledger.setdefault((entry.phone, entry.scope), Standing()).take(entry)
            yield entry


def _follows(row: Row, left: Collection[str], ledger: Ledger) -> Iterator[Entry]:
    for scope in SCOPES:
        here = ledger.get((row.phone, scope), Standing())
        if here.verdict == "refused" or (here.verdict == "granted" and here.source != "import"):
            continue
        if any(ledger.get((phone, scope), Standing()).verdict == "refused" for phone in left):
            yield Entry(
                row.phone, scope, "refused", "moved", f"customer:{row.customer_id} had refused on an old number"
            )


def _said(row: Row, ledger: Ledger, file: str) -> Iterator[Entry]:
    here = ledger.get((row.phone, "commercial"), Standing())
    told = here.told.get(row.customer_id, "")
    if row.consent == "yes":
        # Said again after a `no` it is a new word of the bank's, which a later `no` can take back.
        speaks = not here.verdict or (here.verdict == "granted" and told == "refused")
        verdict = "granted"
    else:
        speaks = row.consent == "no" and here.verdict != "refused" and told != "refused"
        verdict = "refused"
    if speaks:
        source = f" source:{row.consent_source}" if row.consent_source else ""
        yield Entry(row.phone, "commercial", verdict, "import", f"customer:{row.customer_id} import:{file}{source}")
