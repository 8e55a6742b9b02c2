"""Accounts on PostgreSQL, where rows are held one by one: the lock counts tries that run at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from app.handlers.accounts import codes, others, own, sign_in
from app.store import agents, tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.console.conftest import PASSWORD
from tests.rig import Rig

pytestmark = pytest.mark.postgres


@pytest.fixture
def bank(fresh_postgres_url: Callable[..., str], clock: Clock) -> Iterator[Rig]:
    rig = Rig(fresh_postgres_url(upgrade), clock)
    others.add(rig.service, "小李", "agent", actor="t", password=PASSWORD)
    yield rig
    rig.close()


def enters(bank: Rig, password: str) -> bool:
    try:
        sign_in.with_password(bank.service, "小李", password)
    except sign_in.NotSignedIn:
        return False
    return True


def test_tries_at_the_same_moment_are_all_counted(bank: Rig) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(lambda _: enters(bank, "wrong"), range(12)))
    with bank.service.database.begin() as connection:
        row = agents.by_name(connection, "小李")
    assert row.wrong == 5 and row.locked_until is not None
    assert not enters(bank, PASSWORD)
    assert [found.action for found in bank.rows(tables.Audit)].count("session.lock") == 1


def test_of_two_who_type_the_same_code_one_gets_in(bank: Rig) -> None:
    held = sign_in.with_password(bank.service, "小李", PASSWORD)
    nonce = codes.fresh_nonce()
    totp = pyotp.TOTP(codes.secret_of(bank.service.secret, nonce))
    held = own.prove_factor(bank.service, held.agent, nonce, totp.at(bank.clock()))
    bank.clock.advance(seconds=30)

    def enter(_: int) -> bool:
        try:
            sign_in.with_code(bank.service, held.agent.id, held.epoch, totp.at(bank.clock()))
        except sign_in.NotSignedIn:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(enter, range(4))) == 1


def test_names_that_the_database_would_refuse_are_nobodys(bank: Rig) -> None:
    for name in ("小李\x00", "\x00", "x" * 5000):
        with pytest.raises(sign_in.NotSignedIn):
            sign_in.with_password(bank.service, name, PASSWORD)
    with pytest.raises(others.BadAccount, match="already"):
        others.add(bank.service, "小李", "agent", actor="t")
