"""The refusal drill sees a refusal that does not work, and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.handlers.self_check.drill import NUMBER, SITUATIONS, SPELLINGS, drill
from app.store import tables
from app.store.database import is_passing
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.rig import Rig


def counts(rig: Rig) -> Mapping[str, int]:
    with rig.service.database.begin() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.Base.metadata.sorted_tables
        }


def test_every_spelling_refuses_in_every_situation(rig: Rig) -> None:
    finding = drill(rig.service)
    assert (finding.looked, finding.problems) == (len(SPELLINGS) * len(SITUATIONS), ())
    assert finding.verdict == "good"


def test_nothing_stays_and_nothing_leaves(rig: Rig) -> None:
    rig.wait(seconds=5)
    before = counts(rig)
    drill(rig.service)
    rig.wait(seconds=5)
    assert counts(rig) == before
    assert rig.network.texts(NUMBER) == []


def test_what_waits_for_customers_is_not_touched(rig: Rig) -> None:
    rig.text("+8615400000001", "您好")
    before = rig.rows(tables.Message)
    drill(rig.service)
    assert [(row.id, row.state, row.attempts) for row in rig.rows(tables.Message)] == [
        (row.id, row.state, row.attempts) for row in before
    ]
    rig.pump()
    assert rig.rows(tables.Message)[0].state == "handed"


BREACHES = {
    "not_kept": "AFTER INSERT ON consents BEGIN DELETE FROM consents WHERE id = NEW.id; END",
    "not_withdrawn": "AFTER UPDATE OF state ON messages WHEN NEW.state = 'withdrawn'"
    " BEGIN UPDATE messages SET state = OLD.state WHERE id = NEW.id; END",
    "offer_left": "AFTER UPDATE OF state ON messages WHEN NEW.state = 'withheld'"
    " BEGIN UPDATE messages SET state = 'sending' WHERE id = NEW.id; END",
    "not_confirmed": "AFTER INSERT ON messages WHEN NEW.purpose = 'answer'"
    " BEGIN DELETE FROM messages WHERE id = NEW.id; END",
    "turn_failed": "BEFORE INSERT ON trace BEGIN SELECT RAISE(ABORT, 'a bug'); END",
}
"""What the database does with the work of a service that is broken so."""


@pytest.mark.parametrize("breach", BREACHES)
def test_a_refusal_that_does_not_work_is_seen(rig: Rig, breach: str) -> None:
    with rig.service.database.begin() as connection:
        connection.exec_driver_sql(f"CREATE TRIGGER {breach} {BREACHES[breach]}")
    finding = drill(rig.service)
    assert breach in {problem.code for problem in finding.problems if problem.about.endswith("(alone)")}
    assert finding.verdict == "bad"


RESTARTS = (
    "CREATE FUNCTION restart() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database();"
    " RETURN NEW; END'",
    "CREATE TRIGGER restarts BEFORE INSERT ON trace FOR EACH ROW EXECUTE FUNCTION restart()",
)


@pytest.mark.postgres
def test_a_database_that_restarts_says_nothing_of_refusals(
    fresh_postgres_url: Callable[..., str], clock: Clock
) -> None:
    """In the middle of a turn."""
    rig = Rig(fresh_postgres_url(upgrade), clock)
    with rig.service.database.begin() as connection:
        for statement in RESTARTS:
            connection.exec_driver_sql(statement)
    with pytest.raises(SQLAlchemyError) as met:
        drill(rig.service)
    assert is_passing(met.value)
    with rig.service.database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER restarts ON trace")
    assert drill(rig.service).verdict == "good"
    rig.close()
