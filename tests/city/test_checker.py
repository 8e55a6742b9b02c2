"""The checker of the city is worth something only if it sees every breach: each law is broken here on purpose."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.city import checker, ledger, looks
from app.city.checker import LAWS
from app.city.ledger import Act, Told
from app.store import tables
from tests.city.air import LI, WANG, Day, clock, honest

Breach = Callable[[Day], None]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    made = honest(tmp_path)
    yield made
    made.close()


def lose_a_text(day: Day) -> None:
    day.run("DELETE FROM trace WHERE inbound_id = 4")
    day.run("DELETE FROM inbound WHERE id = 4")


def fail_in_silence(day: Day) -> None:
    day.run("UPDATE inbound SET state = 'failed' WHERE id = 4")
    day.run("DELETE FROM trace WHERE inbound_id = 4")


def store_and_forget(day: Day) -> None:
    day.run("DELETE FROM trace WHERE inbound_id = 4")


def take_twice(day: Day) -> None:
    day.add(tables.Trace, phone=LI, inbound_id=4, event="heard", detail={}, at=clock(61))


def answer_twice(day: Day) -> None:
    day.answered(9, LI, "已恢复", 62, inbound_id=4)
    day.answered(10, LI, "已恢复", 63, inbound_id=4)


def take_out_of_order(day: Day) -> None:
    day.run("UPDATE trace SET inbound_id = -1 WHERE inbound_id = 1")
    day.run("UPDATE trace SET inbound_id = 1 WHERE inbound_id = 2")
    day.run("UPDATE trace SET inbound_id = 2 WHERE inbound_id = -1")


def store_out_of_order(day: Day) -> None:
    """What was said after the other had been acknowledged stands before it."""
    day.ledger.texts["SM-in-1"].posted = 30


def answer_out_of_order(day: Day) -> None:
    first, second = day.ledger.tries[0], day.ledger.tries[1]
    day.ledger.tries[:2] = [replace(first, at=23.5), replace(second, at=23.0)]


def tear_a_turn(day: Day) -> None:
    day.run("UPDATE inbound SET state = 'failed' WHERE id = 3")


def advertise_after_the_refusal(day: Day) -> None:
    day.answered(9, LI, "优惠", 50, purpose="commercial", lane=2)


def repeat_what_was_under_way(day: Day) -> None:
    """Sent once more after the refusal; the one that was under way when it came is excused, but not a second try."""
    one = day.answered(9, LI, "优惠", 40.7, purpose="commercial", lane=2)
    day.ledger.texts["SM-in-3"].in_flight = frozenset({9})
    day.again(one, at=50, gateway_id="", answer="429")


def advertise_after_the_second_refusal(day: Day) -> None:
    day.said(5, LI, "STOP", 75).looked = 76
    day.answered(9, LI, "优惠", 80, purpose="commercial", lane=2)


def own_twice(day: Day) -> None:
    day.ledger.acts.append(Act(1, "cai", "claim", 84.1, True))


def reply_without_holding(day: Day) -> None:
    day.ledger.acts.append(Act(1, "an", "reply", 84.1, True))


def own_without_a_ticket(day: Day) -> None:
    day.add(
        tables.Conversation, phone=WANG, language="zh-CN", memory={}, owner="agent:an", version=1, updated_at=clock(1)
    )


def send_twice(day: Day) -> None:
    day.again(day.ledger.tries[1], at=25, gateway_id="SM-again")


def repeat_blindly(day: Day) -> None:
    """The first request may have been taken: no answer told."""
    day.again(day.ledger.tries[1], at=21, gateway_id="", told=False, answer="lost 500")


def forget_a_send(day: Day) -> None:
    day.run("UPDATE messages SET gateway_id = NULL, state = 'failed' WHERE id = 2")


def believe_a_send(day: Day) -> None:
    day.run("UPDATE messages SET gateway_id = 'SM-never' WHERE id = 2")


def let_a_status_fall(day: Day) -> None:
    day.checker.observe()
    day.run("UPDATE messages SET status = 3 WHERE id = 2")
    day.ledger.told.clear()


def replace_a_final_status(day: Day) -> None:
    day.checker.observe()
    day.run("UPDATE messages SET status = 41 WHERE id = 2")


def let_a_status_fall_and_rise(day: Day) -> None:
    for status in (40, 3, 40):
        day.run(f"UPDATE messages SET status = {status} WHERE id = 2")
        day.checker.observe()


def ignore_a_callback(day: Day) -> None:
    day.run("UPDATE messages SET status = 1 WHERE id = 2")


def tell_without_a_code(day: Day) -> None:
    day.answered(9, LI, "可用额度50,002.11元", 90)


def tell_too_late(day: Day) -> None:
    day.answered(9, WANG, "可用额度50,000.11元", 700)


def tell_what_was_never_returned(day: Day) -> None:
    """The service believes in a proof, but no code ever came back on the air."""
    day.ledger.texts["SM-in-2"].body = "654321"


def tell_somebody_elses(day: Day) -> None:
    day.answered(9, WANG, "可用额度50,002.11元", 90)


def take_a_forged_text(day: Day) -> None:
    day.ledger.texts["SM-forged"].acknowledged = 91


def store_a_forged_text(day: Day) -> None:
    day.said(9, WANG, "额度", 90)
    day.ledger.texts["SM-in-9"].forged = True


def leave_a_text_waiting(day: Day) -> None:
    day.run("UPDATE inbound SET state = 'waiting' WHERE id = 4")


def leave_a_send_open(day: Day) -> None:
    day.run("UPDATE messages SET state = 'unsettled' WHERE id = 2")


def never_acknowledge(day: Day) -> None:
    day.ledger.texts["SM-in-4"].acknowledged = None


BREACHES: list[tuple[str, Breach]] = [
    ("texts acknowledged and lost", lose_a_text),
    ("texts acknowledged and lost", fail_in_silence),
    ("texts acknowledged and lost", store_and_forget),
    ("turns applied twice", take_twice),
    ("turns applied twice", answer_twice),
    ("texts or answers out of order", take_out_of_order),
    ("texts or answers out of order", store_out_of_order),
    ("texts or answers out of order", answer_out_of_order),
    ("turns torn apart", tear_a_turn),
    ("commercial texts after a refusal", advertise_after_the_refusal),
    ("commercial texts after a refusal", repeat_what_was_under_way),
    ("commercial texts after a refusal", advertise_after_the_second_refusal),
    ("conversations with two owners", own_twice),
    ("conversations with two owners", reply_without_holding),
    ("conversations with two owners", own_without_a_ticket),
    ("sends repeated", send_twice),
    ("sends repeated", repeat_blindly),
    ("sends lost from sight", forget_a_send),
    ("sends lost from sight", believe_a_send),
    ("statuses gone backwards", let_a_status_fall),
    ("statuses gone backwards", replace_a_final_status),
    ("statuses gone backwards", let_a_status_fall_and_rise),
    ("statuses gone backwards", ignore_a_callback),
    ("figures told without proof", tell_without_a_code),
    ("figures told without proof", tell_too_late),
    ("figures told without proof", tell_what_was_never_returned),
    ("figures told without proof", tell_somebody_elses),
    ("forged requests taken", take_a_forged_text),
    ("forged requests taken", store_a_forged_text),
    ("work left undone", leave_a_text_waiting),
    ("work left undone", leave_a_send_open),
    ("work left undone", never_acknowledge),
]


def test_an_honest_day_breaks_no_law(day: Day) -> None:
    assert day.checker.verdict() == {law: [] for law in LAWS}


@pytest.mark.parametrize(("law", "breach"), BREACHES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_breach_is_seen(day: Day, law: str, breach: Breach) -> None:
    breach(day)
    assert law in day.broken()


def test_every_law_is_broken_here() -> None:
    assert {law for law, _ in BREACHES} == set(LAWS)


def test_what_is_allowed_is_not_taken_for_a_breach(day: Day) -> None:
    """A busy gateway may be asked again, what was under way may arrive, and a number may be told a status late."""
    offer = day.answered(9, LI, "优惠", 40.7, purpose="commercial", lane=2)
    day.ledger.texts["SM-in-3"].in_flight = frozenset({offer.message})
    day.again(day.ledger.tries[0], at=11, gateway_id="", answer="429")
    day.ledger.told.append(Told(2, "SM-out-2", "sent", 24))
    assert day.broken() == set()


@pytest.mark.parametrize("module", [checker, looks, ledger])
def test_the_checker_shares_no_code_with_the_service(module: object) -> None:
    source = Path(str(vars(module)["__file__"])).read_text(encoding="utf-8")
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    ours = {name for name in imported if name.startswith("app")}
    assert all(name.startswith(("app.city.looks", "app.city.ledger")) for name in ours)
    assert "importlib" not in source


def test_the_checker_can_write_nothing(day: Day) -> None:
    with pytest.raises(Exception, match="readonly"):
        day.looks.rows("DELETE FROM inbound RETURNING id")
