"""An import of customers, on both databases: what it writes, what it leaves alone, and what it may never lift."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.handlers import customers_imported
from app.handlers.customers_file import Fault, read
from app.handlers.customers_imported import Ears, import_customers
from app.store import consents, ledger, people
from app.store.database import Database
from app.store.migrate import upgrade
from app.store.tables import Consent, Customer, Message, PhoneBinding
from tests.clock import Clock

FIRST, SECOND = "+8615400000001", "+8615400000002"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "postgresql":
        url = request.getfixturevalue("fresh_postgres_url")(upgrade)
    else:
        url = f"sqlite:///{tmp_path}/huifu.db"
        upgrade(url)
    database = Database(url, threads=4)
    yield database
    database.close()


class Bench:
    """Imports lines, and looks at what came of it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.reached: list[int] = []

    def take(self, *lines: str, trust_numbers: bool = False, header: str = "") -> dict[str, int]:
        """Counts that are not 0."""
        header = header or "customer_id,phone,marketing_consent,name,credit_limit"
        done = import_customers(
            self.database,
            read([header, *lines])[1],
            file="bank.csv",
            clock=self.clock,
            ears=Ears(self.faults.append, self.warnings.append, self.reached.append),
            trust_numbers=trust_numbers,
        )
        return {name: count for name, count in asdict(done).items() if count}

    def all(self, *columns: Any) -> list[tuple[Any, ...]]:
        with self.database.begin() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(columns[0]))]

    def live(self) -> list[tuple[str, str]]:
        rows = self.all(PhoneBinding.customer_id, PhoneBinding.phone, PhoneBinding.ended_at)
        return [(customer, phone) for customer, phone, ended in rows if ended is None]

    def says(self, phone: str, verdict: str, scope: str = "commercial", source: str = "reply") -> None:
        with self.database.begin() as connection:
            consents.record(connection, phone, scope, verdict, source, "inbound:1", self.clock())

    def holds(self, phone: str, scope: str = "commercial") -> str | None:
        with self.database.begin() as connection:
            return consents.verdict(connection, phone, scope)

    def disown(self, phone: str) -> None:
        with self.database.begin() as connection:
            people.disown(connection, phone, "wrong_person", self.clock())


@pytest.fixture
def bench(database: Database, clock: Clock) -> Bench:
    return Bench(database, clock)


def test_new_customers_get_a_row_a_number_and_a_consent(bench: Bench) -> None:
    done = bench.take("C1,15400000001,yes,王建国,50000", "C2,15400000002,no,李娜,", "C3,15400000003,unknown,,")
    assert done == {"rows": 3, "created": 3, "bound": 3, "granted": 1, "refused": 1}
    assert bench.all(Customer.customer_id, Customer.name, Customer.credit_limit, Customer.title) == [
        ("C1", "王建国", Decimal("50000.00"), ""),
        ("C2", "李娜", None, ""),
        ("C3", "", None, ""),
    ]
    assert bench.live() == [("C1", FIRST), ("C2", SECOND), ("C3", "+8615400000003")]
    assert bench.all(Consent.id, Consent.phone, Consent.verdict, Consent.source, Consent.evidence) == [
        (1, FIRST, "granted", "import", "customer:C1 import:bank.csv"),
        (2, SECOND, "refused", "import", "customer:C2 import:bank.csv"),
    ]


def test_the_same_file_twice_changes_nothing(bench: Bench) -> None:
    lines = ("C1,15400000001,yes,王建国,50000.10", "C2,15400000001,no,李娜,0", "C3,15400000003,,,")
    bench.take(*lines)
    before = bench.all(*Customer.__table__.c), bench.all(*PhoneBinding.__table__.c), bench.all(*Consent.__table__.c)
    bench.clock.advance(days=1)
    assert bench.take(*lines) == {"rows": 3, "unchanged": 3, "kept_refusals": 1}
    after = bench.all(*Customer.__table__.c), bench.all(*PhoneBinding.__table__.c), bench.all(*Consent.__table__.c)
    assert after == before


def test_only_what_the_file_has_is_written(bench: Bench) -> None:
    bench.take("C1,15400000001,,王建国,50000")
    bench.take("C1,15400000001,2027-03-31", header="customer_id,phone,limit_expires_on")
    bench.take("C1,15400000001,", header="customer_id,phone,name")
    facts = Customer.customer_id, Customer.name, Customer.credit_limit, Customer.limit_expires_on
    assert bench.all(*facts) == [("C1", "", Decimal("50000.00"), date(2027, 3, 31))]


def test_good_rows_go_in_beside_bad_ones_in_any_chunk(bench: Bench) -> None:
    many = 2 * customers_imported.AT_ONCE + 7
    lines = [f"C{n},154{n:08d},,,{'x' if n % 500 == 0 else n}" for n in range(1, many + 1)]
    assert bench.take(*lines) == {"rows": many, "bad": 4, "created": many - 4, "bound": many - 4}
    assert [fault.line for fault in bench.faults] == [501, 1001, 1501, 2001]
    assert bench.reached == [1001, 2001, many + 1]


def test_a_customer_who_is_named_twice_is_taken_once(bench: Bench) -> None:
    assert bench.take("C1,15400000001,,,", "C1,15400000002,,,")["bad"] == 1
    assert bench.faults == [Fault(3, "customer_id stands in line 2 already")]
    assert bench.live() == [("C1", FIRST)]


def test_two_customers_may_share_a_number(bench: Bench) -> None:
    bench.take("C1,15400000001,,,", "C2,15400000001,,,")
    assert bench.live() == [("C1", FIRST), ("C2", FIRST)]


# ---- numbers that change -------------------------------------------------------------------------------------


def queued(bench: Bench, phone: str, purpose: str, state: str = "queued") -> None:
    now = bench.clock()
    with bench.database.begin() as connection:
        connection.execute(
            insert(Message).values(
                phone=phone,
                purpose=purpose,
                lane=1,
                template="x",
                body="x",
                parts=1,
                state=state,
                created_at=now,
                due_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )


def test_a_new_number_ends_the_old_binding_and_what_waits_for_it(bench: Bench) -> None:
    bench.take("C1,15400000001,,,")
    for purpose in ("reminder", "commercial", "answer"):
        queued(bench, FIRST, purpose)
    now = bench.clock.advance(days=1)
    queued(bench, FIRST, "commercial", "sending")
    assert bench.take("C1,15400000002,,,") == {"rows": 1, "unchanged": 1, "bound": 1, "moved": 1}
    assert bench.all(PhoneBinding.id, PhoneBinding.phone, PhoneBinding.ended_at, PhoneBinding.ended_because) == [
        (1, FIRST, now, "import"),
        (2, SECOND, None, ""),
    ]
    assert [row[1:] for row in bench.all(Message.id, Message.state, Message.reason)] == [
        ("withdrawn", "unbound:import"),
        ("withdrawn", "unbound:import"),
        ("queued", ""),
        ("sending", ""),
    ]
    assert bench.all(Message.id, Message.expires_at)[-1][1] == now, "a send that fails would be tried again"
    assert bench.take("C1,15400000001,,,")["moved"] == 1
    assert bench.live() == [("C1", FIRST)]


def test_a_number_whose_holder_said_wrong_person_is_not_bound_again(bench: Bench) -> None:
    bench.take("C1,15400000001,,王,")
    bench.disown(FIRST)
    done = bench.take("C1,15400000001,yes,李,")
    assert done == {"rows": 1, "warnings": 1, "updated": 1}
    assert [(fault.line, "wrong person" in fault.reason) for fault in bench.warnings] == [(2, True)]
    assert bench.live() == []
    assert bench.all(Consent.id) == []


def test_somebody_at_the_bank_may_vouch_for_the_number(bench: Bench) -> None:
    bench.take("C1,15400000001,,,")
    bench.disown(FIRST)
    assert bench.take("C1,15400000001,,,", trust_numbers=True)["bound"] == 1
    assert bench.live() == [("C1", FIRST)]


def test_a_disowned_number_may_belong_to_somebody_else_and_its_customer_may_get_a_new_one(bench: Bench) -> None:
    bench.take("C1,15400000001,,,")
    bench.disown(FIRST)
    assert bench.take("C1,15400000002,,,", "C2,15400000001,,,")["bound"] == 2
    assert bench.warnings == []


# ---- consent -------------------------------------------------------------------------------------------------

YES, NO = "C1,15400000001,yes,,", "C1,15400000001,no,,"


@pytest.mark.parametrize("source", ["reply", "gateway_keyword", "wrong_person", "moved", "import"])
def test_an_import_never_lifts_a_refusal(bench: Bench, source: str) -> None:
    bench.says(FIRST, "refused", source=source)
    assert bench.take(YES) == {"rows": 1, "created": 1, "bound": 1, "kept_refusals": 1}
    assert bench.holds(FIRST) == "refused"


def test_not_even_one_that_an_import_wrote(bench: Bench) -> None:
    bench.take(NO)
    bench.take(YES)
    assert bench.holds(FIRST) == "refused"


def test_the_refusal_wins_among_two_customers_of_a_number_in_either_order(bench: Bench) -> None:
    bench.take(YES, "C2,15400000001,no,,", "C3,15400000002,no,,", "C4,15400000002,yes,,")
    assert (bench.holds(FIRST), bench.holds(SECOND)) == ("refused", "refused")


def test_a_new_no_ends_an_old_yes_and_withdraws_offers(bench: Bench) -> None:
    bench.take(YES)
    queued(bench, FIRST, "commercial")
    queued(bench, FIRST, "reminder")
    assert bench.take(NO)["refused"] == 1
    assert [state for _, state in bench.all(Message.id, Message.state)] == ["withdrawn", "queued"]


def test_an_old_no_does_not_undo_what_the_customer_has_said_since(bench: Bench) -> None:
    bench.take(NO)
    bench.says(FIRST, "granted")
    assert bench.take(NO) == {"rows": 1, "unchanged": 1}
    assert bench.holds(FIRST) == "granted"


def test_a_no_that_was_a_yes_in_between_is_new(bench: Bench) -> None:
    bench.take(NO)
    bench.says(FIRST, "granted")
    bench.take(YES)
    bench.take(NO)
    assert bench.holds(FIRST) == "refused"


def test_a_refusal_follows_the_customer_to_a_new_number(bench: Bench) -> None:
    bench.take("C1,15400000001,yes,,")
    bench.says(FIRST, "refused")
    bench.says(FIRST, "refused", scope="reminders")
    bench.take("C1,15400000002,yes,,")
    assert (bench.holds(SECOND), bench.holds(SECOND, "reminders")) == ("refused", "refused")
    assert bench.take("C1,15400000002,yes,,") == {"rows": 1, "unchanged": 1, "kept_refusals": 1}


def test_it_does_not_follow_to_a_number_that_has_opted_in_itself(bench: Bench) -> None:
    bench.take("C1,15400000001,,,")
    bench.says(FIRST, "refused")
    bench.says(SECOND, "granted")
    bench.take("C1,15400000002,,,")
    assert bench.holds(SECOND) == "granted"


def test_a_gateway_block_stays_with_its_number(bench: Bench) -> None:
    bench.take("C1,15400000001,,,")
    bench.says(FIRST, "refused", scope="gateway")
    bench.take("C1,15400000002,,,")
    assert bench.all(Consent.id, Consent.phone) == [(1, FIRST)]


@pytest.mark.postgres
def test_a_refusal_that_comes_meanwhile_waits_and_is_the_last_word(
    fresh_postgres_url: Callable[..., str], clock: Clock
) -> None:
    """While an import decides, nobody writes to the ledger: else a grant would be the later row."""
    database = Database(fresh_postgres_url(upgrade), threads=4)
    bench = Bench(database, clock)
    other = Thread(target=bench.says, args=(FIRST, "refused"))
    with database.begin() as connection:
        ledger.hold_back_others(connection)
        found = ledger.standing(connection, [FIRST], ["commercial"])
        other.start()
        other.join(0.2)
        assert other.is_alive()
        assert found == {}
        ledger.record_all(connection, [ledger.Entry(FIRST, "commercial", "granted", "import", "customer:C1")], clock())
    other.join(60)
    assert bench.holds(FIRST) == "refused"
    database.close()
