"""A seed says the same again: the same people, the same texts, the same faults."""

from __future__ import annotations

import pytest

from app.city import roster
from app.city.characters import OFFER, script
from app.city.clock import START, FastClock
from app.city.faults import Faults
from app.city.run import Plan
from app.city.show import replay


@pytest.mark.parametrize("character", roster.CHARACTERS)
def test_a_seed_writes_the_same_script_again(character: str) -> None:
    lines = script(7, 3, character, 40)
    assert sum(line.body != OFFER for line in lines) == 40
    assert lines == script(7, 3, character, 40)
    assert lines != script(8, 3, character, 40)
    assert lines[:10] == script(7, 3, character, 80)[:10]


def test_the_same_people_live_there() -> None:
    people = roster.settle(7, 200)
    assert people == roster.settle(7, 200)
    assert {one.character for one in people[:8]} == set(roster.CHARACTERS)
    phones = [phone for one in people for phone in one.phones]
    amounts = [amount for one in people for amount in one.amounts]
    assert len(set(phones)) == len(phones)
    assert len(set(amounts)) == len(amounts)
    assert not any(one.amounts for one in people if one.character == "attacker")


def test_each_number_has_faults_of_its_own() -> None:
    """What happens to one number does not depend on how much the others text."""
    alone, busy = Faults(7), Faults(7)
    sends = [alone.send("+1") for _ in range(50)]
    mixed = [(busy.send("+2"), busy.inbound("+1"), busy.send("+1"))[2] for _ in range(50)]
    assert sends == mixed
    assert len(set(sends)) > 3
    busy.calm = True
    assert [busy.send("+1") for _ in range(50)] == ["ok"] * 50
    assert busy.inbound("+1") == [0.0]


def test_the_clock_is_the_same_in_every_process() -> None:
    clock = FastClock(1000.25, 20)
    assert FastClock.read(str(clock)) == clock
    assert clock.at(1000.25) == START
    assert (clock.at(1003.25) - START).total_seconds() == 60
    assert clock.real(60) == 3


def test_the_command_line_that_lives_it_again() -> None:
    assert (
        replay(Plan(300, 60, 5, 2, speed=30)) == "huifu city --texts 300 --customers 60 --seed 5 --kills 2 --speed 30"
    )
    assert "secret" not in replay(Plan(300, 60, 5, database="postgresql://bank:secret@db/huifu"))
